"""Whether a stack's books are right after whatever has happened to it: counters, chain, verdicts, totals."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import select, text

from app.audit.verify import verify
from app.db import db
from app.demo.proof import last_event_id
from app.deployments import queries, replay
from app.deployments.models import Deployment, Ring
from app.metrics.proof.carbon import Carbon
from app.metrics.proof.reconcile import reconcile
from app.metrics.reading.graphite import Graphite
from app.settings import load_settings

Figure = tuple[str, str, str]
QUIET_SECONDS = 22.0
"""Without events for so long, every window is closed and every count flushed."""
SETTLE_SECONDS = 600.0


def until_quiet() -> bool:
    """Wait until nothing writes events; whether that was so in time."""
    deadline, since, last = time.monotonic() + SETTLE_SECONDS, time.monotonic(), last_event_id()
    while time.monotonic() < min(deadline, since + QUIET_SECONDS):
        time.sleep(1)
        newest = last_event_id()
        if newest != last:
            since, last = time.monotonic(), newest
    return time.monotonic() < deadline


def figures(since: datetime, incidents: Iterable[int]) -> list[Figure]:
    """What is compared, how much of it is right, and the goal. Repairs Graphite's totals."""
    return [*_rows(list(incidents)), *_audits(), *_totals(since)]


def _rows(incidents: list[int]) -> list[Figure]:
    rings, wrong = _recounted()
    with db.engine.connect() as connection:
        stored, titles = connection.execute(
            text("SELECT count(*), count(DISTINCT title) FROM incidents WHERE title LIKE 'soak-%'")
        ).one()
        twice = connection.execute(
            text(
                "SELECT count(*) FROM (SELECT 1 FROM simulated_publications, unnest(devices) AS device"
                " WHERE key LIKE '%:publish:%' GROUP BY application, version, device HAVING count(*) > 1) AS again"
            )
        ).scalar_one()
    answered = len(set(incidents))
    return [
        ("rings whose counters equal a recount of their devices", f"{rings - wrong} of {rings}", "all"),
        ("devices told twice by one deployment", f"{twice}", "0"),
        ("incidents answered, stored, stored once", f"{answered}, {stored}, {titles}", "the same"),
    ]


def _recounted() -> tuple[int, int]:
    """How many rings there are, and how many have counters that differ from their devices."""
    rings = wrong = 0
    for deployment_id in db.session.scalars(select(Deployment.id)).all():
        counted = queries.recount(deployment_id)
        for ring in db.session.scalars(select(Ring).where(Ring.deployment_id == deployment_id)):
            found = counted.get(ring.key, {})
            rings += 1
            wrong += any(getattr(ring, name) != count for name, count in found.items())
        db.session.rollback()
    return rings, wrong


def _audits() -> list[Figure]:
    chain, verdicts = verify(), replay.replay()
    return [
        ("events of the chain with a finding", f"{chain.found} of {chain.checked:,}", "0"),
        ("verdicts that differ when judged again", f"{verdicts.found} of {verdicts.checked:,}", "0"),
    ]


def _totals(since: datetime) -> list[Figure]:
    settings = load_settings()
    graphite, carbon = Graphite(settings.graphite_url), Carbon(settings.carbon_host, settings.carbon_port)
    repaired = reconcile(graphite, since, datetime.now(UTC), carbon=carbon)
    again = reconcile(graphite, since, datetime.now(UTC))
    missed = sum(row.difference for row in repaired.rows if row.series.endswith(".count"))
    equal = again.series - len(again.rows)
    return [
        ("counts that Graphite missed, before the repair", f"{missed:,.0f} of {repaired.events:,} events", ""),
        ("series equal after the repair", f"{equal} of {again.series}", "all"),
        *(("note", note, "") for note in again.notes),
    ]
