"""Reconciliation: compares the totals of the event log with Graphite's, and repairs what Graphite missed."""
