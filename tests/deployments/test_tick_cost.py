"""A tick asks the database the same number of questions, however many devices the ring has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.api import Api, make_token
from tests.support.approval import EVIDENCE
from tests.support.clock import Clock
from tests.support.database import rows, statements

FEW, MANY, RATE = 100, 5_000, 25
MOST_STATEMENTS = 20
"""What the dearest of these ticks may cost: the one that dispatches a ring under rate, approval and analyses."""
GATE = {"target": 0.9, "min_reported": 1, "min_coverage": 0.9, "soak_seconds": 60, "error_ceiling": 0.2}
PLAIN = {"name": "everyone", "gate": GATE}
GUARDED = {
    "name": "everyone",
    "approval": {"when": "always", "people": 1},
    "devices_per_minute": RATE,
    "gate": {
        **GATE,
        "analyses": [
            {"name": name, "numerator": "stats.nothing", "success": {"op": "<", "value": 1}}
            for name in ("errors", "load")
        ],
    },
}


def tick(deployment: int) -> int:
    """One tick; the number of its statements."""
    from app.deployments import progress

    with statements() as sent:
        progress.advance(deployment)
    return len(sent)


def commands(deployment: int, action: Callable[[int], None]) -> int:
    """Carry an action out for each of the deployment's commands; the devices told so far."""
    sizes = rows("SELECT id, size FROM commands WHERE deployment_id = :id ORDER BY id", id=deployment)
    for command in sizes:
        action(command.id)
    return sum(command.size for command in sizes)


def state(api: Api, deployment: int) -> str:
    (ring,) = api.get(f"/deployments/{deployment}/rings")["items"]
    return str(ring["state"])


@pytest.fixture
def start(api: Api) -> Callable[[dict[str, Any], int], int]:
    """Plan a rollout with that one ring over that many devices; the fleet has FEW and MANY of them, by tag."""
    from app.deployments import progress

    api.register(FEW, tags=["few"])
    fleet = [
        {"external_id": f"many-{n}", "platform": "windows", "connector": "simulated", "tags": ["many"]}
        for n in range(MANY)
    ]
    for begin in range(0, MANY, 2_500):
        assert api.post("/devices", fleet[begin : begin + 2_500])[0] == 200

    def run(ring: dict[str, Any], devices: int) -> int:
        tag = "few" if devices == FEW else "many"
        assert api.raw("PUT", "/ring-plans/mine", json={"rings": [ring]}).status_code in (200, 201)
        fields = {"plan": "mine", "scope": {"tags": [tag]}, "evidence": EVIDENCE}
        deployment = int(api.deploy(application=f"app-{tag}", **fields)["id"])
        progress.plan(deployment)
        (planned,) = api.get(f"/deployments/{deployment}/rings")["items"]
        assert planned["targeted"] == devices
        return deployment

    return run


Start = Callable[[dict[str, Any], int], int]


def test_a_tick_of_a_plain_ring_costs_the_same_for_few_and_many(api: Api, clock: Clock, start: Start) -> None:
    from app.deployments import dispatch

    def rollout(devices: int) -> list[int]:
        deployment = start(PLAIN, devices)
        costs = [tick(deployment)]  # starts the ring and dispatches it
        assert commands(deployment, dispatch.deliver) == devices
        costs.append(tick(deployment))  # nobody has answered
        clock.advance(2)
        commands(deployment, dispatch.collect)
        costs.append(tick(deployment))  # some have
        clock.advance(60)
        commands(deployment, dispatch.collect)
        costs.append(tick(deployment))  # all have: it soaks
        assert state(api, deployment) == "soaking"
        costs.append(tick(deployment))
        clock.advance(61)
        costs.append(tick(deployment))  # it passes
        assert state(api, deployment) == "passed"
        return costs

    few, many = rollout(FEW), rollout(MANY)
    assert few == many
    assert max(few) <= MOST_STATEMENTS


def test_a_tick_of_a_ring_with_rate_approval_and_analyses_costs_the_same(api: Api, clock: Clock, start: Start) -> None:
    from app.deployments import dispatch

    approver = Api(api.client, make_token("approver"))

    def rollout(devices: int) -> list[int]:
        deployment = start(GUARDED, devices)
        costs = [tick(deployment), tick(deployment)]  # both wait for the approval
        assert commands(deployment, dispatch.deliver) == 0
        status, answer = approver.post(f"/deployments/{deployment}/approve")
        assert status == 200, answer
        costs.append(tick(deployment))  # what the rate lets through is dispatched
        assert commands(deployment, dispatch.deliver) == RATE
        costs += [tick(deployment), tick(deployment)]  # the rate holds the rest
        clock.advance(61)
        commands(deployment, dispatch.collect)
        costs.append(tick(deployment))  # the next minute's
        assert commands(deployment, dispatch.deliver) == 2 * RATE
        costs.append(tick(deployment))
        return costs

    few, many = rollout(FEW), rollout(MANY)
    assert few == many
    assert max(few) <= MOST_STATEMENTS
