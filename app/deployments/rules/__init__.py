"""The rules of rollouts: pure functions of the standard library; time and randomness are arguments."""
