"""Followers of the event log: the totals kept beside it, and the marks on the dashboards."""
