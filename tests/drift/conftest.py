"""A small fleet that has its release, and a vendor whose inventory can be made to differ."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from tests.conftest import Api, Work

Drift = Callable[..., None]
INSTANT = {"silent": 0, "failure": 0, "already_compliant": 0, "fastest_seconds": 0, "slowest_seconds": 0}
GATE = {"target": 0.9, "min_reported": 1, "min_coverage": 0.9, "soak_seconds": 0, "error_ceiling": 0.2}
RINGS = [
    {"name": "lab", "tag": "lab", "gate": GATE},
    {"name": "canary", "share": 10, "gate": GATE},
    {"name": "pilot", "gate": GATE},
]
"""A plan that completes in a few ticks, because these tests are not about rollouts."""


@pytest.fixture
def drift(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drift]:
    """Let the simulated inventory differ: `drift(drift_missing=1)`. Without arguments it no longer differs."""
    from app.settings import load_settings

    def set_profile(**shares: float) -> None:
        monkeypatch.setenv("EUCORA_SIMULATION", "1")
        monkeypatch.setenv("EUCORA_SIMULATED_PROFILE", json.dumps({**INSTANT, **shares}))
        load_settings.cache_clear()

    set_profile()
    yield set_profile
    monkeypatch.undo()
    load_settings.cache_clear()


class Fleet:
    """200 devices, eight of them in the lab, after a rollout that reached them all."""

    def __init__(self, api: Api, drive: Callable[..., None], work: Work) -> None:
        self.api, self.drive, self.work = api, drive, work
        self.devices = api.register(200)
        assert api.raw("PUT", "/ring-plans/quick", json={"rings": RINGS}).status_code == 201

    def roll_out(self, **fields: Any) -> int:
        """Deploy a release to its end; the deployment's id."""
        deployment = int(self.api.deploy(plan="quick", **fields)["id"])
        path = f"/deployments/{deployment}"
        self.drive(60, step=2, until=lambda: self.api.get(path)["state"] == "completed")
        assert self.api.get(path)["state"] == "completed"
        self.work()
        self.deployment = deployment
        return deployment

    def reconcile(self) -> None:
        """As the schedule would: ask for the comparisons and run them."""
        from app.drift import service

        service.reconcile()
        self.work()

    def findings(self, **filters: str) -> list[Any]:
        """Every finding, through the API's pages."""
        query = "".join(f"&{name}={value}" for name, value in filters.items())
        found: list[Any] = []
        answer = self.api.get(f"/drift?limit=500{query}")
        while True:
            found += answer["items"]
            if answer["next"] is None:
                return found
            answer = self.api.get(f"/drift?limit=500{query}&cursor={answer['next']}")

    def counters(self) -> Counter[str]:
        """The totals in Graphite that follow from the log's events of drift, by path."""
        from app.db import db
        from app.events.models import Event
        from app.metrics.projection import totals

        with db.engine.connect() as connection:
            events = connection.execute(Event.__table__.select().where(Event.type.like("drift.%"))).all()
        prefix = "stats.counters.eucora."
        return Counter({name.removeprefix(prefix).removesuffix(".count"): n for name, n in totals(events).items()})


@pytest.fixture
def fleet(drift: Drift, api: Api, drive: Callable[..., None], work: Work) -> Fleet:
    """The fleet with version 1.0 on every device."""
    made = Fleet(api, drive, work)
    made.roll_out()
    return made
