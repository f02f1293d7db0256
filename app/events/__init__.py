"""The append-only, hash-chained event log, the unit of work that writes it, and its followers."""
