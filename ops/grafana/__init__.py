"""Grafana: the dashboard from the catalogue, and what Grafana is provisioned with."""
