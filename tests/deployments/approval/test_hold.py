"""A risky rollout: lab and canary run, the pilot waits for people, and goes on when they have signed off."""

from __future__ import annotations

from typing import Any

from app.identity.roles import Role
from tests.support.approval import DANGEROUS, EVIDENCE, Person
from tests.support.clock import Clock
from tests.support.http import Client
from tests.support.jobs import Drive
from tests.support.moments import state_at


def test_the_pilot_of_a_risky_rollout_waits_for_sign_off(person: Person, drive: Drive) -> None:
    requester, approver = person("requester", Role.OPERATOR), person("approver")
    requester.register(2_000)
    deployment_id = int(requester.deploy(risk=DANGEROUS, evidence=EVIDENCE)["id"])
    drive(120, until=lambda: _holds(requester, deployment_id) == ["approval"])
    shown = requester.get(f"/deployments/{deployment_id}")
    assert (shown["state"], _holds(requester, deployment_id)) == ("running", ["approval"])
    assert _states(shown)[:3] == ["passed", "passed", "pending"]
    drive(20)
    waiting = requester.get(f"/deployments/{deployment_id}")
    assert _states(waiting)[2] == "pending"
    assert sum(ring["dispatched"] for ring in waiting["rings"][2:]) == 0
    assert approver.post(f"/deployments/{deployment_id}/approve")[0] == 200
    drive(300, until=lambda: state_at(f"/deployments/{deployment_id}") != "running")
    ended = requester.get(f"/deployments/{deployment_id}")
    assert (ended["state"], _states(ended)) == ("completed", ["passed"] * 5)


def test_a_risk_that_nobody_could_approve_ends_in_planning(person: Person, drive: Drive, clock: Clock) -> None:
    requester = person("requester", Role.OPERATOR)
    requester.register(30)
    deployment_id = int(requester.deploy(risk=DANGEROUS, evidence=EVIDENCE)["id"])
    drive(2)
    shown = requester.get(f"/deployments/{deployment_id}")
    assert (shown["state"], shown["reason"]) == ("rejected", "unsatisfiable_approval")
    assert {ring["targeted"] for ring in shown["rings"]} == {0}


def _holds(client: Client, deployment_id: int) -> list[str]:
    found = client.get(f"/deployments/{deployment_id}")["holds"]
    return sorted({str(hold["hold"]) for hold in found})


def _states(shown: dict[str, Any]) -> list[str]:
    return [str(ring["state"]) for ring in shown["rings"]]
