"""EUCORA Control Plane: decides what may go where and when, proves why, and shows it."""
