"""The one way on after a failed gate: another person, a reason, controls, an expiry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.http.serialization import timestamp
from tests.support.api import Api, make_token
from tests.support.clock import Clock
from tests.support.jobs import Drive
from tests.support.moments import state_at


@pytest.fixture
def failed(api: Api, drive: Drive) -> int:
    """A deployment, paused because its lab failed."""
    api.register(2_000)
    deployment = int(api.deploy()["id"])
    drive(1)
    found = api.get(f"/deployments/{deployment}/assignments?ring=lab&limit=500")["items"]
    body = [
        {"deployment_id": deployment, "external_id": it["external_id"], "sequence": 1, "outcome": "failed"}
        for it in found[:20]
    ]
    assert api.post("/reports", body)[0] == 200
    drive(3)
    assert api.get(f"/deployments/{deployment}")["reason"] == "gate_failed:lab"
    return deployment


@pytest.fixture
def other(api: Api) -> Api:
    """Another person's client."""
    return Api(api.client, make_token("colleague"))


def _terms(clock: Clock, **fields: Any) -> dict[str, Any]:
    expires = (clock.time + timedelta(days=30)).isoformat()
    return {
        "reason": "known printer driver",
        "compensating_controls": "help desk told",
        "expires_at": expires,
        **fields,
    }


def test_a_waived_ring_lets_the_rollout_go_on(failed: int, other: Api, clock: Clock, drive: Drive) -> None:
    status, waived = other.post(f"/deployments/{failed}/waive", _terms(clock))
    assert status == 200, waived
    assert (waived["state"], waived["rings"][0]["state"]) == ("paused", "waived")
    assert other.post(f"/deployments/{failed}/resume")[0] == 200
    drive(200, until=lambda: state_at(f"/deployments/{failed}") == "completed")
    ended = other.get(f"/deployments/{failed}")
    assert [ring["state"] for ring in ended["rings"]] == ["waived", "passed", "passed", "passed", "passed"]
    events = other.get(f"/deployments/{failed}/events?order=oldest&limit=500")["items"]
    (event,) = [it for it in events if it["type"] == "ring.waived"]
    assert event["actor"] == "colleague"
    assert event["payload"]["compensating_controls"] == "help desk told"


def test_whoever_asked_for_the_deployment_cannot_waive(failed: int, api: Api, clock: Clock) -> None:
    status, problem = api.post(f"/deployments/{failed}/waive", _terms(clock))
    assert (status, problem["type"]) == (403, "urn:eucora:problem:own-waiver")
    again = Api(api.client, make_token("tester"))  # another token of the same subject
    assert again.post(f"/deployments/{failed}/waive", _terms(clock))[0] == 403
    assert api.get(f"/deployments/{failed}")["rings"][0]["state"] == "failed"


@pytest.mark.parametrize("days", [-1, 0, 91])
def test_a_waiver_lasts_at_most_ninety_days(failed: int, other: Api, clock: Clock, days: int) -> None:
    terms = _terms(clock, expires_at=(clock.time + timedelta(days=days)).isoformat())
    status, problem = other.post(f"/deployments/{failed}/waive", terms)
    assert status == 422
    assert [error["field"] for error in problem["errors"]] == ["expires_at"]


@pytest.mark.parametrize("field", ["reason", "compensating_controls", "expires_at"])
def test_a_waiver_needs_every_term(failed: int, other: Api, clock: Clock, field: str) -> None:
    terms = _terms(clock)
    del terms[field]
    status, problem = other.post(f"/deployments/{failed}/waive", terms)
    assert (status, problem["errors"][0]["field"]) == (422, field)


def test_an_expired_waiver_refuses_the_resume(failed: int, other: Api, clock: Clock) -> None:
    assert other.post(f"/deployments/{failed}/waive", _terms(clock))[0] == 200
    expires = timestamp(clock.time + timedelta(days=30))
    clock.advance(31 * 24 * 3600)
    status, problem = other.post(f"/deployments/{failed}/resume")
    assert (status, problem["type"]) == (409, "urn:eucora:problem:waiver-expired")
    assert f"The waiver of ring lab expired at {expires}." in problem["detail"]


def test_nothing_to_waive(other: Api, clock: Clock, api: Api, drive: Drive) -> None:
    api.register(500)
    deployment = api.deploy()["id"]
    drive(1)
    status, problem = other.post(f"/deployments/{deployment}/waive", _terms(clock))
    assert (status, problem["type"]) == (409, "urn:eucora:problem:nothing-to-waive")


def test_an_ended_deployment_is_never_waived(failed: int, other: Api, clock: Clock) -> None:
    assert other.post(f"/deployments/{failed}/abort")[0] == 200
    status, problem = other.post(f"/deployments/{failed}/waive", _terms(clock))
    assert (status, problem["type"]) == (409, "urn:eucora:problem:illegal-transition")


def test_nor_under_another_spelling(failed: int, other: Api, clock: Clock) -> None:
    from app.db import db

    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE deployments SET requested_by = 'COLLEAGUE'")
    status, problem = other.post(f"/deployments/{failed}/waive", _terms(clock))
    assert (status, problem["type"]) == (403, "urn:eucora:problem:own-waiver")
