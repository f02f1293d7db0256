"""A person ends a ring's soak: the time is waived, and nothing else ever is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.deployments.replay import replay
from app.deployments.rules.gates import POLICY_VERSION
from app.identity.roles import Role
from app.metrics.projection import totals
from tests.support.api import make_token
from tests.support.approval import EVIDENCE
from tests.support.clock import Clock
from tests.support.database import rows
from tests.support.http import Client, refused
from tests.support.jobs import Drive
from tests.support.plans import plan

PATH = "/deployments/1"
SOAK = 3_600
WHY = {"reason": "the hotfix cannot wait"}
LAB = tuple(f"lab-{n}" for n in range(10))


@pytest.fixture
def other(client: Client) -> Client:
    """Another person's client: the one of `client` asks for the deployments."""
    return Client(client.client, make_token("colleague", Role.OPERATOR))


RollOut = Callable[..., Client]


@pytest.fixture
def roll_out(client: Client, drive: Drive) -> RollOut:
    """Start deployment 1, of ten lab devices and thirty others that say nothing by themselves, with this plan."""

    def start(*of_rings: dict[str, Any], **fields: Any) -> Client:
        client.register(30, tags=[], connector="simulated")
        for external_id in LAB:
            client.register(1, tags=["lab"], external_id=external_id)
        wanted = plan(*of_rings, soak_seconds=SOAK, **fields)
        assert client.raw("PUT", "/ring-plans/slow", json=wanted).status_code == 201
        client.deploy(plan="slow", evidence=EVIDENCE)
        return client

    return start


@pytest.fixture
def soaking(roll_out: RollOut, drive: Drive) -> Client:
    """Deployment 1, whose lab lacks nothing but time."""
    client = roll_out()
    drive(20, until=lambda: state(client) == "soaking" and not pending(client))
    drive(3)
    return client


def ring(client: Client, position: int = 0) -> Any:
    return client.get(f"{PATH}/rings")["items"][position]


def state(client: Client, position: int = 0) -> str:
    return str(ring(client, position)["state"])


def pending(client: Client) -> int:
    return int(ring(client)["pending"])


def promotions() -> dict[str, int]:
    found = totals(rows("SELECT type, payload FROM events"))
    return {name.split("promotion.")[1]: count for name, count in found.items() if ".ring.promotion." in name}


def promote(client: Client, **request: Any) -> Any:
    """The answer; `next` named the call exactly if the deployment allowed it."""
    following = client.get(PATH)["next"] or {"ways": []}
    answer = client.raw("POST", f"{PATH}/promote", json=WHY, **request)
    if answer.status_code in (200, 409) and not request:
        named = {way["decision"] for way in following["ways"]}
        assert ("promote" in named) == (answer.status_code == 200)
    return answer


def test_the_next_ring_starts_at_once(soaking: Client, other: Client, drive: Drive) -> None:
    assert (ring(soaking)["verdict"], ring(soaking)["verdict_code"]) == ("wait", "soak")
    before = other.get(PATH)["version"]
    answer = promote(other, headers={"If-Match": f'"{before}"'})
    assert answer.status_code == 200, answer.text
    assert [it["state"] for it in answer.json["rings"]] == ["passed", "pending", "pending"]
    assert answer.json["version"] == before + 1
    (event,) = rows("SELECT * FROM events WHERE type = 'ring.passed'")
    assert event.actor == "colleague"
    assert (event.payload["promotion"], event.payload["reason"]) == ("manual", WHY["reason"])
    assert event.payload["duration_ms"] > 0
    drive(2)
    assert state(soaking, 1) in ("deploying", "soaking")
    assert promotions() == {"lab.canary.manual.count": 1}


def test_its_evaluation_says_so_and_can_be_replayed(soaking: Client, other: Client) -> None:
    assert promote(other).status_code == 200
    last = other.get(f"{PATH}/gates?order=oldest&limit=500")["items"][-1]
    assert (last["verdict"], last["policy_version"], last["inputs"]["soak_waived"]) == ("pass", POLICY_VERSION, True)
    seen = replay()
    assert (seen.found, seen.checked) == (0, len(rows("SELECT 1 FROM gate_evaluations")))
    others = rows("SELECT 1 FROM gate_evaluations WHERE (inputs ->> 'soak_waived')::boolean IS NOT false")
    assert len(others) == 1


