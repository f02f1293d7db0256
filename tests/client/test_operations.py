"""Every operation of the API has its method, and answers what the method's type declares."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import wraps
from itertools import islice
from pathlib import Path
from typing import Any, get_origin, get_type_hints

import httpx
import pytest
from flask import Flask

from client import Client
from client.session import Subject
from client.types import ApprovalWhen, Evidence, FindingFilter, Gate, PlannedRing, RingPlanBody, Risk, Scope
from tests.client.conftest import Person
from tests.client.support import devices, mismatches
from tests.support.api import API, ARTIFACT
from tests.support.clock import Clock

Drive = Callable[..., None]
Operation = tuple[str, str]
ROOT = {"/healthz", "/readyz"}
NOT_CALLED = {f"{API}/docs", f"{API}/healthz", f"{API}/readyz"}
"""A page for people, and what is served at the root as well, where the client calls it."""
ENDLESS = {"Events.stream"}
"""Iterators that end only when nobody listens any more."""
SCOPE: Scope = {"tags": ["lab"]}
DANGEROUS: Risk = {
    "privilege": 0.9,
    "supply_chain": 0.9,
    "vulnerabilities": 0.9,
    "exploitability": 0.9,
    "data_access": 0.9,
    "operational_complexity": 0.9,
}
EVIDENCE: Evidence = {
    "sbom": "https://evidence.example/sbom",
    "scan_result": "clean",
    "install": "msiexec /i vpn.msi",
    "uninstall": "msiexec /x vpn.msi",
    "detection": "registry key",
    "rollout_plan": "https://evidence.example/plan",
    "rollback_plan": "https://evidence.example/back",
    "test_results": "https://evidence.example/tests",
}


class Tour:
    """Two people's clients that check every answer, and what was called so far."""

    def __init__(self, app: Flask, person: Person, drive: Drive) -> None:
        self.drive = drive
        self.called: set[str] = set()
        self.operations: set[Operation] = set()
        self._urls = app.url_map.bind("eucora.test")
        hooks = {"request": [self._note]}
        self.operator = self._checked(person("operator", event_hooks=hooks))
        self.colleague = self._checked(person("colleague", event_hooks=hooks))

    def _note(self, request: httpx.Request) -> None:
        rule, _ = self._urls.match(request.url.path, request.method, return_rule=True)
        self.operations.add((request.method, rule.rule))

    def _checked(self, client: Client) -> Client:
        """The client; each answer is compared with the type of its method, iterators are followed to their end."""
        for subject in subjects(client):
            for name in methods(subject):
                setattr(subject, name, self._compared(f"{type(subject).__name__}.{name}", getattr(subject, name)))
        return client

    def _compared(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        declared = get_type_hints(method)["return"]

        @wraps(method)
        def call(*given: Any, **fields: Any) -> Any:
            answer = method(*given, **fields)
            is_iterator = get_origin(declared) is get_origin(Iterator[Any])
            everything = list(islice(answer, 1 if name in ENDLESS else None)) if is_iterator else answer
            assert mismatches(everything, declared, name) == []
            self.called.add(name)
            return iter(everything) if is_iterator else everything

        return call


def subjects(client: Client) -> list[Subject]:
    return [part for part in vars(client).values() if isinstance(part, Subject)]


def methods(subject: Subject) -> list[str]:
    return [name for name, _ in inspect.getmembers(type(subject), inspect.isfunction) if not name.startswith("_")]


def rings(soak_seconds: int = 0, approval: ApprovalWhen = "never") -> list[PlannedRing]:
    gate: Gate = {
        "target": 0.8,
        "min_reported": 1,
        "min_coverage": 0.5,
        "soak_seconds": soak_seconds,
        "error_ceiling": 0.4,
    }
    return [
        {"name": "lab", "tag": "lab", "gate": gate, "approval": {"when": approval}},
        {"name": "everyone", "gate": gate},
    ]


@pytest.fixture
def tour(database: Flask, person: Person, clock: Clock, drive: Drive) -> Tour:
    return Tour(database, person, drive)


def test_every_operation_has_a_method_that_answers_its_type(
    database: Flask, tour: Tour, clock: Clock, tmp_path: Path
) -> None:
    _fleet(tour)
    _rollout(tour)
    _failed_gate(tour, clock)
    _sign_off(tour)
    _controls(tour, clock)
    _drift(tour)
    _figures(tour)
    _identity(tour)
    _artifacts(tour, tmp_path)
    _packages(tour)
    served = {
        (method, rule.rule)
        for rule in database.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if (rule.rule.startswith(API) or rule.rule in ROOT) and rule.rule not in NOT_CALLED
    }
    assert tour.operations == served
    known = {f"{type(part).__name__}.{name}" for part in subjects(tour.operator) for name in methods(part)}
    assert tour.called == known


def _fleet(tour: Tour) -> None:
    operator = tour.operator
    assert [it["status"] for it in operator.devices.register(devices(10))] == ["created"] * 10
    csv = b"external_id,platform,connector\ncsv-1,linux,simulated\ncsv-2,linux,nobody\n"
    assert [it["status"] for it in operator.devices.upload(csv)] == ["created", "rejected"]
    assert operator.devices.retire(["csv-1"]) == [{"external_id": "csv-1", "status": "retired"}]
    assert len(operator.devices.list(platform="windows", limit=3)["items"]) == 3
    assert [it["external_id"] for it in operator.devices.each(retired=True)] == ["csv-1"]
    assert {it["name"] for it in operator.ring_plans.list()} == {"demo", "standard"}
    for name, plan in (("quick", rings()), ("slow", rings(soak_seconds=3_600)), ("signed", rings(approval="always"))):
        assert operator.ring_plans.put(name, {"rings": plan})["version"] == 1
    read = operator.ring_plans.get("slow", version=1)
    read["rotation"] = 7
    assert operator.ring_plans.put("slow", read, if_match=read["version"])["version"] == 2
    _two_people(tour)
    of_scope = operator.ring_plans.preview("slow", platform="windows", scope=SCOPE, application="slow")
    assert [ring["devices"] for ring in of_scope["rings"]] == [2, 0]
    of_number = operator.ring_plans.preview("standard", version=1, devices=1_000, tagged={"lab": 5})
    assert [ring["devices"] for ring in of_number["rings"]] == [5, 10, 50, 199, 736]


def _two_people(tour: Tour) -> None:
    mine, other = tour.operator.ring_plans, tour.colleague.ring_plans
    shorter: RingPlanBody = {"rotation": mine.get("slow")["rotation"], "rings": rings(soak_seconds=3_500)}
    first = mine.propose("slow", shorter, "an hour is long", if_match=2)
    assert other.reject("slow", first["id"], "not today", if_match=first["version"])["state"] == "rejected"
    second = mine.propose("slow", shorter, "an hour is long")
    assert mine.proposal("slow", second["id"])["weakens"] == second["weakens"] != []
    assert other.confirm("slow", second["id"], "agreed", if_match=second["version"])["version"] == 3
    assert [it["state"] for it in mine.proposals("slow")] == ["confirmed", "rejected"]
    floors = tour.operator.deployments
    assert floors.approval_floor()["version"] == 0
    assert floors.set_approval_floor(1, "as it is", if_match=0)["version"] == 1


def _deploy(tour: Tour, plan: str, **fields: Any) -> int:
    created = tour.operator.deployments.create(
        application=plan, version="1.0", platform="windows", artifact_hash=ARTIFACT, plan=plan, scope=SCOPE, **fields
    )
    return created["id"]


def _rollout(tour: Tour) -> None:
    asked, decided = tour.operator.deployments, tour.colleague.deployments
    previewed = asked.preview(
        application="slow", version="1.0", platform="windows", artifact_hash=ARTIFACT, plan="slow", scope=SCOPE
    )
    number = _deploy(tour, "slow")
    tour.drive(20, until=lambda: asked.rings(number)[0]["verdict_code"] == "soak")
    assert [ring["devices"] for ring in previewed["rings"]] == [ring["targeted"] for ring in asked.rings(number)]
    promoted = decided.promote(number, "the hotfix cannot wait", if_match=asked.get(number)["version"])
    assert promoted["rings"][0]["state"] == "passed"
    assert asked.pause(number, "a look first")["state"] == "paused"
    assert asked.resume(number)["state"] == "running"
    back = asked.rollback(number, "the help desk is flooded")
    assert (back["kind"], back["rolls_back"]) == ("rollback", number)
    tour.drive(2)
    assert asked.abort(back["id"])["state"] == "aborted"
    assert asked.left_behind(number, order="oldest")["items"] == list(asked.each_left_behind(back["id"]))
    accepted = asked.accept_left_behind(number, "all", "they are replaced next week")
    assert (accepted["rollback"], accepted["open"]) == (back["id"], 0)
    assert len(list(asked.each_left_behind(number, state="accepted"))) == accepted["accepted"]
    assert asked.left_behind(number, state="open")["items"] == []
    assert [it["id"] for it in asked.list(application="slow", state="aborted")["items"]] == [back["id"], number]
    assert [it["id"] for it in asked.each(cursor=number)] == [back["id"]]
    assert asked.events(number, limit=1, order="oldest")["items"][0]["type"] == "deployment.created"
    assert asked.wait_for(number, version=0) == asked.wait_for(number, until=lambda it: it["id"] == number)
    assert list(asked.each_event(number)) == asked.events(number, limit=500, order="oldest")["items"]
    assert asked.gates(number, order="oldest")["items"] == list(asked.each_gate(number))
    found = asked.assignments(number, ring="lab", status="succeeded", order="oldest")
    assert found["items"] == list(asked.each_assignment(number))
    (device,) = tour.operator.devices.list(external_id=found["items"][0]["external_id"])["items"]
    assert tour.operator.devices.get(device["id"])["deployments"][0]["application"] == "slow"
    assert asked.dossier(number)["content"]["deployment"]["id"] == number
    _start(tour)


def _start(tour: Tour) -> None:
    asked, tomorrow = tour.operator.deployments, datetime.now(UTC) + timedelta(days=1)
    number = _deploy(tour, "signed", starts_at=tomorrow)
    later = (tomorrow + timedelta(days=1)).replace(tzinfo=None, microsecond=0)
    moved = asked.reschedule(number, later.isoformat(), "the help desk asked", time_zone="Asia/Tokyo")
    assert moved["starts_at_local"] == f"{later.isoformat()}+09:00"
    assert [it["id"] for it in asked.each(scheduled=True)] == [number]
    assert asked.reschedule(number, None)["starts_at"] is None
    asked.abort(number)


def _failed_gate(tour: Tour, clock: Clock) -> None:
    number = _deploy(tour, "quick")
    tour.drive(1)
    failing = [it["external_id"] for it in tour.operator.deployments.each_assignment(number)]
    receipts = tour.operator.reports.submit(
        [{"deployment_id": number, "external_id": it, "sequence": 1, "outcome": "failed"} for it in failing]
    )
    assert [it["status"] for it in receipts] == ["received"] * len(failing)
    line = f'{{"deployment_id": {number}, "external_id": "{failing[0]}", "sequence": 1, "outcome": "failed"}}'
    assert [it["status"] for it in tour.operator.reports.upload(line.encode())] == ["duplicate"]
    tour.drive(10, until=lambda: tour.operator.deployments.get(number)["state"] == "paused")
    waived = tour.colleague.deployments.waive(
        number,
        reason="a known printer driver",
        compensating_controls="the help desk knows",
        expires_at=clock.time + timedelta(days=30),
    )
    assert waived["rings"][0]["state"] == "waived"
    listed = tour.operator.devices.failures(application="quick", status=["failed"], limit=500)["items"]
    assert {it["external_id"] for it in listed} & set(failing)
    assert [it["id"] for it in tour.operator.devices.each_failing(at_least=2, order="oldest")] == []
    overview = tour.operator.deployments.overview(number)
    assert sum(it["devices"] for it in overview["failures"]["items"]) == overview["rings"][0]["failed"] > 0
    assert overview["latest_events"][0]["actor"] == "colleague"


def _sign_off(tour: Tour) -> None:
    asked, answered = tour.operator.deployments, tour.colleague.deployments
    number = _deploy(tour, "signed", risk=DANGEROUS, evidence={"sbom": EVIDENCE["sbom"]})
    tour.drive(1)
    assert {"process", "failed_gate", "approval"} & {it["kind"] for it in tour.operator.attention.get()["items"]}
    assert [it["needs_approval"] for it in asked.risk(number)["items"]] == [True]
    seen = asked.evidence(number)
    complete = asked.replace_evidence(number, EVIDENCE, if_match=seen["version"])
    assert (complete["missing"], bool(complete["evidence_hash"])) == ([], True)
    assert not asked.approvals(number)["rings"][0]["met"]
    assert answered.approve(number, "read")["standing"] == 1
    incident = tour.operator.incidents.open("P1", "sign-in fails everywhere")["id"]
    broken = asked.break_glass(number, reason="the fix cannot wait", incident_id=incident)["break_glass"]
    assert broken is not None
    assert broken["confirmed_by"] is None
    confirmed = answered.confirm_break_glass(number, "agreed")["break_glass"]
    assert confirmed is not None
    assert confirmed["confirmed_by"] == "colleague"
    assert [it["answer"] for it in answered.reject(number, "not today")["items"]] == ["approve", "reject"]
    assert tour.operator.incidents.close(incident, "rolled out")["closed_by"] == "operator"
    assert tour.operator.incidents.get(incident)["resolution"] == "rolled out"
    assert tour.operator.incidents.list(open=True)["items"] == []
    assert [it["id"] for it in tour.operator.incidents.each(open=False)] == [incident]


def _controls(tour: Tour, clock: Clock) -> None:
    freeze = tour.operator.freezes.declare(
        "the end of the month",
        application="slow",
        starts_at=clock.time,
        ends_at=clock.time + timedelta(days=2),
        windows=[{"cron": "0 22 * * fri", "duration_minutes": 480, "time_zone": "Europe/Berlin"}],
    )
    stop = tour.operator.emergency_stops.declare("something is wrong")
    for asked, agreed, number in (
        (tour.operator.freezes, tour.colleague.freezes, freeze["id"]),
        (tour.operator.emergency_stops, tour.colleague.emergency_stops, stop["id"]),
    ):
        assert asked.get(number)["lifted_at"] is None
        assert [it["id"] for it in asked.list()["items"]] == [it["id"] for it in asked.each()] == [number]
        assert asked.lift(number, "the reason is gone")["lifted_at"] is None
        assert agreed.lift(number, "agreed")["lifted_by"] == "colleague"
    assert tour.operator.emergency_stops.list(standing=True)["items"] == []
    opened = tour.operator.connectors.set_breaker("simulated", "open", "the vendor is upgraded")
    assert opened == tour.operator.connectors.get("simulated")
    assert tour.operator.connectors.set_breaker("simulated", "closed", "the vendor is back")["state"] == "closed"
    assert [it["name"] for it in tour.operator.connectors.list()] == ["simulated"]


def _drift(tour: Tour) -> None:
    from app.drift.models import DriftFinding
    from app.events.unit import unit_of_work
    from app.vocabulary import DriftKind

    now = datetime.now(UTC)
    with unit_of_work("test") as unit:
        unit.session.add(
            DriftFinding(device_id=1, application_id=1, kind=DriftKind.EXTRA, found="0.9", found_at=now, seen_at=now)
        )
    (finding,) = tour.operator.drift.list(kind="extra", state="open")["items"]
    assert tour.operator.drift.accept(finding["id"], "the owner wants it so")["state"] == "accepted"
    assert tour.operator.drift.get(finding["id"])["state"] == "accepted"
    assert [it["id"] for it in tour.operator.drift.each(application="slow")] == [finding["id"]]
    wanted: FindingFilter = {"application": "slow", "platform": "windows", "reason": "too_many"}
    assert tour.operator.drift.remediate(wanted, 10, "the inventory is right") == {"ordered": 0, "left": 0}


def _figures(tour: Tour) -> None:
    operator = tour.operator
    assert [it["id"] for it in operator.events.each(cursor=1)][:2] == [2, 3]
    first = next(operator.events.each(cursor=1, deployment_id=1))
    assert next(operator.events.stream(after=1, deployment_id=1)) == first
    since = datetime.now(UTC) - timedelta(days=1)
    assert operator.events.list(type="deployment.created", actor="operator", since=since)["items"]
    assert {it["kind"] for it in operator.metrics.get(prefix="deployment_", window=60)["items"]} >= {"counter", "gauge"}
    assert operator.metrics.get(kind="timer")["items"]
    assert "# TYPE eucora_deployment_total counter" in operator.metrics.exposition(prefix="deployment_total")
    assert operator.metrics.exposition(openmetrics=True).rstrip().endswith("# EOF")
    uid = operator.dashboards.list()[0]["uid"]
    board = operator.dashboards.get(uid)
    panel = next(each for each in board["panels"] if each.get("targets"))
    assert operator.dashboards.panel(uid, panel["id"], start="now-5m", until="now", max_points=10)["series"] is not None
    variables = {each["name"]: "*" for each in board["templating"]["list"]}
    for name in variables:
        assert isinstance(operator.dashboards.variable(uid, name, variables=variables), list)
    assert isinstance(operator.dashboards.annotations(uid, start="now-5m"), list)
    assert operator.health.alive() == {"status": "ok"}
    assert operator.health.ready()["status"] == "ok"
    assert operator.openapi()["openapi"].startswith("3.1")


def _identity(tour: Tour) -> None:
    tokens, subjects = tour.operator.tokens, tour.operator.subjects
    me = tokens.whoami()
    assert (me["subject"], me["role"], me["scopes"]["connector"]) == ("operator", "admin", None)
    made = tokens.create(
        "salt", "reporter", description="the master", expires_in_days=30, scopes={"connector": "simulated"}
    )
    assert made["secret"] is not None
    assert made["secret"].startswith(made["prefix"] or "-")
    rotated = tokens.rotate(made["id"], overlap_hours=1)
    assert rotated["previous_until"] is not None
    assert tokens.revoke(made["id"], "salt is retired")["state"] == "revoked"
    assert tokens.get(made["id"])["revoked_by"] == "operator"
    assert [it["id"] for it in tokens.list(subject="SALT", state="revoked")["items"]] == [made["id"]]
    assert {it["subject"] for it in tokens.each(role="admin")} == {"operator", "colleague"}
    salt = next(it for it in subjects.each() if it["name"] == "salt")
    assert salt in subjects.list()["items"]
    assert subjects.set_roles(salt["id"], [], "salt is retired")["roles"] == []


def _packages(tour: Tour) -> None:
    packages, connectors = tour.operator.packages, tour.operator.connectors
    stored = packages.put("vpn", "9.0", "simulated", {})
    assert packages.get("vpn", "9.0", "simulated") == stored
    assert packages.put("vpn", "9.0", "simulated", {}, if_match=1) == stored
    own = packages.put("vpn", "9.0", "simulated", {}, platform="linux")
    assert packages.get("vpn", "9.0", "simulated", platform="linux", number=1) == own
    assert packages.list("vpn", "9.0", newest=True)["items"] == [own, stored]
    assert list(packages.each("vpn", "9.0")) == [stored, own]
    assert connectors.agents("simulated", registered=True)["items"] == list(connectors.each_agent("simulated")) == []


def _artifacts(tour: Tour, folder: Path) -> None:
    artifacts, file = tour.operator.artifacts, folder / "sbom.json"
    file.write_bytes(b"{}")
    stored = artifacts.upload(file)
    assert (stored["name"], stored["media_type"], stored["size"]) == ("sbom.json", "application/json", 2)
    assert artifacts.get(stored["sha256"]) == stored
    assert artifacts.list(name="sbom.json")["items"] == [stored]
    assert list(artifacts.each(sha256=[stored["sha256"]])) == [stored]
    artifacts.download(stored["sha256"], folder / "copy.json")
    assert (folder / "copy.json").read_bytes() == b"{}"
    assert artifacts.delete(stored["sha256"]) == stored
