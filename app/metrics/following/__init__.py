"""Followers of the event log: the totals stored next to it, and the annotations on the dashboards."""
