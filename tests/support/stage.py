"""People, devices, a vendor and a clock around the real engine, for tests of whatever may happen."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Flask

from app.db import db
from app.deployments import membership, progress, queries, silence
from app.deployments.approval import break_glass
from app.identity.roles import Role
from tests.support import ways
from tests.support.api import make_token
from tests.support.clock import Clock
from tests.support.database import empty, rows
from tests.support.http import Client
from tests.support.jobs import Work
from tests.support.simulation import CONNECTORS, Behave
from tests.support.timeline import Timeline

PEOPLE = {
    "rita": Role.OPERATOR,
    "otto": Role.OPERATOR,
    "anna": Role.APPROVER,
    "adam": Role.ADMIN,
    "robo": Role.REPORTER,
    "vera": Role.VIEWER,
}
FAULTLESS = {"failure": 0.06, "silent": 0.06, "duplicates": 0.2, "out_of_order": 0.2, "slowest_seconds": 6}
ANSWERS = (200, 201, 202, 403, 404, 409, 422)
ROUNDS = 200
"""So many times everybody does what `next` names until every deployment has ended: far more than it takes.

Ten minutes each. A silent ring takes its patience twice, which the windows of a plan stretch to half a day.
"""


class Stage:
    """What there is, and what people do with it."""

    def __init__(self, app: Flask, work: Work, clock: Clock, behave: Behave) -> None:
        super().__init__()
        db.session.remove()  # what the last example read would keep its tables from being emptied
        empty()
        self.app, self.work, self.clock, self.behave = app, work, clock, behave
        behave(**FAULTLESS)
        self.people = {name: Client(app.test_client(), make_token(name, role)) for name, role in PEOPLE.items()}
        self.timeline = Timeline()
        self.last_post: tuple[str, str, Any, str, Any] | None = None
        """Who sent what to which path under which key, and the answer."""
        self.devices = self.keys = 0

    def send(self, who: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Ask for something; whatever the answer, it is one that the contract has."""
        self.clock.advance(0.001)
        self.keys += 1
        key = f"key-{self.keys}"
        answer = self.people[who].raw(method, path, json=body, headers={"Idempotency-Key": key})
        self.clock.advance(0.001)
        assert answer.status_code in ANSWERS, answer.text
        if 200 <= answer.status_code < 300:
            self.last_post = (who, path, body, key, answer) if method == "POST" else None
        return answer.status_code, answer.json

    def register(self, count: int) -> None:
        """New devices."""
        devices = [self.device(n) for n in range(self.devices, self.devices + count)]
        self.devices += count
        assert self.send("rita", "POST", "/devices", devices)[0] == 200

    def device(self, n: int) -> dict[str, Any]:
        """The device as it is first registered."""
        sites = ("online", "online", "intermittent")
        device = {"external_id": f"d{n:03d}", "platform": "windows", "connector": CONNECTORS[n % 5 == 3]}
        return {**device, "tags": ["lab"] if n % 4 == 0 else [], "site_class": sites[n % 3]}

    def deployment(self, number: int) -> int:
        """One of those that there are, the latest first."""
        ids = [row.id for row in rows("SELECT id FROM deployments ORDER BY id DESC LIMIT 4")]
        return int(ids[number % len(ids)])

    def open_to(self, decision: str, number: int) -> int:
        """One for which `next` names the decision, if there is one; else one that will refuse it."""
        named = [
            it.id for it, following in ways.followed() if decision in {way["decision"] for way in following["ways"]}
        ]
        return int(named[number % len(named)]) if named else self.deployment(number)

    def let(self, sweeps: int, step: float) -> None:
        """Let time pass as the scheduler would."""
        for _ in range(sweeps):
            progress.sweep()
            self.work()
            self.clock.advance(step)

    def keep_house(self) -> None:
        """Run the periodic jobs that the sweep does not start."""
        for job in (silence.give_up, membership.join_all, break_glass.pause_unconfirmed):
            job()
        self.work()

    def set_clock(self, seconds: int) -> None:
        """Set the machine's clock, back or forward."""
        self.timeline.step()
        self.clock.advance(seconds)

    def named(self, id: int) -> list[dict[str, Any]]:
        """The calls that `next` names for a live deployment."""
        calls: list[dict[str, Any]] = self.people["vera"].get(f"/deployments/{id}")["next"]["ways"]
        return calls

    def take(self, deployment: Any, way: dict[str, Any]) -> None:
        """Have a person who may do it make one of these calls, which is never refused."""
        roles, others = {Role.ADMIN, Role(way["role"])}, way["who"] != "anyone"
        able = [it for it, role in PEOPLE.items() if role in roles and not (others and it == deployment.requested_by)]
        bodies = {"waive": ways.terms(), "reschedule": {"starts_at": None, "reason": "it was named"}}
        body = bodies.get(way["decision"], {"reason": "it was named"})
        status, answer = self.send(able[0], "POST", way["call"].removeprefix("POST /api/v1"), body)
        assert 200 <= status < 300, (way, answer)

    def everything_ends(self) -> None:
        """With people who do what `next` names, and with time, every deployment ends: nothing is a dead end.

        Who sees that one way did not help takes the next: a ring whose devices are all silent stalls again when it is
        resumed, until somebody waives it.
        """
        tried: Counter[int] = Counter()
        for _ in range(ROUNDS):
            for deployment in rows(ways.LIVE):
                holds = self.people["vera"].get(f"/deployments/{deployment.id}")["holds"]
                if any(hold["hold"] == "approval" for hold in holds):
                    self.send("anna", "POST", f"/deployments/{deployment.id}/approve", {"comment": "read"})
                if deployment.state == "paused":
                    going_on = [way for way in self.named(deployment.id) if way["decision"] in ways.GOING_ON]
                    self.take(deployment, going_on[tried[deployment.id] % len(going_on)])
                    tried[deployment.id] += 1
            self.let(6, 3)
            self.keep_house()
            if not rows(ways.LIVE):
                return
            self.clock.advance(600)
        raise AssertionError([(it, queries.deployment(it.id)["next"]) for it in rows(ways.LIVE)])
