"""Metric analyses of gates: Graphite is read outside of ticks, and the measurements are stored."""
