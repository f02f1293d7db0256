"""Ring plans: what makes one usable, how they are versioned, and what a deployment keeps of the one it began with."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, strategies as st

from app.deployments.rules.gates import GatePolicy, OnFail
from app.deployments.rules.rings import BUILT_IN, LONGEST_WAIT, MOST_DEVICES, Plan, RingPlan, problems
from app.devices.places import BUCKETS
from tests.support.api import Api
from tests.support.database import counts, nothing_written, rows
from tests.support.http import Client, refused
from tests.support.jobs import Drive
from tests.support.moments import state_at
from tests.support.threads import together

Change = dict[str, Any]

GATE = {"target": 0.9, "min_reported": 1, "min_coverage": 0.5, "soak_seconds": 1, "error_ceiling": 0.2}
REST = {"name": "rest", "gate": GATE}
NOT_NUMBERS = [math.nan, math.inf, -math.inf]


def ring(name: str, **fields: Any) -> dict[str, Any]:
    """A ring; fields that a gate has change its gate."""
    gate = {**GATE, **{key: fields.pop(key) for key in [*fields] if key in {*GATE, "on_fail"}}}
    return {"name": name, "gate": gate, **fields}


def body(*rings: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A plan of a tenth and the rest, or of the rings that are given."""
    return {"rings": list(rings) or [ring("first", share=10), REST], **fields}


def put(client: Api, name: str, plan: Any, **headers: str) -> Any:
    return client.raw("PUT", f"/ring-plans/{name}", json=plan, headers=headers)


def plan_of(*rings: RingPlan, **fields: Any) -> Plan:
    return Plan(**{"name": "mine", "version": 1, "rings": rings, **fields})


def a_ring(name: str = "a", tag: str | None = None, share: float | None = None, **gate: Any) -> RingPlan:
    return RingPlan(name=name, gate=GatePolicy(**{**GATE, **gate}), tag=tag, share=share)


def fields_of(plan: Plan) -> list[str]:
    return [field for field, _ in problems(plan)]


@pytest.mark.parametrize("plan", BUILT_IN.values(), ids=lambda plan: plan.name)
def test_the_built_in_plans_can_be_used(plan: Plan) -> None:
    assert problems(plan) == []


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("target", [0.9, 0.999999, 0.81], [0, 1, -0.1, 1.5, *NOT_NUMBERS]),
        ("min_reported", [1, MOST_DEVICES], [0, -1, MOST_DEVICES + 1, 10**23]),
        ("min_coverage", [0.001, 1], [0, -0.5, 1.001, *NOT_NUMBERS]),
        ("soak_seconds", [0, LONGEST_WAIT], [-1, LONGEST_WAIT + 1]),
        ("max_wait_seconds", [None, 2, LONGEST_WAIT], [1, 0, -1, LONGEST_WAIT + 1]),
        ("error_ceiling", [0.100001, 0.999], [0.1, 0.05, 0, -1, 1, 2, *NOT_NUMBERS]),
    ],
)
def test_a_gate_has_thresholds_that_can_be_met_and_missed(field: str, good: list[Any], bad: list[Any]) -> None:
    for value in good:
        assert problems(plan_of(a_ring(**{field: value}))) == [], value
    for value in bad:
        assert f"rings.0.gate.{field}" in fields_of(plan_of(a_ring(**{field: value}))), value


@given(st.integers(1, 9_999))
def test_a_ceiling_of_just_what_the_target_leaves_is_refused_whatever_floats_make_of_it(ten_thousandths: int) -> None:
    target, left = ten_thousandths / 10_000, (10_000 - ten_thousandths) / 10_000
    assert fields_of(plan_of(a_ring(target=target, error_ceiling=left))) == ["rings.0.gate.error_ceiling"]


@given(st.floats(), st.floats())
def test_a_ceiling_that_is_taken_lies_between_the_accepted_failures_and_all(target: float, ceiling: float) -> None:
    if not problems(plan_of(a_ring(target=target, error_ceiling=ceiling))):
        assert 0 < 1 - target <= ceiling < 1


REST_RING = a_ring("rest")


