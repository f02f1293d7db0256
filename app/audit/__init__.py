"""The event log as people see it: its list, its verification, and its heads stored outside the database."""
