"""A device's place in a plan: one ring and only one, and PostgreSQL says the same as Python."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import clock
from app.commands.states import Verb
from app.db import db
from app.deployments import planning
from app.deployments.models import Assignment, Deployment, Ring
from app.deployments.rules.gates import GatePolicy, OnFail
from app.deployments.rules.rings import (
    BUILT_IN,
    DEMO,
    STANDARD,
    Lot,
    Plan,
    RingPlan,
    backwards,
    batches,
    budget,
    ring_of,
    upper_bounds,
)
from app.devices.models import Device
from app.devices.places import BUCKETS
from app.devices.schemas import Criticality, DeviceIn, Platform
from app.devices.service import register
from app.events.unit import unit_of_work
from app.metrics import catalogue
from app.releases.models import Application, Release
from app.vocabulary import RING_KEYS, SiteClass

GATE = GatePolicy(target=0.9, min_reported=1, min_coverage=0.5, soak_seconds=0, error_ceiling=0.1)
TAGS = ("lab", "vip", "kiosk", "o'brien", "a:b", "%")
UNITS = ("sales", "plants", "", "r&d", "it's")
SITES = ("online", "intermittent", "air_gapped")

tag_rings = st.sampled_from(TAGS).map(lambda tag: RingPlan(name=f"by tag {tag}", gate=GATE, tag=tag))
share_rings = st.one_of(st.none(), st.floats(0, 60), st.sampled_from([0.01, 1, 5, 20, 100])).map(
    lambda share: RingPlan(name="by share", gate=GATE, share=share)
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Any order of rings, at least one of them not chosen by tag, as every plan must have."""
    rings = draw(st.lists(st.one_of(tag_rings, share_rings), max_size=8))
    rings.insert(draw(st.integers(0, len(rings))), draw(share_rings))
    return Plan(name="any", version=1, rings=tuple(rings), rotation=draw(st.integers(-30_000, 30_000)))


devices = st.fixed_dictionaries(
    {
        "id": st.just(0),
        "bucket": st.integers(0, BUCKETS - 1),
        "tags": st.lists(st.sampled_from(TAGS), unique=True, max_size=3),
        "platform": st.sampled_from(("windows", "linux")),
        "business_unit": st.sampled_from(UNITS),
        "site_class": st.sampled_from(SITES),
        "retired_at": st.sampled_from((None, "2026-01-01T00:00:00Z")),
    }
)
scopes = st.fixed_dictionaries(
    {},
    optional={
        "business_units": st.lists(st.sampled_from(UNITS), max_size=3),
        "tags": st.lists(st.sampled_from(TAGS), max_size=3),
        "site_classes": st.lists(st.sampled_from(SITES), max_size=3),
    },
)
FLEET = """
    json_to_recordset(CAST(:fleet AS json))
      AS device(id integer, bucket integer, tags text[], platform text, business_unit text, site_class text,
                retired_at timestamptz)
"""


@given(plans())
def test_every_place_has_exactly_one_ring_and_shares_add_up(plan: Plan) -> None:
    bounds = [bound for bound in upper_bounds(plan) if bound is not None]
    assert bounds == sorted(bounds)
    assert bounds[-1] == BUCKETS
    assert all(bound >= 0 for bound in bounds)
    assert [bound is None for bound in upper_bounds(plan)] == [ring.tag is not None for ring in plan.rings]


@given(plans())
def test_the_rings_sizes_are_their_shares(plan: Plan) -> None:
    sizes = Counter(ring_of(plan, bucket, ()) for bucket in range(0, BUCKETS, 25))
    below = 0
    for position, bound in enumerate(upper_bounds(plan)):
        if bound is not None:
            assert abs(sizes[position] * 25 - (bound - below)) <= 25
            below = bound
    assert sum(sizes.values()) == BUCKETS / 25


def test_the_standard_shares() -> None:
    for plan in (STANDARD, DEMO):
        assert upper_bounds(plan) == [None, 100, 600, 2_600, BUCKETS]


@given(plans(), st.integers(0, BUCKETS - 1), st.lists(st.sampled_from(TAGS)))
def test_a_tag_comes_before_a_place(plan: Plan, bucket: int, tags: list[str]) -> None:
    by_tag = [position for position, ring in enumerate(plan.rings) if ring.tag in tags]
    found = ring_of(plan, bucket, tags)
    assert found == (by_tag[0] if by_tag else ring_of(plan, bucket, ()))


