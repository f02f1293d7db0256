"""Previews of gates against the gates themselves, and against every outcome of small rings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from math import comb, prod
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from app.deployments.rules.gates import GateInputs, GateOutcome, GatePolicy, breached, judge
from app.deployments.rules.preview import (
    TIMES,
    RingPreview,
    allowed_rate,
    forgiven,
    notes,
    rings,
    sizes,
)
from app.deployments.rules.rings import BUILT_IN, STANDARD, Plan, RingPlan, ring_of
from app.deployments.rules.tally import Tally
from app.devices.places import BUCKETS

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = 3_600
GATE = GatePolicy(target=0.9, min_reported=1, min_coverage=0.5, soak_seconds=600, error_ceiling=0.2)


@st.composite
def policies(draw: st.DrawFn) -> GatePolicy:
    """Gates that a plan may have."""
    target = draw(st.sampled_from((0.5, 0.8, 0.9, 0.95, 0.97, 0.99, 0.999)))
    return GatePolicy(
        target=target,
        error_ceiling=1 - target + draw(st.sampled_from((0.001, 0.01, 0.02, 0.1, 0.3))) * target,
        min_reported=draw(st.integers(1, 50)),
        min_coverage=draw(st.sampled_from((0.1, 0.5, 0.8, 0.9, 1.0))),
        soak_seconds=0,
        compliant_within=draw(st.sampled_from(({}, {"online": 60}))),
        strict=draw(st.booleans()),
    )


def outcome(policy: GatePolicy, devices: int, failed: int) -> GateOutcome:
    """The verdict on a ring in which every device has reported in time."""
    reported = devices - failed
    tally = Tally(devices, reported, failed, 0, 0, dispatched=devices, compliant=reported)
    return judge(policy, GateInputs(tally, soaking_since=NOW), NOW).outcome


def fails_at_some_time(policy: GatePolicy, outcomes: tuple[bool, ...]) -> bool:
    """Whether the gate fails at any moment of a ring whose devices report one after another, each a failure or not."""
    devices = len(outcomes)
    for reported in range(devices + 1):
        failed = sum(outcomes[:reported])
        done = reported - failed
        tally = Tally(devices, done, failed, 0, devices - reported, dispatched=devices, compliant=done)
        if judge(policy, GateInputs(tally, soaking_since=NOW), NOW).outcome is GateOutcome.FAIL:
            return True
    return False


def plan(*planned: RingPlan, **fields: Any) -> Plan:
    return Plan(**{"name": "mine", "version": 1, "rings": planned, **fields})


def ring(name: str = "all", *, gate: GatePolicy = GATE, **fields: Any) -> RingPlan:
    return RingPlan(name=name, gate=gate, **fields)


def online(previewed: Plan, *devices: int) -> list[RingPreview]:
    return rings(previewed, [{"online": count} for count in devices])


@given(policies(), st.integers(1, 60))
def test_what_is_forgiven_is_what_the_gate_lets_pass(policy: GatePolicy, devices: int) -> None:
    most = forgiven(policy, devices)
    passes = [outcome(policy, devices, failed) is GateOutcome.PASS for failed in range(devices + 1)]
    assert passes == [failed <= most for failed in range(devices + 1)]


@given(policies(), st.integers(1, 60))
def test_the_ceiling_is_what_the_gate_takes_for_it(policy: GatePolicy, devices: int) -> None:
    (previewed,) = online(plan(ring(gate=policy)), devices)
    assert previewed.ceiling is not None
    tallies = [Tally(devices, devices - failed, failed, 0, 0) for failed in range(devices + 1)]
    assert [breached(policy, tally) for tally in tallies] == [n > previewed.ceiling for n in range(devices + 1)]


@settings(max_examples=40)
@given(policies(), st.integers(1, 9))
def test_the_chances_are_those_of_every_outcome(policy: GatePolicy, devices: int) -> None:
    (previewed,) = online(plan(ring(gate=policy)), devices)
    judged = [(each, fails_at_some_time(policy, each)) for each in product((False, True), repeat=devices)]
    for chance in previewed.chances:
        rate = chance.failure_rate
        weights = [rate ** sum(each) * (1 - rate) ** (devices - sum(each)) for each, _ in judged]
        at_the_end = sum(
            weight
            for weight, (each, _) in zip(weights, judged, strict=True)
            if outcome(policy, devices, sum(each)) is GateOutcome.FAIL
        )
        at_any_time = sum(weight for weight, (_, fails) in zip(weights, judged, strict=True) if fails)
        assert chance.in_ring == pytest.approx(at_the_end, abs=1e-9)
        assert chance.in_ring <= at_any_time + 1e-9  # what is previewed is never too good


@pytest.mark.parametrize("devices", [30, 99, 400])
def test_the_chances_in_larger_rings_are_sums_over_their_failures(devices: int) -> None:
    for previewed, planned in zip(online(STANDARD, *[devices] * 5), STANDARD.rings, strict=True):
        stops = [n for n in range(devices + 1) if outcome(planned.gate, devices, n) is GateOutcome.FAIL]
        for chance in previewed.chances:
            rate = chance.failure_rate
            exact = sum(comb(devices, n) * rate**n * (1 - rate) ** (devices - n) for n in stops)
            assert chance.in_ring == pytest.approx(exact, abs=1e-9)


def test_the_rates_are_multiples_of_what_the_highest_target_allows() -> None:
    assert allowed_rate(STANDARD) == 0.01
    for previewed in online(STANDARD, 5, 10, 50, 200, 735):
        assert [(chance.times, chance.failure_rate) for chance in previewed.chances] == [
            (1, 0.01),
            (2, 0.02),
            (5, 0.05),
        ]
    lenient = replace(GATE, target=0.4, error_ceiling=0.7)
    (capped,) = online(plan(ring(gate=lenient)), 10)
    assert [chance.failure_rate for chance in capped.chances] == [0.6, 1.0, 1.0]


def test_a_release_is_stopped_by_a_ring_if_that_one_or_one_before_it_fails() -> None:
    previewed = online(STANDARD, 5, 10, 0, 200, 735)
    for position in range(5):
        for which, _ in enumerate(TIMES):
            missed = prod(1 - each.chances[which].in_ring for each in previewed[: position + 1])
            assert previewed[position].chances[which].by_ring == pytest.approx(1 - missed, abs=1e-12)
    assert previewed[4].chances[2].by_ring > 0.99


def test_a_ring_without_devices_stops_nothing_and_takes_no_time() -> None:
    (empty,) = online(plan(ring()), 0)
    assert (empty.forgiven, empty.ceiling, empty.earliest_seconds, empty.typical_seconds) == (None, None, 0, 0)
    assert [chance.in_ring for chance in empty.chances] == [0, 0, 0]


def test_ten_million_devices_cost_no_more_than_a_few_sums() -> None:
    previewed = online(STANDARD, 0, 100_000, 495_000, 1_881_000, 7_524_000)
    assert previewed[4].forgiven == pytest.approx(75_240, rel=0.01)
    assert previewed[4].chances[1].in_ring == pytest.approx(1)
    assert previewed[4].chances[0].in_ring == pytest.approx(0.05, abs=0.001)


@pytest.mark.parametrize("previewed", BUILT_IN.values(), ids=lambda each: each.name)
@pytest.mark.parametrize("rotation", [0, 1, 7_777])
def test_one_device_in_every_bucket_is_split_as_planning_splits_it(previewed: Plan, rotation: int) -> None:
    rotated = replace(previewed, rotation=rotation)
    planned = Counter(ring_of(rotated, bucket, ()) for bucket in range(BUCKETS))
    assert sizes(rotated, BUCKETS, {}) == [planned[position] for position in range(5)]


@given(st.integers(0, 10**7), st.data())
def test_every_assumed_device_is_in_one_ring(devices: int, data: st.DataObject) -> None:
    tagged = data.draw(st.integers(0, devices))
    split = sizes(STANDARD, devices, {"lab": tagged})
    assert sum(split) == devices
    assert min(split) >= 0
    assert split[0] == tagged


def durations() -> Iterator[Any]:
    """A ring, its devices by site class, and how long it takes at the earliest and typically, in seconds."""
    yield ring(), {"online": 10}, 600, 600 + 12 * HOUR
    yield ring(), {"online": 9, "air_gapped": 1}, 600, 600 + 12 * HOUR  # half of the devices are enough
    yield ring(), {"online": 1, "air_gapped": 9}, 600, 600 + 84 * HOUR
    within = replace(GATE, compliant_within={"online": HOUR})
    yield ring(gate=within), {"online": 10}, 600, 600 + HOUR / 2
    late = replace(GATE, compliant_within={"online": 1_000 * HOUR})  # it would be given up before
    yield ring(gate=late), {"online": 10}, 600, 600 + 12 * HOUR
    no_soak = replace(GATE, soak_seconds=0, min_coverage=1.0)
    yield ring(gate=no_soak, devices_per_minute=10), {"online": 10}, 0, 12 * HOUR
    yield ring(gate=no_soak, devices_per_minute=10), {"online": 11}, 60, 60 + 12 * HOUR
    yield ring(gate=no_soak, devices_per_minute=1), {"online": 3}, 120, 120 + 12 * HOUR
    yield ring(gate=no_soak, concurrency=5), {"online": 11}, 0, 36 * HOUR
    # The soak begins with the reports that are needed, while the others are still dispatched to.
    first = replace(GATE, strict=True)
    yield ring(gate=first, devices_per_minute=1), {"online": 21}, 10 * 60 + 600, 10 * 60 + 600 + 12 * HOUR
    yield ring(gate=first, devices_per_minute=1), {"online": 101}, 6_000, 50 * 60 + 600 + 12 * HOUR


@pytest.mark.parametrize(("planned", "devices", "earliest", "typical"), [*durations()])
def test_how_long_a_ring_takes(planned: RingPlan, devices: dict[str, int], earliest: float, typical: float) -> None:
    (previewed,) = rings(plan(planned), [devices])
    assert (previewed.earliest_seconds, previewed.typical_seconds) == (earliest, typical)


def codes(previewed: Plan, *devices: int) -> list[tuple[str, str | None]]:
    return [(note.code, note.ring) for note in notes(previewed, online(previewed, *devices))]


def test_notes_name_what_a_ring_does_not_show() -> None:
    assert codes(STANDARD, 60, 1_000, 5_000, 20_000, 74_000) == []
    assert codes(STANDARD, 0, 1_000, 5_000, 20_000, 74_000) == [("no_devices", "lab")]
    assert codes(STANDARD, 60, 20, 5_000, 20_000, 74_000) == [
        ("min_reported_above_size", "canary"),
        ("proves_little", "canary"),
    ]
    assert ("single_ring", "lab") in codes(STANDARD, 60, 0, 0, 0, 0)
    assert codes(plan(ring()), 100) == []
    window = {"cron": "0 22 * * *", "duration_minutes": 60, "time_zone": "UTC"}
    assert codes(plan(ring(), windows=(window,)), 100) == [("windows", None)]


def test_149_devices_without_a_failure_prove_98_per_cent() -> None:
    gate = replace(GATE, target=0.98)
    assert codes(plan(ring(gate=gate)), 148) == [("proves_little", "all")]
    assert codes(plan(ring(gate=gate)), 149) == []
