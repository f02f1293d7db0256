"""Alembic's environment: migrations run as the role that owns the schema."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine

from app.connectors import snapshots  # noqa: F401  # its tables belong to the schema before a vendor uses them
from app.db import db
from app.settings import load_settings


def run() -> None:
    """Apply migrations in one transaction; two at once wait for each other."""
    engine = create_engine(load_settings().owner_database_url)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=db.metadata, compare_type=True)
        with context.begin_transaction():
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7166202)")
            context.run_migrations()
    engine.dispose()


run()
