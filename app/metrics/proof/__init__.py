"""The proof: the totals of the event log compared with those of Graphite, and the repair of what Graphite missed."""
