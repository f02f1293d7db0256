"""What people lay over rollouts from outside: incidents, freezes, the emergency stop."""
