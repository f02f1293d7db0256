"""The append-only, chained log of every decision, and the one unit of work that writes it."""
