"""No live deployment without a next: it says what it waits for, and every call that it names is open to who it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from app import clock
from app.deployments import queries, rollback, service, starts, waivers
from app.deployments.schemas import WaiverIn
from app.deployments.scope_schemas import RescheduleIn
from app.events.unit import unit_of_work
from tests.support.database import rows

GOING_ON = {"resume", "waive"}
"""The calls that move a paused deployment on, other than by ending it."""
LIVE = "SELECT id, state, requested_by FROM deployments WHERE state IN ('planning', 'running', 'paused') ORDER BY id"


class _Undone(Exception):
    """Rolls back what was tried."""


def terms(hours: float = 48, **fields: Any) -> dict[str, Any]:
    """The terms of a waiver that lasts so long."""
    expires = (clock.now() + timedelta(hours=hours)).isoformat()
    return {"reason": "known", "compensating_controls": "help desk", "expires_at": expires, **fields}


TRIALS: Mapping[str, Callable[[str, int], object]] = {
    "pause": lambda who, number: service.pause(who, number, "trial"),
    "resume": lambda who, number: service.resume(who, number, "trial"),
    "promote": lambda who, number: service.promote(who, number, "trial"),
    "reschedule": lambda who, number: starts.reschedule(who, number, RescheduleIn(starts_at=None)),
    "abort": lambda who, number: service.abort(who, number, "trial"),
    "rollback": lambda who, number: rollback.request(who, number, "trial"),
    "waive": lambda who, number: waivers.grant(who, number, WaiverIn(**terms())),
}


def followed() -> Iterator[tuple[Any, dict[str, Any]]]:
    """Each live deployment with its `next`."""
    for deployment in rows(LIVE):
        yield deployment, queries.deployment(deployment.id)["next"]


def nobody_is_stuck() -> None:
    """Every live deployment says what it waits for, and one that is paused who can move it on; no other says so."""
    for deployment, following in followed():
        assert following["awaits"], deployment
        assert all(awaited["what"] and awaited["reason"] for awaited in following["awaits"]), following
        decisions = {way["decision"] for way in following["ways"]}
        assert "abort" in decisions, following
        assert deployment.state != "paused" or decisions & GOING_ON, following
    ended = "SELECT id FROM deployments WHERE state NOT IN ('planning', 'running', 'paused') ORDER BY id DESC LIMIT 1"
    for deployment in rows(ended):
        assert queries.deployment(deployment.id)["next"] is None


def every_way_is_open() -> None:
    """Each call that a live deployment names is not refused; what it does is rolled back."""
    for deployment, following in followed():
        for way in following["ways"]:
            who = deployment.requested_by if way["who"] == "anyone" else "another person"
            try:
                with unit_of_work(who):
                    TRIALS[way["decision"]](who, deployment.id)
                    raise _Undone
            except _Undone:
                continue
