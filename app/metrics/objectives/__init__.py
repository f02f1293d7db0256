"""Service level objectives: what they are, how a month met them, how that is printed."""