@given(plans(), st.integers(0, BUCKETS - 1), st.integers(0, BUCKETS))
def test_rotation_turns_the_places(plan: Plan, bucket: int, turn: int) -> None:
    turned = Plan(name=plan.name, version=plan.version, rings=plan.rings, rotation=plan.rotation + turn)
    assert ring_of(turned, bucket, ()) == ring_of(plan, (bucket + turn) % BUCKETS, ())


def test_the_last_ring_that_is_not_chosen_by_tag_takes_the_rest() -> None:
    plan = Plan(
        name="odd",
        version=1,
        rings=(
            RingPlan(name="a", gate=GATE, share=10),
            RingPlan(name="b", gate=GATE, share=10),
            RingPlan(name="c", gate=GATE, tag="x"),
        ),
    )
    assert upper_bounds(plan) == [1_000, BUCKETS, None]


@given(plans())
def test_a_plan_survives_its_snapshot(plan: Plan) -> None:
    assert Plan.from_json(json.loads(json.dumps(plan.as_json()))) == plan


def test_a_snapshot_keeps_what_a_failed_gate_does() -> None:
    ring = RingPlan(
        name="a",
        gate=GatePolicy(
            target=0.9, min_reported=1, min_coverage=0.5, soak_seconds=0, error_ceiling=0.1, on_fail=OnFail.ABORT
        ),
    )
    assert Plan.from_json(Plan(name="p", version=1, rings=(ring,)).as_json()).rings[0].gate.on_fail is OnFail.ABORT


@given(st.dictionaries(st.sampled_from(("ansible", "intune", "jamf")), st.integers(0, 30_000)), st.integers(100, 6_000))
def test_batches_hold_every_device_once(waiting: dict[str, int], size: int) -> None:
    found = batches(waiting, size)
    told: Counter[str] = Counter()
    for lot, count in found:
        assert 0 < count <= size
        told[lot.key] += count
    assert told == +Counter(waiting)
    assert len(found) == sum(-(-count // size) for count in waiting.values())


@given(
    st.dictionaries(st.sampled_from(("ansible", "intune", "jamf")), st.integers(0, 30_000)),
    st.integers(100, 6_000),
    st.integers(0, 40_000),
    st.sets(st.sampled_from(("ansible", "jamf"))),
)
def test_batches_keep_to_the_budget_and_leave_closed_connectors_out(
    waiting: dict[str, int], size: int, most: int, closed: set[str]
) -> None:
    found = batches(waiting, size, most, closed)
    reachable = sum(count for connector, count in waiting.items() if connector not in closed)
    assert sum(count for _, count in found) == min(most, reachable)
    assert all(0 < count <= size and lot.connector not in closed for lot, count in found)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500), st.integers(1, 300), st.integers(1, 300))
def test_the_budget_keeps_rate_and_concurrency(waiting: int, under_way: int, lately: int, rate: int, many: int) -> None:
    ring = RingPlan(name="a", gate=GATE, devices_per_minute=rate, concurrency=many)
    told = budget(ring, waiting, waiting + under_way, lately)
    assert 0 <= told <= waiting
    assert not told or (lately + told <= rate and under_way + told <= many)
    assert budget(RingPlan(name="a", gate=GATE), waiting, waiting + under_way, lately) == waiting


@pytest.mark.parametrize("lot", [Lot("jamf"), Lot("jamf", 7), Lot("jamf", None, Verb.WITHDRAW)])
def test_a_lot_survives_its_key(lot: Lot) -> None:
    assert Lot.of(lot.key) == lot


@pytest.mark.parametrize("plan", BUILT_IN.values(), ids=lambda plan: plan.name)
def test_the_way_back_takes_the_rings_in_reverse_without_a_soak(plan: Plan) -> None:
    back = backwards(plan)
    assert [ring.name for ring in back.rings] == [ring.name for ring in reversed(plan.rings)]
    assert all(ring.gate.soak_seconds == 0 and ring.gate.on_fail is OnFail.PAUSE for ring in back.rings)


def test_the_built_in_plans_fit_the_keys_of_the_metrics() -> None:
    assert catalogue.RINGS == RING_KEYS
    for plan in BUILT_IN.values():
        assert tuple(ring.name for ring in plan.rings) == RING_KEYS[: len(plan.rings)]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=plans(), fleet=st.lists(devices, min_size=1, max_size=20))
