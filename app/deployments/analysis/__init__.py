"""Metric analyses of gates: Graphite asked outside of every tick, the answers kept."""
