"""What is stored, read by connections other than the session's, and how all of it is emptied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url, text

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
    "artifacts",
    "evidence_documents",
)
LARGE = 4 * 1024 * 1024
"""Bytes of the tables with rows, above which they are truncated."""
TABLES_OF_OURS = """
SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""
SEQUENCES_FROM_1 = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL
"""


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


@cache
def _superuser(url: str) -> Engine:
    return create_engine(make_url(url).set(username="postgres"), pool_size=1)


def empty() -> None:
    """Empty every table and every queue, and let ids begin with 1 again.

    TRUNCATE makes a new file for each table and index, which takes a tenth of a second for all of them. So rows are
    deleted where there are any, without the triggers that guard the program's tables, until the files have grown.
    """
    with _superuser(load_settings().owner_database_url).begin() as connection:
        tables = connection.scalars(text(TABLES_OF_OURS)).all()
        first_rows = [f"(SELECT '{table}', pg_table_size('{table}') FROM {table} LIMIT 1)" for table in tables]
        filled = connection.execute(text(" UNION ALL ".join(first_rows))).all()
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        if sum(size for _, size in filled) > LARGE:
            connection.execute(text(f"TRUNCATE {', '.join(tables)}"))
        else:
            for table, _ in filled:
                connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(text(SEQUENCES_FROM_1))
    queue.connection().flushall()