@pytest.mark.parametrize(
    ("rings", "fields"),
    [
        ([], ["rings"]),
        ([*(a_ring(str(n), share=1) for n in range(8)), REST_RING], []),
        ([a_ring(str(n), share=1) for n in range(9)], ["rings.8.share"]),
        ([a_ring(str(n), share=1) for n in range(10)], ["rings"]),
        ([a_ring("a", share=10), a_ring("a")], ["rings.1.name"]),
        ([a_ring("a", tag="lab"), a_ring("b", tag="lab"), REST_RING], ["rings.1.tag"]),
        ([a_ring(tag="lab")], ["rings"]),
        ([a_ring(tag="lab", share=5), REST_RING], ["rings.0.share"]),
        ([a_ring("a"), REST_RING], ["rings.0.share"]),
        ([a_ring("a"), a_ring("b", share=10)], ["rings.0.share", "rings.1.share"]),
        ([a_ring("a", share=5), a_ring("b", share=20)], ["rings.1.share"]),
        ([a_ring("a", share=5), a_ring("b", share=20), a_ring("c", tag="x")], ["rings.1.share"]),
        ([a_ring("a", share=5), a_ring("b", share=95)], []),
        ([a_ring("a", share=10)], ["rings.0.share"]),
        ([a_ring("a", share=100)], []),
        ([REST_RING, a_ring("a", tag="lab")], []),
        ([a_ring("a", share=0.01), REST_RING], []),
        ([a_ring("a", share=0.009), REST_RING], ["rings.0.share"]),
        ([a_ring("a", share=0), REST_RING], ["rings.0.share"]),
        ([a_ring("a", share=-5), REST_RING], ["rings.0.share"]),
        ([a_ring("a", share=math.nan), REST_RING], ["rings.0.share"]),
        ([a_ring("a", share=math.inf), REST_RING], ["rings", "rings.0.share"]),
        ([a_ring("a", share=33.3), a_ring("b", share=33.3), a_ring("c", share=33.4)], []),
        ([a_ring("a", share=60), a_ring("b", share=40.01)], ["rings"]),
    ],
)
def test_every_device_has_a_ring_and_every_ring_a_way_in(rings: list[RingPlan], fields: list[str]) -> None:
    assert fields_of(plan_of(*rings)) == fields


def test_a_share_that_would_be_ignored_is_refused_with_what_the_shares_add_up_to() -> None:
    ((field, message),) = problems(plan_of(a_ring("a", share=5), a_ring("b", share=20)))
    assert field == "rings.1.share"
    assert "25 per cent" in message
    assert "must be left out" in message


def test_a_rotation_is_a_place() -> None:
    for rotation in (0, BUCKETS - 1):
        assert problems(plan_of(REST_RING, rotation=rotation)) == []
    for rotation in (-1, BUCKETS):
        assert fields_of(plan_of(REST_RING, rotation=rotation)) == ["rotation"]


@pytest.mark.parametrize("seconds", [0, -1, LONGEST_WAIT + 1])
def test_a_device_is_not_given_up_before_it_was_asked(seconds: int) -> None:
    given_up = {"online": seconds, "intermittent": 1, "air_gapped": LONGEST_WAIT}
    assert fields_of(plan_of(REST_RING, silent_after=given_up)) == ["silent_after.online"]


@pytest.mark.parametrize("name", ["", "Fast", "a b", "a/b", "-a", "a\n", "é", "x" * 64])
def test_a_name_is_a_word(name: str) -> None:
    assert fields_of(plan_of(REST_RING, name=name)) == ["name"]


def test_problems_are_told_all_at_once_each_with_its_place(client: Client) -> None:
    plan = body(ring("a", share=80, target=1.5), ring("b", share=30, min_coverage=0), ring("b"), rotation=-1)
    with nothing_written():
        answer = put(client, "mine", plan)
        found = refused(answer, 422, "invalid-ring-plan")["errors"]
    assert [error["field"] for error in found] == [
        "rotation",
        "rings",
        "rings.2.name",
        "rings.0.gate.target",
        "rings.1.gate.min_coverage",
    ]
    assert "below 1" in found[3]["message"]


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        ({}, "rings"),
        (body({"name": "a"}), "rings.0.gate"),
        (body(ring("a", approvals=2)), "rings.0.approvals"),
        (body(REST, name="mine"), "name"),
        (body(ring("a", tag="No Tag"), REST), "rings.0.tag"),
        (body(ring("", share=5), REST), "rings.0.name"),
        (body(ring("a", on_fail="shrug")), "rings.0.gate.on_fail"),
        (body(ring("a", target="0.9")), "rings.0.gate.target"),
        (body(ring("a", target=None)), "rings.0.gate.target"),
        (body(ring("a", min_reported=True)), "rings.0.gate.min_reported"),
        (body(ring("a", min_reported=2.5)), "rings.0.gate.min_reported"),
        (body(ring("a", share=True), REST), "rings.0.share"),
        (body(REST, rotation="1"), "rotation"),
        (body(REST, silent_after={"on_mars": 1}), "silent_after.on_mars"),
        (body(REST, silent_after={"online": 1.5}), "silent_after.online"),
    ],
)
def test_a_plan_of_another_shape_is_refused(client: Client, plan: Any, field: str) -> None:
    with nothing_written():
        refused(put(client, "mine", plan), 422, "invalid", field)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1" + "0" * 400])