def test_sql_finds_the_ring_that_python_finds(app: Flask, plan: Plan, fleet: list[dict[str, Any]]) -> None:
    on_the_edge = [
        {**fleet[0], "bucket": (bound - plan.rotation + offset) % BUCKETS}
        for bound in upper_bounds(plan)
        if bound is not None
        for offset in (-1, 0)
    ]
    fleet = [{**device, "id": number} for number, device in enumerate(fleet + on_the_edge)]
    expression, parameters = planning.ring_expression(plan, [100 + n for n in range(len(plan.rings))])
    statement = text(f"SELECT device.id, {expression} AS ring FROM {FLEET} ORDER BY device.id")
    found = select(app, statement, {**parameters, "fleet": json.dumps(fleet)})
    assert [row.ring for row in found] == [100 + ring_of(plan, it["bucket"], it["tags"]) for it in fleet]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scope=scopes, fleet=st.lists(devices, min_size=1, max_size=20))
def test_sql_selects_the_scope_that_is_written(app: Flask, scope: dict[str, Any], fleet: list[dict[str, Any]]) -> None:
    fleet = [{**device, "id": number} for number, device in enumerate(fleet)]
    condition, parameters = planning.in_scope("windows", scope)
    statement = text(f"SELECT device.id FROM {FLEET} WHERE {condition} ORDER BY device.id")
    found = select(app, statement, {**parameters, "fleet": json.dumps(fleet)})
    assert [row.id for row in found] == [device["id"] for device in fleet if is_in_scope(device, "windows", scope)]


def is_in_scope(device: dict[str, Any], platform: str, scope: dict[str, Any]) -> bool:
    """Kinds by AND, the values of a kind by OR; an empty kind asks nothing; a retired device is in no scope."""
    units, tags, sites = (scope.get(kind) for kind in ("business_units", "tags", "site_classes"))
    return (
        device["platform"] == platform
        and device["retired_at"] is None
        and (not units or device["business_unit"] in units)
        and (not tags or any(tag in device["tags"] for tag in tags))
        and (not sites or device["site_class"] in sites)
    )


def select(app: Flask, statement: Any, parameters: dict[str, Any]) -> Any:
    from app.db import db

    with app.app_context(), db.engine.connect() as connection:
        return connection.execute(statement, parameters).all()


def fleet(size: int) -> list[DeviceIn]:
    """Devices of two platforms, every tenth in the lab."""
    return [
        DeviceIn(
            external_id=f"plan-{n}",
            platform=Platform.WINDOWS if n % 3 else Platform.LINUX,
            connector="simulated",
            site_class=SiteClass.ONLINE,
            criticality=Criticality.NORMAL,
            tags=["lab"] if n % 10 == 0 else [],
        )
        for n in range(size)
    ]


def deployed(session: Session, plan: Plan, platform: str) -> tuple[Deployment, list[Ring]]:
    """A deployment under that plan, and its rings, without devices."""
    application = Application(name="vpn")
    session.add(application)
    session.flush()
    release = Release(application_id=application.id, version="1", platform=platform, artifact_hash="x")
    session.add(release)
    session.flush()
    deployment = Deployment(
        application_id=application.id,
        release_id=release.id,
        platform=platform,
        application_label="_other",
        plan=plan.as_json(),
        scope={},
        reason="requested",
        requested_by="tester",
        created_at=clock.now(),
    )
    session.add(deployment)
    session.flush()
    rings = [
        Ring(deployment_id=deployment.id, position=n, name=ring.name, key=RING_KEYS[n])
        for n, ring in enumerate(plan.rings)
    ]
    session.add_all(rings)
    session.flush()
    return deployment, rings


@pytest.mark.parametrize("platform", ["windows", "linux"])
def test_planning_fills_rings_as_python_would(database: Flask, platform: str) -> None:
    """The statement that planning runs, on a registered fleet."""
    register("tester", fleet(600))
    plan = Plan(name="demo", version=1, rings=DEMO.rings, rotation=4_321)
    with unit_of_work("tester") as unit:
        deployment, rings = deployed(unit.session, plan, platform)
        planned = planning.assign(unit.session, deployment, rings)
        positions = {ring.id: ring.position for ring in rings}
        counters = {ring.position: (ring.targeted, ring.eligible, ring.pending, ring.waiting) for ring in rings}
    rows = db.session.execute(
        db.select(Device.bucket, Device.tags, Device.platform, Assignment.ring_id).outerjoin(
            Assignment, Assignment.device_id == Device.id
        )
    ).all()
    inside = [row for row in rows if row.platform == platform]
    assert planned == len(inside)
    assert all(row.ring_id is None for row in rows if row.platform != platform)
    sizes = Counter(ring_of(plan, row.bucket, row.tags) for row in inside)
    assert all(positions[row.ring_id] == ring_of(plan, row.bucket, row.tags) for row in inside)
    for position, counted in counters.items():
        size = sizes[position]
        assert counted == (size, size, size, {"simulated": size} if size else {})
