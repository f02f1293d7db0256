"""The connector of devices that ask for their work themselves, over hawkBit's Direct Device Integration (DDI)."""
