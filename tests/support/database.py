"""What is stored, read by connections other than the session's, and how all of it is emptied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import create_engine, event, text

from app import queue
from app.db import db
from app.settings import load_settings

TABLES = (
    "applications",
    "releases",
    "devices",
    "ring_plans",
    "deployments",
    "rings",
    "assignments",
    "commands",
    "reports",
    "risk_assessments",
    "approvals",
    "break_glass",
    "incidents",
    "freezes",
    "events",
    "idempotency_keys",
)


def rows(statement: str, **parameters: Any) -> Sequence[Any]:
    """What a statement finds, by a connection of its own."""
    with db.engine.connect() as connection:
        return connection.execute(text(statement), parameters).all()


def counts() -> dict[str, int]:
    """The rows of every table that a request may write to, and the waiting jobs of each queue."""
    with db.engine.connect() as connection:
        found = {table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in TABLES}
    return {**found, **queue.depths()}


@contextmanager
def nothing_written(**expected: int) -> Iterator[None]:
    """Prove that the block writes no row and enqueues no job, except the rows `expected` by table."""
    before = counts()
    yield
    assert counts() == {name: count + expected.get(name, 0) for name, count in before.items()}


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that the block sends to the database."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def contents() -> dict[str, str]:
    """A hash of all rows of every table, and of the waiting jobs."""
    tables = rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    hashed = "SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS hash FROM {} AS t"
    found = {table.name: rows(hashed.format(table.name))[0].hash for table in tables}
    return {**found, "jobs": str(queue.depths())}


@contextmanager
def nothing_changed() -> Iterator[None]:
    """Prove that the block changes no row of any table and enqueues no job."""
    before = contents()
    yield
    assert contents() == before


def waits_for_a_lock() -> bool:
    """Whether a transaction waits for one that another transaction holds."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(rows(waiting))


def empty() -> None:
    """Empty every table and every queue."""
    owner = create_engine(load_settings().owner_database_url)
    with owner.begin() as connection:
        tables = connection.execute(
            text(
                "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables"
                " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            )
        ).scalar_one()
        # The append-only triggers guard the program's tables, not the tests' between two runs.
        for change in ("DISABLE", "ENABLE"):
            for table in ("events", "reports", "event_archives"):
                connection.execute(text(f"ALTER TABLE {table} {change} TRIGGER USER"))
            if change == "DISABLE":
                connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
    owner.dispose()
    queue.connection().flushall()
