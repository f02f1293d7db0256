"""Retention: old rows are deleted and old events archived; what anything still reads stays."""
