"""The API that devices pull from: hawkBit's Direct Device Integration (DDI), as the clients of others speak it."""
