"""Grafana: the generators of dashboards and alert rules, and the files Grafana is provisioned with."""
