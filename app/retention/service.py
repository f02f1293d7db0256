"""The periodic job: delete old rows and archive old events by the settings `EUCORA_KEEP_…`."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from app import clock
from app.artifacts import checking as artifacts
from app.artifacts.errors import StoreFull, StoreUnavailable
from app.audit import archives
from app.db import alone
from app.events.models import Event
from app.events.unit import SYSTEM, unit_of_work
from app.retention import archiving, rows
from app.settings import Settings, load_settings

log = structlog.get_logger()

ORPHANED = timedelta(days=1)
"""How long a content without an artifact is left alone: it may be of an upload that is not over."""
SECONDS = 60.0
"""Time limit of one run; what remains is left to the next one, an hour later."""


def run(seconds: float = SECONDS) -> None:
    """Delete and archive what is due, unless another process does, and record how much it was."""
    until = time.monotonic() + seconds
    with alone(archives.LOCK) as is_alone:
        if is_alone:
            _run(load_settings(), clock.now(), until)


def _run(settings: Settings, now: datetime, until: float) -> None:
    def is_over() -> bool:
        return time.monotonic() >= until

    gone = {}
    for table in rows.TABLES:
        before = limit(getattr(settings, f"keep_{table}"), now)
        if before is not None and (count := rows.delete_old(table, before, is_over)):
            gone[table] = count
    before = limit(settings.keep_events, now)
    if before is not None and (count := archiving.archive_old(Path(settings.event_archive_dir), before, is_over)):
        gone[Event.__tablename__] = count
    _sweep_store(now, is_over)
    if gone:
        log.info("old rows deleted", rows=gone, is_complete=not is_over())
        with unit_of_work(SYSTEM) as unit:
            unit.record("retention.ran", {"rows": gone, "complete": not is_over()})


def _sweep_store(now: datetime, is_over: Callable[[], bool]) -> None:
    """In the first hour of a day (UTC), since it lists the whole store. One that does not respond waits a day."""
    if now.hour != 0:
        return
    try:
        removed = artifacts.remove_orphans(now - ORPHANED, is_over)
    except (StoreFull, StoreUnavailable) as error:
        log.warning("store of artifacts not swept", reason=error.detail)
        return
    if any(removed.values()):
        log.info("store of artifacts swept", **removed)


def limit(days: int, now: datetime) -> datetime | None:
    """The midnight (UTC) before which rows are old; None if they are kept without end.

    At midnight only, so that there is one run a day with something to do, and not one small archive an hour.
    """
    if not days:
        return None
    return now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
