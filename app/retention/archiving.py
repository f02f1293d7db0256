"""Moving old events from the database to files, a segment at a time, in the order of the log."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import takewhile
from pathlib import Path

from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session

from app.audit import archives
from app.audit.archives import StoredEvent
from app.db import db
from app.deployments.models import Deployment
from app.events.models import Event, EventArchive, EventCursor
from app.events.unit import SYSTEM, unit_of_work
from app.metrics import projection
from app.metrics.following import totals
from app.metrics.models import EventTotal
from app.retention.rows import ALLOW, UNSETTLED, Expired

SEGMENT = 20_000
"""Events in one file and one transaction."""

# Every follower has read what is archived, a deployment that may change keeps all its events, and the newest event
# stays: the next one is chained to it.
_LAST = text(f"""
    SELECT least(
        (SELECT max(id) - 1 FROM {Event.__tablename__}),
        (SELECT min(event_id) FROM {EventCursor.__tablename__}),
        (SELECT coalesce(max(event_id), 0) FROM {EventCursor.__tablename__} WHERE follower = :totals),
        (SELECT min(first.id) - 1
           FROM {Deployment.__tablename__} AS deployment
          CROSS JOIN LATERAL (
               SELECT id FROM {Event.__tablename__} AS event WHERE event.deployment_id = deployment.id
                ORDER BY id LIMIT 1) AS first
          WHERE {UNSETTLED})
    )
""")


def archive_old(folder: Path, before: datetime, is_over: Expired) -> int:
    """Archive the events of before a time that nothing needs any more; returns how many."""
    archived = 0
    while not is_over():
        moved = _archive_next(folder, before)
        archived += moved
        if moved < SEGMENT:
            break
    return archived


def _archive_next(folder: Path, before: datetime) -> int:
    """Write the next segment to a file, then delete its events; in between, both exist, and the next run repeats it."""
    head = archives.newest(db.session())
    last = db.session.execute(_LAST, {"totals": totals.FOLLOWER.name}).scalar_one()
    candidates = archives.page(db.session(), head.last_id if head else 0, SEGMENT, until=last or 0)
    events = list(takewhile(lambda event: event.at < before, candidates))
    db.session.rollback()  # nothing is held while the file is written
    if not events:
        return 0
    name, sha256 = archives.write(folder, events)
    first, newest = events[0], events[-1]
    with unit_of_work(SYSTEM) as unit:
        totals.FOLLOWER.lock(unit.session)
        unit.session.execute(ALLOW)
        unit.session.add(
            EventArchive(
                last_id=newest.id,
                first_id=first.id,
                events=len(events),
                last_hash=newest.hash,
                last_at=newest.at,
                file=name,
                sha256=sha256,
            )
        )
        unit.session.flush()
        unit.session.execute(delete(Event).where(Event.id.between(first.id, newest.id)))
        _count_archived(unit.session, events)
        about = {"first": first.id, "last": newest.id, "hash": newest.hash.hex(), "sha256": sha256.hex()}
        unit.record(archives.ARCHIVED, {**about, "file": name, "until": newest.at.isoformat()})
    return len(events)


def _count_archived(session: Session, events: list[StoredEvent]) -> None:
    """Move the events' part of each total to `archived`, so that a recount of the remaining events can be compared."""
    for series, total in sorted(Counter(projection.totals(events)).items()):
        of_series = update(EventTotal).where(EventTotal.series == series)
        session.execute(of_series.values(archived=EventTotal.archived + total))
