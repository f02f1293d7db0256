"""`make fuzz`: generated requests to a running server."""
