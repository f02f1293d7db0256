"""What people use to control rollouts from outside: incidents, freezes, emergency stops."""