@pytest.mark.parametrize("field", ["target", "min_reported", "min_coverage", "soak_seconds", "error_ceiling", "share"])
def test_what_is_no_number_never_becomes_a_threshold(client: Client, field: str, number: str) -> None:
    text = json.dumps(body(ring("a", **{"share": 10, field: "HERE"}), REST)).replace('"HERE"', number)
    with nothing_written():
        answer = client.raw("PUT", "/ring-plans/mine", data=text, content_type="application/json")
    if number.endswith(("NaN", "Infinity")):
        refused(answer, 400, "malformed-json")
        return
    assert answer.status_code == 422, answer.text
    assert any(error["field"].endswith(field) for error in answer.json["errors"]), answer.text


def test_each_change_is_the_next_version(client: Client) -> None:
    first = put(client, "mine", body())
    assert first.status_code == 201
    assert first.headers["ETag"].startswith('"1-')
    assert (first.json["name"], first.json["version"], first.json["rotation"]) == ("mine", 1, 0)
    assert first.json["rings"][0]["gate"]["on_fail"] == "pause"
    with nothing_written():
        same = put(client, "mine", body(rotation=0))
    assert (same.status_code, same.headers["ETag"], same.json) == (200, first.headers["ETag"], first.json)
    second = put(client, "mine", body(rotation=7))
    assert (second.status_code, second.json["version"]) == (201, 2)
    back = put(client, "mine", body())
    assert (back.status_code, back.json["version"]) == (201, 3)
    assert client.get("/ring-plans/mine") == back.json
    assert client.get("/ring-plans/mine?version=1") == first.json
    assert client.raw("GET", "/ring-plans/mine?version=2").headers["ETag"] == second.headers["ETag"]
    refused(client.raw("GET", "/ring-plans/mine?version=4"), 404, "no-such-ring-plan")
    refused(client.raw("GET", "/ring-plans/mine?version=0"), 422, "invalid", "version")
    stored = rows("SELECT name, version, created_by FROM ring_plans ORDER BY version")
    assert [tuple(row) for row in stored] == [("mine", n, "tester") for n in (1, 2, 3)]


def test_a_built_in_plan_is_version_1_of_its_name(client: Client) -> None:
    built_in = client.get("/ring-plans/standard")
    assert (built_in["version"], len(built_in["rings"])) == (1, 5)
    with nothing_written():
        refused(put(client, "standard", body()), 409, "second-person-needed")
    assert client.get("/ring-plans/standard?version=1") == built_in
    refused(client.raw("GET", "/ring-plans/demo?version=2"), 404, "no-such-ring-plan")


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_plan_that_was_read_and_put_again_is_the_same_one(client: Client, name: str) -> None:
    read = client.get(f"/ring-plans/{name}")
    content = {field: value for field, value in read.items() if field not in ("name", "version")}
    with nothing_written():
        assert put(client, name, content).json == read


def test_the_list_has_the_newest_version_of_each(client: Client) -> None:
    assert put(client, "another", body()).status_code == 201
    assert put(client, "mine", body()).status_code == 201
    assert put(client, "mine", body(rotation=1)).status_code == 201
    listed = client.get("/ring-plans")["items"]
    assert [(plan["name"], plan["version"]) for plan in listed] == [
        ("another", 1),
        ("demo", 1),
        ("mine", 2),
        ("standard", 1),
    ]


@pytest.mark.parametrize("name", ["Mine", "a%00", "%ff", "a%20b", "x" * 64])
def test_a_name_of_another_shape_is_refused(client: Client, name: str) -> None:
    with nothing_written():
        refused(put(client, name, body()), 422, "invalid-ring-plan", "name")
    refused(client.raw("GET", f"/ring-plans/{name}"), 404, "no-such-ring-plan")


