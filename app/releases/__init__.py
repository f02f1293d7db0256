"""Applications, their releases, and which release each device has."""
