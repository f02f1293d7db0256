"""Devices: the endpoints, and how they are registered in bulk."""