def test_a_change_of_a_version_that_is_no_more_is_refused(client: Client) -> None:
    with nothing_written():
        refused(put(client, "mine", body(), **{"If-Match": "*"}), 412, "stale-version")
        refused(put(client, "mine", body(), **{"If-None-Match": '"1"'}), 422, "invalid")
    assert put(client, "mine", body(), **{"If-None-Match": "*"}).status_code == 201
    with nothing_written():
        refused(put(client, "mine", body(rotation=1), **{"If-None-Match": "*"}), 412, "stale-version")
    assert put(client, "mine", body(rotation=1), **{"If-Match": '"1"'}).json["version"] == 2
    with nothing_written():
        late = refused(put(client, "mine", body(), **{"If-Match": '"1"'}), 412, "stale-version")
        assert "version 2" in late["detail"]
        refused(put(client, "new", body(), **{"If-Match": '"1"'}), 412, "stale-version")
        refused(put(client, "mine", body(), **{"If-Match": "one"}), 422, "invalid")


def test_a_repeated_request_is_answered_alike(client: Client) -> None:
    first = put(client, "mine", body(), **{"Idempotency-Key": "k1"})
    assert put(client, "mine", body(rotation=1)).json["version"] == 2
    with nothing_written():
        again = put(client, "mine", body(), **{"Idempotency-Key": "k1"})
        refused(put(client, "mine", body(rotation=2), **{"Idempotency-Key": "k1"}), 409, "idempotency-key-reused")
    assert (again.status_code, again.data, again.headers["ETag"]) == (201, first.data, first.headers["ETag"])
    assert again.headers["Idempotency-Replayed"] == "true"


def test_changes_at_once_are_versions_one_after_another(database: Flask, token: str) -> None:
    def send(rotation: int) -> Callable[[], Any]:
        return lambda: put(Client(database.test_client(), token), "mine", body(rotation=rotation))

    answers = together(*(send(n) for n in (1, 2, 3, 3)))
    assert sorted(answer.status_code for answer in answers if answer.json["rotation"] != 3) == [201, 201]
    assert {answer.json["version"] for answer in answers} <= {1, 2, 3, 4}
    versions = [row.version for row in rows("SELECT version FROM ring_plans ORDER BY id")]
    assert versions == list(range(1, len(versions) + 1))
    assert counts()["events"] == len(versions)


def test_a_change_is_an_event_with_the_whole_plan(client: Client) -> None:
    changed = put(client, "mine", body()).json
    (event,) = rows("SELECT type, actor, payload FROM events")
    assert (event.type, event.actor, event.payload) == ("ring_plan.changed", "tester", {**changed, "changes": []})


def test_a_rollout_keeps_the_plan_it_began_with(api: Api, drive: Drive) -> None:
    from app.db import db
    from app.deployments.models import Deployment

    api.register(100)
    assert put(api, "mine", body()).status_code == 201
    assert put(api, "mine", body(rotation=5)).status_code == 201
    created = api.deploy(plan="mine")
    assert (created["plan"], created["plan_version"]) == ("mine", 2)
    assert [(it["name"], it["key"]) for it in created["rings"]] == [("first", "lab"), ("rest", "canary")]
    drive(2)
    assert put(api, "mine", body(ring("first", share=5, soak_seconds=9_000), REST)).status_code == 201
    path = f"/deployments/{created['id']}"
    drive(60, until=lambda: state_at(path) == "completed")
    ended = api.get(path)
    assert (ended["state"], ended["plan_version"]) == ("completed", 2)
    assert [it["state"] for it in ended["rings"]] == ["passed", "passed"]
    assert sum(it["targeted"] for it in ended["rings"]) == 100
    snapshot = Plan.from_json(db.session.get_one(Deployment, created["id"]).plan)
    assert (snapshot.version, snapshot.rotation, len(snapshot.rings)) == (2, 5, 2)
    assert snapshot.rings[0].gate == replace(GatePolicy(**GATE), on_fail=OnFail.PAUSE)  # type: ignore[arg-type]  # its own fields


def test_rings_beyond_the_fifth_have_keys_of_their_own(api: Api) -> None:
    shares = [ring(f"wave {n}", share=10) for n in range(5)]
    assert put(api, "waves", body(*shares, REST)).status_code == 201
    created = api.deploy(plan="waves")
    assert [it["key"] for it in created["rings"]][-2:] == ["global", "ring_6"]
    assert created["rings"][-1]["name"] == "rest"


def test_the_migrations_make_what_the_models_say(database: Flask) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    import workers.jobs  # noqa: F401  # what only jobs use has models too
    from app.db import db

    with db.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), db.metadata)
    assert found == []
