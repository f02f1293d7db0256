"""An event log of many types, made up from a seed, and what it adds up to."""

from __future__ import annotations

import random

from sqlalchemy import select

from app.db import db
from app.events.models import Event
from app.events.unit import unit_of_work
from app.metrics import projection


def reports(rng: random.Random) -> dict[str, object]:
    """The payload of one report batch."""
    tallies = [
        {
            "ring": ring,
            "connector": rng.choice(["simulated", "intune"]),
            "outcome": outcome,
            "count": rng.randint(1, 90),
        }
        for ring in ("lab", "canary")
        for outcome in rng.sample(["succeeded", "failed", "installing"], 2)
    ]
    counted = {result: rng.randint(0, 50) for result in ("received", "rejected", "late", "duplicate")}
    return {**counted, "tallies": tallies}


def ended(rng: random.Random) -> dict[str, object]:
    """The payload of a ring's end."""
    return {"ring": "lab", "next_ring": "canary", "duration_ms": rng.choice([None, rng.randint(1, 10**7)])}


def write(count: int, seed: int = 1) -> None:
    """Append so many events of several types, in units of several sizes."""
    rng = random.Random(seed)
    while count > 0:
        size = min(rng.randint(1, 40), count)
        with unit_of_work("test") as unit:
            for _ in range(size):
                match rng.randrange(4):
                    case 0:
                        unit.record("ring.passed", ended(rng))
                    case 1:
                        unit.record("deployment.planned", {})  # of no metric
                    case 2:
                        unit.record("deployment.assessed", {"score": rng.randint(0, 100)})
                    case _:
                        unit.record("reports.ingested", reports(rng))
        count -= size


def of_the_log() -> dict[str, int]:
    """The totals of all events, in one piece."""
    return projection.totals(db.session.execute(select(Event.type, Event.payload)).all())
