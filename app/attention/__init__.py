"""What needs a person now, and what is live: read from PostgreSQL and Redis, never from Graphite."""
