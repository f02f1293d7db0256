"""Commands: instructions to connectors, kept from before they are sent until their results are in."""
