"""Deployments: one release going through one snapshot of a ring plan."""
