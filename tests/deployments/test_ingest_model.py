"""Random streams of reports beside a model in plain Python: states, counters, compliance in time, and no deadlock."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import text

from app.db import db
from app.deployments.report_statuses import STATUSES
from app.deployments.rules.durations import bin_of
from app.deployments.rules.states import OUTCOMES, AssignmentState
from tests.support.counters import assert_counters
from tests.support.database import rows, waits_for_a_lock
from tests.support.ingest import (
    COMPLIANT,
    DEVICES,
    DISPATCHED,
    LIMIT,
    OPEN,
    SITES,
    STRANGER,
    Report,
    ingest,
    put,
)
from tests.support.waiting import PATIENCE, eventually


def compliant() -> int:
    return sum(row.compliant for row in rows("SELECT compliant FROM rings"))


def timed() -> Counter[str]:
    """Devices by the bin of their time to compliance."""
    found = Counter[str]()
    for row in rows("SELECT compliance_times FROM rings"):
        for bins in row.compliance_times.values():
            found.update(bins)
    return found


def assignments() -> dict[str, Any]:
    found = rows("SELECT d.external_id, a.* FROM assignments a JOIN devices d ON d.id = a.device_id")
    return {row.external_id: row for row in found}


outcomes = st.sampled_from(OUTCOMES)
sent = st.builds(
    Report,
    st.sampled_from((*DEVICES[:4], *DEVICES[:4], *DEVICES[4:], STRANGER)),
    st.integers(1, 6),
    outcomes,
    st.sampled_from(("", "disk_full")),
    st.sampled_from((0, 30, LIMIT, LIMIT + 1, 300)),
)
batches = st.lists(st.tuples(st.sampled_from(("one", "other")), st.lists(sent, max_size=12)), max_size=6)
placed = st.tuples(
    st.sampled_from(
        (*OPEN, *OPEN, AssignmentState.UNREACHABLE, AssignmentState.EXPIRED, AssignmentState.FAILED, *COMPLIANT)
    ),
    st.booleans(),
)
run = count(1)
"""Each example has sources of its own, since stored reports stay."""


def test_streams_of_reports_end_as_in_the_model(timed_deployment: int) -> None:
    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(placed, min_size=len(DEVICES), max_size=len(DEVICES)), batches)
    def prove(states: list[tuple[AssignmentState, bool]], stream: list[tuple[str, list[Report]]]) -> None:
        model, number, became = put(states), next(run), Counter[str]()
        for name, batch in stream:
            source = f"{name}-{number}"
            expected, moves = model.ingest(source, batch)
            assert ingest(timed_deployment, source, batch) == (expected, moves.total())
            assert_counters()
            event = rows("SELECT payload FROM events ORDER BY id DESC LIMIT 1")[0].payload
            tallied = Counter[str]()
            for it in event["tallies"]:
                tallied[it["outcome"]] += it["count"]
            assert tallied == moves
            for it in event["compliance"]:
                became[it["result"]] += it["count"]
            assert {it: event[it] for it in STATUSES} == {it: expected.count(it) for it in STATUSES}
        found = assignments()
        for external_id, device in model.devices.items():
            its = found[external_id]
            assert (its.state, its.source, its.sequence) == (device.state, device.source, device.sequence)
            assert (its.reason, its.reported_at) == (device.reason, device.reported_at)
        assert compliant() == sum(device.timely for device in model.devices.values())
        assert became == sum((device.became for device in model.devices.values()), Counter())
        moved = [device for device in model.devices.values() if device.state in COMPLIANT and device.source]
        assert timed() == Counter(
            str(bin_of((device.reported_at - DISPATCHED).total_seconds()))
            for device in moved
            if device.dispatched and device.reported_at
        )

    prove()


@pytest.mark.parametrize(
    ("site", "state", "dispatched", "outcome", "after", "counts"),
    [
        ("online", AssignmentState.DISPATCHED, True, "succeeded", LIMIT, 1),
        ("online", AssignmentState.DISPATCHED, True, "succeeded", LIMIT + 1, 0),
        ("online", AssignmentState.DISPATCHED, True, "already_compliant", 1, 1),
        ("online", AssignmentState.DISPATCHED, True, "failed", 1, 0),
        ("online", AssignmentState.PENDING, False, "already_compliant", 10 * LIMIT, 1),
        ("online", AssignmentState.UNREACHABLE, True, "succeeded", 10 * LIMIT, 0),
        ("intermittent", AssignmentState.DISPATCHED, True, "succeeded", 10 * LIMIT, 1),
        ("intermittent", AssignmentState.EXPIRED, True, "succeeded", 10 * LIMIT, 1),
    ],
)
def test_compliance_in_time(
    timed_deployment: int, site: str, state: AssignmentState, dispatched: bool, outcome: str, after: int, counts: int
) -> None:
    put([(state, dispatched)] * len(DEVICES))
    device = DEVICES[SITES.index(site)]
    assert ingest(timed_deployment, "one", [Report(device, 1, AssignmentState(outcome), "", after)]) == (
        ["received"],
        1,
    )
    assert compliant() == counts


def test_four_writers_of_overlapping_batches_never_deadlock(database: Flask, timed_deployment: int) -> None:
    """Two of them speak for the same source; each batch names both rings, in an order of its own."""
    model = put([(AssignmentState.DISPATCHED, True)] * len(DEVICES))
    story = (AssignmentState.DEFERRED, AssignmentState.INSTALLING, AssignmentState.SUCCEEDED)
    everything = [Report(it, n, outcome, "", n) for it in DEVICES for n, outcome in enumerate(story, start=1)]

    def write(writer: int) -> Counter[str]:
        chance, statuses = random.Random(writer), Counter[str]()
        with database.app_context():
            for _ in range(25):
                batch = chance.choices(everything, k=chance.randint(1, 2 * len(everything)))
                statuses.update(ingest(timed_deployment, f"source-{writer // 2}", batch)[0])
        return statuses

    with ThreadPoolExecutor(4) as pool:
        answered = sum(pool.map(write, range(4), timeout=2 * PATIENCE), Counter[str]())
    stored = rows("SELECT count(*) AS reports, count(DISTINCT (source, external_id, sequence)) AS keys FROM reports")[0]
    assert answered["received"] + answered["late"] == stored.reports == stored.keys
    assert answered["rejected"] == 0
    assert_counters()
    for source in ("source-0", "source-1"):
        ingest(timed_deployment, source, everything)
    assert {row.state for row in assignments().values()} == {"succeeded"}
    assert compliant() == len(model.devices)
    assert_counters()


def test_devices_that_report_while_they_are_claimed_move_and_nobody_waits_in_a_circle(
    database: Flask, timed_deployment: int
) -> None:
    """A claim changes assignments without their ring, by ascending id; a batch that waited must still find them."""
    put([(AssignmentState.PENDING, False)] * len(DEVICES))
    batch = [Report(it, 1, AssignmentState.SUCCEEDED, "", 0) for it in reversed(DEVICES)]

    def write() -> tuple[list[str], int]:
        with database.app_context():
            return ingest(timed_deployment, "one", batch)

    with db.engine.connect() as claim, ThreadPoolExecutor(1) as pool:
        claim.execute(text("UPDATE assignments SET command_id = 1 WHERE id = (SELECT min(id) FROM assignments)"))
        writing = pool.submit(write)
        eventually(waits_for_a_lock, "nobody waits")
        claim.execute(text("UPDATE assignments SET command_id = 1 WHERE command_id IS NULL"))
        claim.commit()
        assert writing.result(timeout=PATIENCE) == (["received"] * len(DEVICES), len(DEVICES))
    assert {(row.state, row.command_id) for row in assignments().values()} == {("succeeded", 1)}
    assert_counters()
