"""Alembic's environment: migrations run as the role that owns the schema."""

from __future__ import annotations

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, inspect

from app.connectors import snapshots  # noqa: F401  # its tables belong to the schema before a vendor uses them
from app.db import db
from app.settings import load_settings

# Migrations 0001 and 0003 were still changed while 0.1.0 was being developed. A database of an earlier build names the
# same migration, but lacks what was added last; the migrations that follow would fail, or succeed and leave it broken.
ADDED_LAST = {"0001": ("waivers", "granted_by"), "0003": ("commands", "collected_at")}


def require_released(connection: Connection) -> None:
    """Refuse a database that a development build wrote. Raises CommandError."""
    revision = context.get_context().get_current_revision()
    if revision is None:
        return
    schema = inspect(connection)
    for number, (table, column) in ADDED_LAST.items():
        if revision >= number and not (
            schema.has_table(table) and any(found["name"] == column for found in schema.get_columns(table))
        ):
            raise CommandError(
                f"This database cannot be upgraded: {table}.{column} is missing, so a development build from before "
                "version 0.1.0 (2026-11-24) created it. Nothing was changed. Create a new database, and register the "
                "devices there again."
            )


def run() -> None:
    """Apply migrations in one transaction; two at once wait for each other."""
    engine = create_engine(load_settings().owner_database_url)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=db.metadata, compare_type=True)
        with context.begin_transaction():
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7166202)")
            require_released(connection)
            context.run_migrations()
    engine.dispose()


run()
