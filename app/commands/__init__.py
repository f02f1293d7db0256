"""Commands: instructions to connectors, stored before they are sent and kept with their results."""
