"""EUCORA Control Plane: decides what may go where and when, and records the reason."""
