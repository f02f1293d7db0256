"""`flask backup` and `flask restore`: PostgreSQL's database, and whisper files if they are on this machine."""
