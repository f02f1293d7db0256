"""What needs a person now: each kind by name, with its reason, whose turn it is, and where to read on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app import queue
from app.attention import service
from app.attention.items import LISTED, Kind
from app.connectors import queries as connectors
from app.connectors.protocol import ConnectorError, ErrorClass
from app.controls import service as controls
from app.db import db
from app.deployments import dispatch, progress, queries
from app.deployments.approval import queries as approval
from app.http.serialization import timestamp
from app.identity.roles import Role
from app.metrics import catalogue as m
from app.queue import BEHIND, Job, QueueName
from tests.attention import many
from tests.support.api import make_token
from tests.support.approval import EVIDENCE, start
from tests.support.clock import Clock
from tests.support.connectors import Scripted
from tests.support.database import statements
from tests.support.http import Client
from tests.support.plans import gate
from workers.worker import ControlPlaneWorker

MOST_STATEMENTS = 25
Person = Any


@pytest.fixture
def rollout(client: Client, vendor: Scripted, clock: Clock) -> int:
    """A deployment whose lab is under way."""
    client.register(50)
    number = int(client.deploy()["id"])
    progress.plan(number)
    progress.advance(number)
    dispatch.deliver(1)
    return number


def colleague(app: Flask, name: str = "colleague", role: Role = Role.ADMIN) -> Client:
    return Client(app.test_client(), make_token(name, role))


def listed(client: Client, kind: str) -> list[dict[str, Any]]:
    return [item for item in client.get("/attention")["items"] if item["kind"] == kind]


def one(client: Client, kind: str) -> dict[str, Any]:
    (item,) = listed(client, kind)
    return item


def report(client: Client, number: int, ring: str, outcome: str, reason: str = "") -> None:
    found = client.get(f"/deployments/{number}/assignments?ring={ring}&limit=500")["items"]
    body = [
        {
            "deployment_id": number,
            "external_id": each["external_id"],
            "sequence": 1,
            "outcome": outcome,
            "reason": reason,
        }
        for each in found
    ]
    answer = client.post("/reports", body)
    assert answer[0] == 200, answer


def test_a_running_deployment_is_named_with_its_ring_its_progress_and_its_next(client: Client, rollout: int) -> None:
    item, shown = one(client, "running"), client.get(f"/deployments/{rollout}")
    assert (item["title"], item["turn"]) == ("vpn 1.0 on windows", None)
    assert item["reason"] == shown["next"]["awaits"][0]["reason"]
    assert item["until"] == shown["next"]["awaits"][0]["until"]
    assert (item["since"], item["call"]) == (shown["started_at"], f"/api/v1/deployments/{rollout}")
    deployment = item["deployment"]
    assert (deployment["ring"], deployment["ring_state"], deployment["rings"]) == ("lab", "deploying", 5)
    assert deployment["pending"] == deployment["eligible"] == 50
    assert deployment["next"] == shown["next"]


def test_a_deployment_that_is_being_planned_is_listed(client: Client, clock: Clock) -> None:
    client.register(5)
    client.deploy()
    item = one(client, "planning")
    assert "being assigned" in item["reason"]
    assert (item["deployment"]["ring"], item["deployment"]["ring_state"]) == ("lab", "pending")


def test_a_paused_deployment_says_who_paused_it_and_who_can_resume_it(client: Client, rollout: int) -> None:
    client.post(f"/deployments/{rollout}/pause", {"reason": "the help desk is closed"})
    item = one(client, "paused")
    assert item["reason"] == "tester paused it: the help desk is closed"
    assert item["turn"] == {"role": "operator", "who": "anyone", "people": []}
    assert listed(client, "running") == []


def test_a_failed_gate_waits_for_another_persons_waiver(client: Client, rollout: int) -> None:
    report(client, rollout, "lab", "failed", "disk_full")
    progress.advance(rollout)
    item, (lab, *_) = one(client, "failed_gate"), client.get(f"/deployments/{rollout}/rings")["items"]
    assert item["reason"] == f"ring lab failed its gate: {lab['verdict_reason']}"
    assert (item["turn"]["role"], item["turn"]["who"]) == ("approver", "a person other than the requester")
    assert item["deployment"]["failed"] == 2


def test_a_stalled_deployment_says_what_its_ring_lacks(client: Client, rollout: int, clock: Clock) -> None:
    clock.advance(30 * 86_400)
    progress.advance(rollout)
    item = one(client, "stalled")
    assert item["reason"].startswith("ring lab waited longer than its gate allows: 0 of ")
    assert item["turn"]["role"] == "operator"


def test_a_refused_command_is_quoted(client: Client, vendor: Scripted, clock: Clock) -> None:
    client.register(50)
    number = int(client.deploy()["id"])
    progress.plan(number)
    progress.advance(number)
    vendor.faults = [ConnectorError(ErrorClass.PERMANENT, "403: the group is not ours")]
    dispatch.deliver(1)
    assert (
        one(client, "paused")["reason"] == "ring lab: connector simulated refused a command: 403: the group is not ours"
    )


def test_an_approval_names_the_ring_the_count_and_who_may_sign(client: Client, database: Flask, clock: Clock) -> None:
    client.register(50)
    anna = colleague(database, "anna", Role.APPROVER)
    colleague(database, "otto", Role.OPERATOR)
    plan = {"rings": [{"name": "pilots", "gate": gate(), "approval": {"when": "always", "people": 2}}]}
    answer = client.raw("PUT", "/ring-plans/mine", json=plan)
    assert answer.status_code == 201, answer.text
    colleague(database, "adam")
    number = start(client, plan="mine")
    item = one(client, "approval")
    assert item["reason"] == "ring pilots starts after 2 approvals and has 0"
    assert item["turn"] == {"role": "approver", "who": "a person other than tester", "people": ["adam", "anna"]}
    assert item["call"] == f"/api/v1/deployments/{number}/approvals"
    assert anna.post(f"/deployments/{number}/approve", {"comment": "fine"})[0] == 200
    item = one(client, "approval")
    assert item["reason"] == "ring pilots starts after 2 approvals and has 1"
    assert item["turn"]["people"] == ["adam"]


def test_break_glass_waits_for_a_second_person(client: Client, rollout: int, clock: Clock) -> None:
    _, incident = client.post("/incidents", {"severity": "P1", "title": "outage", "deployment_id": rollout})
    body = {"incident_id": incident["id"], "reason": "the fix is in it"}
    assert client.post(f"/deployments/{rollout}/break-glass", body)[0] == 200
    item = one(client, "break_glass")
    assert "tester used break-glass" in item["reason"]
    assert "the fix is in it" in item["reason"]
    assert item["turn"] == {"role": "approver", "who": "a person other than tester", "people": []}
    assert item["until"] == timestamp(clock.time + timedelta(hours=24))


def test_incidents_are_named_the_worst_first(client: Client, rollout: int) -> None:
    client.post("/incidents", {"severity": "P3", "title": "slow"})
    client.post("/incidents", {"severity": "P1", "title": "<b>outage</b>", "deployment_id": rollout})
    assert [(each["title"], each["reason"]) for each in listed(client, "incident")] == [
        ("<b>outage</b>", "P1 about vpn 1.0, opened by tester"),
        ("slow", "P3, opened by tester"),
    ]


def test_a_freeze_is_somebodys_turn_only_if_it_does_not_end_by_itself(
    client: Client, rollout: int, clock: Clock, database: Flask
) -> None:
    ends = timestamp(clock.time + timedelta(hours=2))
    assert client.post("/freezes", {"reason": "quarter end", "application": "vpn", "ends_at": ends})[0] == 201
    assert client.post("/freezes", {"reason": "audit"})[0] == 201
    later = timestamp(clock.time + timedelta(hours=1))
    assert client.post("/freezes", {"reason": "not yet", "starts_at": later})[0] == 201
    by_title = {each["title"]: each for each in listed(client, "freeze")}
    assert by_title.keys() == {"Freeze of vpn", "Freeze of every application"}
    assert (by_title["Freeze of vpn"]["turn"], by_title["Freeze of vpn"]["until"]) == (None, ends)
    assert by_title["Freeze of every application"]["turn"]["role"] == "operator"
    assert "tester: audit" in by_title["Freeze of every application"]["reason"]


def test_an_emergency_stop_whose_lift_is_asked_for_waits_for_another_approver(client: Client, rollout: int) -> None:
    _, stop = client.post("/emergency-stop", {"reason": "bad build"})
    assert one(client, "emergency_stop")["turn"]["role"] == "operator"
    assert client.post(f"/emergency-stop/{stop['id']}/lift", {"reason": "rebuilt"})[0] == 202
    item = one(client, "emergency_stop")
    assert item["turn"] == {"role": "approver", "who": "a person other than tester", "people": []}
    assert item["reason"] == "tester: bad build; tester asks to lift it: rebuilt"


def test_a_breaker_that_a_person_opened_names_the_person(client: Client, rollout: int) -> None:
    client.post("/connectors/simulated/breaker", {"state": "open", "reason": "the vendor is moving"})
    item = one(client, "breaker")
    assert item["title"] == "connector simulated"
    assert item["reason"] == "its circuit breaker is open: tester opened it: the vendor is moving"
    assert (item["turn"]["role"], item["until"]) == ("operator", None)
    assert item["since"] is not None


def test_a_breaker_that_opened_by_itself_is_nobodys_turn(client: Client, rollout: int, clock: Clock) -> None:
    from app.connectors import circuits

    for _ in range(5):
        with pytest.raises(ConnectorError), circuits.guarded("simulated"):
            raise ConnectorError(ErrorClass.TRANSIENT, "503")
    item = one(client, "breaker")
    assert item["reason"] == "its circuit breaker is open: too many calls in a row failed"
    assert (item["turn"], item["until"]) == (None, timestamp(clock.time + timedelta(seconds=60)))


def test_devices_left_behind_and_drift_are_counted(client: Client, rollout: int) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("INSERT INTO left_behind_counts VALUES (:id, 3)"), {"id": rollout})
        connection.execute(
            text(
                "INSERT INTO drift_findings (device_id, application_id, kind, state, reason, tries, found_at, seen_at) "
                "SELECT id, 1, 'missing', 'needs_person', 'too_many', 0, now(), now() FROM devices LIMIT 12"
            )
        )
    assert one(client, "left_behind")["reason"].startswith("3 devices still have 1.0, which was rolled back")
    drift = one(client, "drift")
    assert (drift["title"], drift["reason"].split(" differ")[0]) == ("vpn", "12 devices")
    assert client.get("/attention")["figures"]["drift"] == 12


def test_processes_that_do_not_run_come_first(client: Client, rollout: int, clock: Clock) -> None:
    client.post(f"/deployments/{rollout}/pause")
    queue.enqueue(Job.ADVANCE, rollout)
    clock.advance(BEHIND[QueueName.CONTROL] + 10)
    items = client.get("/attention")["items"]
    assert [item["title"] for item in items[:2]] == ["scheduler", "workers"]
    assert "no worker serves the queue control or bulk or drift" in items[1]["reason"]
    assert all("flask doctor" in item["reason"] for item in items[:2])
    assert items[2]["kind"] == "paused"


def test_a_queue_that_is_served_and_behind_is_named_with_its_wait(client: Client, rollout: int, clock: Clock) -> None:
    queue.connection().flushall()
    ControlPlaneWorker([queue.queue(name) for name in QueueName], queue.connection()).register_birth()  # type: ignore[no-untyped-call]  # RQ leaves it without types
    queue.enqueue(Job.ADVANCE, rollout)
    clock.advance(BEHIND[QueueName.CONTROL] + 10)
    by_title = {item["title"]: item["reason"] for item in listed(client, "process")}
    assert by_title.keys() == {"scheduler", "queue control"}
    assert "its oldest job has waited" in by_title["queue control"]


def test_redis_down_is_an_item_and_hides_nothing_else(
    client: Client, rollout: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.settings import load_settings

    monkeypatch.setenv("EUCORA_REDIS_URL", "redis://127.0.0.1:1/0")
    load_settings.cache_clear()
    queue.forget_connection()
    try:
        shown = client.get("/attention")
    finally:
        monkeypatch.undo()
        load_settings.cache_clear()
        queue.forget_connection()
    assert [(item["kind"], item["title"]) for item in shown["items"]] == [
        ("process", "Redis"),
        ("running", "vpn 1.0 on windows"),
    ]


def test_what_waits_for_a_person_comes_before_what_does_not(client: Client, rollout: int, clock: Clock) -> None:
    client.post("/freezes", {"reason": "soon over", "ends_at": timestamp(clock.time + timedelta(hours=1))})
    client.post("/incidents", {"severity": "P2", "title": "noise"})
    items = client.get("/attention")["items"]
    turns = [item["turn"] is not None for item in items]
    assert turns == sorted(turns, reverse=True)
    assert [item["kind"] for item in items if item["kind"] != "process"] == ["incident", "freeze", "running"]


def level(path: str) -> float:
    """What a gauge is now."""
    levels = [*queries.levels(), *approval.levels(), *controls.levels(), *connectors.levels()]
    return next(measure.value for measure in levels if measure.path == path)


def test_figures_are_those_of_the_gauges(client: Client, rollout: int, clock: Clock, database: Flask) -> None:
    client.post("/incidents", {"severity": "P2", "title": "noise"})
    client.post("/connectors/simulated/breaker", {"state": "open", "reason": "moving"})
    colleague(database, "anna", Role.APPROVER)
    start(client, application="mail", plan="standard")
    client.deploy(application="chat")
    progress.plan(3)
    client.post("/deployments/3/pause")
    client.deploy(application="notes")
    figures = client.get("/attention")["figures"]
    assert figures == {
        "running": level(m.DEPLOYMENT_LIVE(state="running")),
        "paused": level(m.DEPLOYMENT_LIVE(state="paused")),
        "stalled": level(m.HOLD_ACTIVE(hold="stalled")),
        "approval": level(m.APPROVAL_WAITING()),
        "incident": sum(level(m.INCIDENT_OPEN(severity=severity)) for severity in m.INCIDENT_OPEN.labels["severity"]),
        "breaker": level(m.BREAKER_STATE(connector="simulated")),
        "drift": 0,
    }
    assert [figures[name] for name in ("running", "paused", "approval", "incident", "breaker")] == [2, 1, 1, 1, 1]


def test_every_kind_is_counted_whole_and_listed_in_part(client: Client, rollout: int) -> None:
    for number in range(LISTED + 5):
        client.post("/incidents", {"severity": "P3", "title": f"incident {number}"})
    shown = client.get("/attention")
    groups = {group["kind"]: group for group in shown["groups"]}
    assert list(groups) == [kind.value for kind in Kind]
    assert groups["incident"] == {
        "kind": "incident",
        "total": LISTED + 5,
        "more": 5,
        "call": "/api/v1/incidents?open=true",
    }
    assert len(listed(client, "incident")) == LISTED
    for group in shown["groups"]:
        assert group["call"] is None or client.get(group["call"].removeprefix("/api/v1"))["items"] is not None
    for item in shown["items"]:
        assert item["call"] is None or client.get(item["call"].removeprefix("/api/v1"))


def test_any_role_may_read_it(client: Client, database: Flask) -> None:
    assert colleague(database, "vera", Role.VIEWER).get("/attention")["items"]
    assert database.test_client().get("/api/v1/attention").status_code == 401


def test_two_thousand_deployments_cost_as_many_statements_as_two(
    client: Client, rollout: int, clock: Clock, database: Flask
) -> None:
    colleague(database, "anna", Role.APPROVER)
    start(client, application="mail", plan="standard", evidence=EVIDENCE)
    with statements() as few:
        service.attention()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE deployments SET holds = '[]'"))
    many.copy(2, 2_000)
    with statements() as sent:
        shown = service.attention()
    assert len(sent) <= len(few) <= MOST_STATEMENTS
    groups = {group["kind"]: group for group in shown["groups"]}
    assert groups["running"]["total"] == 1_002
    assert groups["approval"]["total"] == 1_001
    assert len([item for item in shown["items"] if item["kind"] == "running"]) == LISTED
    assert not [statement for statement in sent if " assignments" in statement or " devices" in statement]
