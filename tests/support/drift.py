"""A small fleet that has its release, and what the comparison of inventories finds about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from app.connectors.protocol import ConnectorError, ErrorClass, InventoryPage
from app.connectors.simulated.connector import SimulatedConnector
from app.connectors.simulated.profile import SimulatedProfile
from app.db import db
from app.drift import remediation, service
from app.events.models import Event
from app.metrics.projection import totals
from tests.support.api import Api
from tests.support.database import rows
from tests.support.jobs import Drive, Work
from tests.support.moments import state_at

Limit = Callable[..., None]
"""`limit(share=..., devices=...)`: from now on, so many devices may differ at once and still be remediated."""
INSTANT = {"silent": 0, "failure": 0, "already_compliant": 0, "fastest_seconds": 0, "slowest_seconds": 0}
GATE = {"target": 0.9, "min_reported": 1, "min_coverage": 0.9, "soak_seconds": 0, "error_ceiling": 0.2}
RINGS = [
    {"name": "lab", "tag": "lab", "gate": GATE, "auto_remediate": True},
    {"name": "canary", "share": 10, "gate": GATE, "auto_remediate": True},
    {"name": "pilot", "gate": GATE},
]
"""A plan that is through in a few ticks; what a test has to wait for is not how devices are reached."""


def change(statement: str, **parameters: object) -> None:
    """Change a row in a way that the API does not offer."""
    with db.engine.begin() as connection:
        connection.execute(text(statement), parameters)


class Interrupted(SimulatedConnector):
    """A vendor whose inventory fails after so many pages."""

    def __init__(self, pages: int, **profile: float) -> None:
        super().__init__(SimulatedProfile.model_validate({**INSTANT, **profile}), faults=True)
        self.pages, self.asked = pages, 0

    def inventory(self, application: str, platform: str, cursor: str, limit: int) -> InventoryPage:
        self.asked += 1
        if self.asked > self.pages:
            raise ConnectorError(ErrorClass.TRANSIENT, "503: service unavailable")
        return super().inventory(application, platform, cursor, limit)


class Fleet:
    """200 devices, eight of them in the lab, after a rollout that reached them all."""

    def __init__(self, api: Api, drive: Drive, work: Work) -> None:
        self.api, self.drive, self.work = api, drive, work
        self.devices = api.register(200)
        assert api.raw("PUT", "/ring-plans/quick", json={"rings": RINGS}).status_code == 201

    def roll_out(self, **fields: Any) -> int:
        """Deploy a release to its end; the deployment's id."""
        deployment = int(self.api.deploy(plan="quick", **fields)["id"])
        path = f"/deployments/{deployment}"
        self.drive(60, step=2, until=lambda: state_at(path) == "completed")
        assert self.api.get(path)["state"] == "completed"
        self.work()
        self.deployment = deployment
        return deployment

    def reconcile(self) -> None:
        """As the schedule would: ask for the comparisons and run them."""
        service.reconcile()
        self.work()

    def findings(self, **filters: str) -> list[Any]:
        """Every finding, through the API's pages."""
        query = "".join(f"&{name}={value}" for name, value in filters.items())
        found: list[Any] = []
        answer = self.api.get(f"/drift?order=oldest&limit=500{query}")
        while True:
            found += answer["items"]
            if answer["next"] is None:
                return found
            answer = self.api.get(f"/drift?order=oldest&limit=500{query}&cursor={answer['next']}")

    def counters(self) -> Counter[str]:
        """What the log's events of drift add up to in Graphite, by path."""
        with db.engine.connect() as connection:
            events = connection.execute(Event.__table__.select().where(Event.type.like("drift.%"))).all()
        prefix = "stats.counters.eucora."
        return Counter({name.removeprefix(prefix).removesuffix(".count"): n for name, n in totals(events).items()})


def remediate(fleet: Fleet) -> None:
    """As the schedule would, with the deliveries that follow from it."""
    remediation.remediate()
    fleet.drive(2)


def instructed(purpose: str = "remediation") -> Counter[str]:
    """Devices for which the vendor got instructions with this purpose, by ring."""
    publications = rows(
        """
        SELECT publication.ring, cardinality(publication.devices) AS devices
          FROM simulated_publications AS publication JOIN commands USING (key) WHERE purpose = :purpose
        """,
        purpose=purpose,
    )
    devices: Counter[str] = Counter()
    for publication in publications:
        devices[publication.ring] += publication.devices
    return devices


def issued() -> list[int]:
    """How many devices each command for remediation has, the smallest first."""
    return [row.size for row in rows("SELECT size FROM commands WHERE purpose = 'remediation' ORDER BY size")]
