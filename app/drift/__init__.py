"""Reconciliation: what devices should have against what their connector says they have."""