def test_the_other_rings_soak_as_ever(soaking: Client, other: Client, drive: Drive, clock: Clock) -> None:
    assert promote(other).status_code == 200
    drive(30, step=2)
    assert [state(soaking, n) for n in (0, 1, 2)] == ["passed", "soaking", "pending"]
    clock.advance(SOAK)
    drive(10)
    assert promotions() == {"lab.canary.manual.count": 1, "canary.pilot.auto.count": 1}


def test_the_last_ring_may_be_promoted_too(soaking: Client, other: Client, drive: Drive) -> None:
    for position in (0, 1, 2):
        drive(30, until=lambda at=position: ring(soaking, at)["verdict_code"] == "soak")
        drive(5)
        assert promote(other).status_code == 200
    drive(3)
    assert other.get(PATH)["state"] == "completed"
    assert promotions() == {"lab.canary.manual.count": 1, "canary.pilot.manual.count": 1}


def test_whoever_asked_for_the_deployment_may_not(soaking: Client) -> None:
    refused(promote(soaking), 403, "own-promotion")
    again = Client(soaking.client, make_token("Tester", Role.OPERATOR))  # another token of the same subject
    refused(promote(again), 403, "own-promotion")
    assert state(soaking) == "soaking"


def test_a_reason_is_needed_and_an_older_version_refused(soaking: Client, other: Client) -> None:
    for body in ({}, {"reason": ""}, {"reason": "  "}, {"reason": "x", "force": True}):
        refused(other.raw("POST", f"{PATH}/promote", json=body), 422, "invalid")
    refused(promote(other, headers={"If-Match": '"1"'}), 412, "stale-version")
    refused(other.raw("POST", "/deployments/99/promote", json=WHY), 404, "no-such-deployment")
    assert state(soaking) == "soaking"


def test_a_retry_promotes_once(soaking: Client, other: Client, drive: Drive) -> None:
    key = {"Idempotency-Key": "once"}
    first, second = promote(other, headers=key), promote(other, headers=key)
    assert first.json == second.json
    assert second.headers["Idempotency-Replayed"] == "true"
    refused(promote(other), 409, "nothing-to-promote")  # the second ring has not started yet
    drive(5)
    assert promotions() == {"lab.canary.manual.count": 1}


def test_a_soak_that_is_over_is_not_ended_by_hand(soaking: Client, other: Client, clock: Clock, drive: Drive) -> None:
    clock.advance(SOAK + 10)
    refused(promote(other), 409, "nothing-to-promote")
    drive(3)
    assert promotions() == {"lab.canary.auto.count": 1}


def test_only_a_running_deployment_is_promoted_and_resuming_never_promotes(
    soaking: Client, other: Client, drive: Drive
) -> None:
    assert soaking.post(f"{PATH}/pause")[0] == 200
    refused(promote(other), 409, "illegal-transition")
    assert soaking.post(f"{PATH}/resume")[0] == 200
    drive(20, step=2)
    assert state(soaking) == "soaking"
    assert promotions() == {}
    assert soaking.post(f"{PATH}/abort")[0] == 200
    refused(promote(other), 409, "illegal-transition")


def report(client: Client, *told: tuple[str, str]) -> None:
    body = [{"deployment_id": 1, "external_id": it, "sequence": 1, "outcome": outcome} for it, outcome in told]
    assert client.post("/reports", body)[0] == 200


@pytest.fixture
def planned(roll_out: RollOut) -> Callable[..., Client]:
    """Start deployment 1 and let no connector be told of it: what its devices say, the test says."""
    from app.deployments import progress

    def start(*of_rings: dict[str, Any], **fields: Any) -> Client:
        client = roll_out(*of_rings, **fields)
        progress.plan(1)
        return client

    return start


def tick() -> None:
    from app.deployments import progress

    progress.advance(1)


def all_but(missing: int, outcome: str = "succeeded") -> list[tuple[str, str]]:
    return [(it, outcome) for it in LAB[missing:]]


