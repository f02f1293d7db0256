"""Runs and configures the control plane: the local stack, containers, Grafana, Graphite, StatsD, PostgreSQL."""
