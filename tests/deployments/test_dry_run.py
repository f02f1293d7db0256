"""Dry runs of requested deployments: refused like a real request, in agreement with it, and without a trace."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from app.identity.roles import Role
from tests.support.api import deployment, make_token
from tests.support.approval import DANGEROUS, EVIDENCE
from tests.support.clock import Clock
from tests.support.database import nothing_changed
from tests.support.fleet import DEVICES, Fleet
from tests.support.http import Client, refused
from tests.support.jobs import Drive
from tests.support.moments import state_at
from tests.support.plans import PLANS, gate
from tests.support.previews import DRY, of_plan, planned, previewed, put

NEWER = {"version": "2.0", "artifact_hash": "sha256:" + "b" * 64}


def test_a_dry_run_takes_no_idempotency_key(client: Client) -> None:
    client.register(10)
    key = {"Idempotency-Key": "one"}
    with nothing_changed():
        assert client.raw("POST", DRY, json=deployment(), headers=key).status_code == 200
        assert client.raw("POST", DRY, json=deployment(version="2.0"), headers=key).status_code == 200
    real = client.raw("POST", "/deployments?dry_run=false", json=deployment(), headers=key)
    assert real.status_code == 201
    assert "Idempotency-Replayed" not in real.headers
    assert real.json["id"] == 1  # previews used up no ids
    with nothing_changed():
        again = client.raw("POST", "/deployments?dry_run=false", json=deployment(), headers=key)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    for path in ("/deployments", "/deployments?dry_run=no", "/deployments?dry_run=maybe"):
        refused(client.raw("POST", path, json=deployment(), headers=key), 409, "idempotency-key-reused")


@pytest.mark.parametrize(
    "fields",
    [
        {"plan": "no such plan"},
        {"risk": {"critical_cves": 2}},
        {"plan": "signed", "risk": {"privileged_tooling": True}},
        {"artifact_hash": "sha256:" + "c" * 64},
        NEWER,
        {**NEWER, "supersede": True, "scope": {"tags": ["nowhere"]}},
        {"platform": "toaster"},
        {"scope": {"tags": ["Not A Tag"]}},
        {"supersedes_rollback": 0},
        {"devices": 5},
    ],
    ids=lambda fields: "-".join(fields),
)
def test_what_refuses_a_request_refuses_its_dry_run(client: Client, fields: dict[str, Any]) -> None:
    client.register(10)
    put(client, "signed", PLANS["signed"])
    planned(client)
    with nothing_changed():
        dry = client.raw("POST", DRY, json=deployment(**fields))
    real = client.raw("POST", "/deployments", json=deployment(**fields))
    assert dry.status_code in (409, 422)
    assert (dry.status_code, dry.json) == (real.status_code, real.json)


def test_a_live_rollback_must_be_named_in_a_dry_run_too(client: Client, drive: Drive) -> None:
    client.register(10)
    first = client.deploy()["id"]
    drive(5)
    back = client.post(f"/deployments/{first}/rollback", {"reason": "it crashes"})[1]["id"]
    with nothing_changed():
        refused(client.raw("POST", DRY, json=deployment(**NEWER, supersede=True)), 409, "live-rollback")
        refused(client.raw("POST", DRY, json=deployment(**NEWER)), 409, "live-deployment")
    assert previewed(client, **NEWER, supersedes_rollback=back)["request"]["supersedes"] == back
    assert client.get(f"/deployments/{back}")["state"] == "planning"


@pytest.mark.parametrize(
    ("query", "field"),
    [("dry_run=maybe", "dry_run"), ("dry_run=true&dry_run=false", "dry_run"), ("dryrun=true", "dryrun")],
)
def test_a_misspelt_dry_run_creates_nothing(client: Client, query: str, field: str) -> None:
    client.register(10)
    with nothing_changed():
        found = refused(client.raw("POST", f"/deployments?{query}", json=deployment()), 422, "invalid", field)
    assert "query" in found["detail"]


def test_the_risk_is_the_one_that_planning_assesses(client: Client, drive: Drive) -> None:
    client.register(30, criticality="critical")
    make_token("colleague", Role.APPROVER)
    fields: dict[str, Any] = {"risk": {"privilege": 0.3}, "evidence": {"sbom": EVIDENCE["sbom"]}}
    for version in ("1.0", "2.0", "3.0"):
        release = {**fields, "version": version, "supersede": True}
        expected = previewed(client, **release)["request"]
        real = client.deploy(**release)
        drive(3)  # planned, and the one before it is settled
        (assessed,) = client.get(f"/deployments/{real['id']}/risk")["items"]
        assert {name: assessed[name] for name in expected["risk"]} == expected["risk"]
        assert expected["supersedes"] == real["supersedes"]
        assert expected["missing_evidence"] == client.get(f"/deployments/{real['id']}/evidence")["missing"]
    assert expected["risk"]["factors"]["history"] == 1.0  # both before were superseded


def test_what_planning_would_reject_is_said_before(client: Client) -> None:
    client.register(30)
    nobody = {"scope": {"tags": ["nowhere"]}}
    assert previewed(client, **nobody)["request"]["rejected"] == "empty_scope"
    assert planned(client, **nobody)["reason"] == "empty_scope"
    assert previewed(client, risk=DANGEROUS)["request"]["rejected"] == "unsatisfiable_approval"
    assert planned(client, risk=DANGEROUS)["reason"] == "unsatisfiable_approval"
    make_token("colleague", Role.APPROVER)
    assert previewed(client, risk=DANGEROUS)["request"]["rejected"] is None
    assert planned(client, risk=DANGEROUS)["state"] == "running"


def test_no_deployment_ends_before_the_earliest_end(client: Client, drive: Drive, clock: Clock) -> None:
    rings = [
        {"name": "lab", "tag": "lab", "gate": gate(soak_seconds=10)},
        {"name": "rest", "gate": gate(soak_seconds=10, min_coverage=1.0), "devices_per_minute": 10},
    ]
    put(client, "paced", {"rings": rings})
    client.register(24)
    begun = clock.time
    earliest = previewed(client, plan="paced")["earliest"]["seconds"]
    assert earliest == 10 + 120 + 10
    created = client.deploy(plan="paced")["id"]
    drive(earliest * 2, 2, until=lambda: state_at(f"/deployments/{created}") == "completed")
    took = (datetime.fromisoformat(client.get(f"/deployments/{created}")["finished_at"]) - begun).total_seconds()
    assert earliest <= took <= earliest * 1.5


def test_who_must_sign_and_why(database: Flask, client: Client) -> None:
    client.register(30)
    make_token("colleague", Role.APPROVER)
    always = {"name": "lab", "tag": "lab", "gate": gate(), "approval": {"when": "always", "people": 1}}
    risky = {"name": "rest", "gate": gate(), "approval": {"when": "risk", "people": 1}}
    put(client, "mixed", {"rings": [always, risky]})
    unknown = of_plan(client, "mixed")
    assert [(it["ring"], it["when"], it["people"], it["required"]) for it in unknown["sign_off"]] == [
        ("lab", "always", 1, True),
        ("rest", "risk", 1, None),
    ]
    assert unknown["approvers"] == 1  # the colleague; the caller could not approve
    harmless = previewed(client, plan="mixed")
    assert [it["required"] for it in harmless["sign_off"]] == [True, False]
    assert "not above 50" in harmless["sign_off"][1]["reason"]
    dangerous = previewed(client, plan="mixed", risk=DANGEROUS)
    assert [it["required"] for it in dangerous["sign_off"]] == [True, True]
    assert "above 50" in dangerous["sign_off"][1]["reason"]
    tooling = previewed(client, plan="mixed", risk={"privileged_tooling": True})
    assert tooling["sign_off"][1] == {
        "ring": "rest",
        "when": "risk",
        "people": 1,
        "role": "approver",
        "required": True,
        "reason": "the release is privileged tooling",
    }
    assert of_plan(client, "demo")["sign_off"][0]["ring"] == "pilot"


@pytest.mark.parametrize(("more", "state"), [(0, "passed"), (1, "failed")])
def test_a_ring_passes_with_the_failures_that_its_preview_forgives(fleet: Fleet, more: int, state: str) -> None:
    names = [f"more-{n:02d}" for n in range(21)]
    fleet.register(*names)
    (ring,) = previewed(fleet.api, plan="one")["rings"]
    assert (ring["devices"], ring["forgiven"]) == (25, 8)
    failing = names[: ring["forgiven"] + more]
    number = fleet.dispatched("1.0", ring["devices"])
    fleet.report(number, "failed", *failing)
    fleet.report(number, "succeeded", *DEVICES, *names[len(failing) :])
    fleet.drive(20, until=lambda: fleet.ring(number)["state"] in ("passed", "failed"))
    assert fleet.ring(number)["state"] == state
