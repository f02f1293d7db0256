"""Reading metrics back: the client of graphite-web, and the catalogue with its current values."""