@pytest.mark.parametrize(
    ("fields", "told", "sentence"),
    [
        ({"min_reported": 5}, all_but(8), "2 of 5 devices reported"),
        ({"min_coverage": 0.9, "strict": True}, all_but(2), "80.0% of the devices reported"),
        (
            {"target": 0.95, "error_ceiling": 0.5, "strict": True},
            [(LAB[0], "failed"), *all_but(1)],
            "cannot be reached any more",
        ),
        (
            {"target": 0.7, "error_ceiling": 0.31, "strict": True},
            [*all_but(6, "failed"), *all_but(0)[:6]],
            "devices failed",
        ),
        ({"validates_rollback": True}, all_but(0), "rolled back and installed again"),
    ],
)
def test_what_else_is_missing_is_not_passed_over(
    planned: Callable[..., Client], other: Client, fields: dict[str, Any], told: list[tuple[str, str]], sentence: str
) -> None:
    client = planned(**fields)
    tick()
    report(client, *told)
    assert sentence in refused(promote(other), 409, "promotion-refused")["detail"]
    assert state(client) == "deploying"
    assert rows("SELECT 1 FROM gate_evaluations WHERE verdict = 'pass'") == []


def test_nor_is_an_open_incident(soaking: Client, other: Client) -> None:
    incident = {"severity": "P0", "title": "calls", "deployment_id": 1}
    assert soaking.post("/incidents", incident)[0] == 201
    assert "P0" in refused(promote(other), 409, "promotion-refused")["detail"]
    assert promotions() == {}


def test_nor_what_became_compliant_too_late(planned: Callable[..., Client], other: Client, clock: Clock) -> None:
    from app.deployments import dispatch

    client = planned(compliant_within={"online": 60})
    tick()
    dispatch.deliver(1)
    clock.advance(61)
    report(client, *all_but(0))
    assert "became compliant too late" in refused(promote(other), 409, "promotion-refused")["detail"]


def test_nor_an_analysis_that_has_not_passed(planned: Callable[..., Client], other: Client) -> None:
    analysis = {"name": "calls", "numerator": "a", "success": {"op": "<", "value": 1}}
    client = planned(analyses=[analysis])
    tick()
    report(client, *all_but(0))
    assert "analysis calls" in refused(promote(other), 409, "promotion-refused")["detail"]


def test_a_ring_that_no_tick_has_seen_covered_begins_to_soak_and_ends(
    planned: Callable[..., Client], other: Client
) -> None:
    from app.deployments import dispatch

    client = planned()
    tick()
    dispatch.deliver(1)
    report(client, *all_but(0))
    assert state(client) == "deploying"
    assert promote(other).status_code == 200
    assert [row.type for row in rows("SELECT type FROM events WHERE type LIKE 'ring.%' ORDER BY id")] == [
        "ring.started",
        "ring.soaking",
        "ring.passed",
    ]
    assert replay().found == 0


def test_a_ring_that_has_not_started_or_has_failed_is_not_promoted(
    planned: Callable[..., Client], other: Client
) -> None:
    client = planned(error_ceiling=0.3)
    refused(promote(other), 409, "nothing-to-promote")
    tick()
    report(client, *all_but(0, "failed"))
    refused(promote(other), 409, "promotion-refused")
    tick()
    assert (client.get(PATH)["state"], state(client)) == ("paused", "failed")
    refused(promote(other), 409, "illegal-transition")


def test_the_next_ring_still_waits_for_its_sign_off(roll_out: RollOut, other: Client, drive: Drive) -> None:
    make_token("approver", Role.APPROVER)
    client = roll_out({}, {"approval": {"when": "always", "people": 1}})
    drive(20, until=lambda: ring(client)["verdict_code"] == "soak")
    drive(5)
    assert promote(other).status_code == 200
    drive(10)
    assert state(client, 1) == "pending"
    assert [hold["hold"] for hold in client.get(PATH)["holds"]] == ["approval"]


def test_under_an_emergency_stop_nothing_is_told(soaking: Client, other: Client, drive: Drive) -> None:
    assert soaking.post("/emergency-stop", {"reason": "fire"})[0] == 201
    assert promote(other).status_code == 200
    drive(10)
    assert state(soaking, 1) == "pending"
