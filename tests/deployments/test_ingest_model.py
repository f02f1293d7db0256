"""Random streams of reports beside a model in plain Python: states, counters, compliance in time, and no deadlock."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from time import monotonic, sleep
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import text

from app.deployments.rules.durations import bin_of
from app.deployments.rules.states import COUNTS_IN, OUTCOMES, REPORT, AssignmentState, Group
from tests.http.support import Client, rows
from tests.invariants.plans import gate

LIMIT = 60
DISPATCHED = datetime(2026, 3, 1, 12, tzinfo=UTC)
SITES = ("online", "intermittent")
"""Of these classes the first has a limit."""
DEVICES = tuple(f"dev-{n}" for n in range(8))
STRANGER = "stranger"
OPEN = [state for state, group in COUNTS_IN.items() if group is Group.PENDING]
COMPLIANT = [state for state, group in COUNTS_IN.items() if group is Group.SUCCEEDED]
PLAN = {
    "rings": [
        {"name": "lab", "tag": "lab", "gate": gate(compliant_within={"online": LIMIT})},
        {"name": "rest", "gate": gate(compliant_within={"online": LIMIT})},
    ]
}


@dataclass(frozen=True)
class Told:
    """One report, without its source."""

    external_id: str
    sequence: int
    outcome: AssignmentState
    reason: str
    after: int
    """Seconds from the dispatch to what is told."""

    @property
    def at(self) -> datetime:
        return DISPATCHED + timedelta(seconds=self.after)


@dataclass
class Device:
    """What the model knows of one device."""

    state: AssignmentState
    dispatched: bool
    limited: bool
    source: str | None = None
    sequence: int = 0
    reason: str | None = None
    reported_at: datetime | None = None
    timely: int = 0

    def takes(self, source: str, told: Told) -> bool:
        """Whether the report may move the device: by the table, and if it is no older news."""
        if told.outcome not in REPORT.get(self.state, ()):
            return False
        if source == self.source:
            return told.sequence > self.sequence
        return self.reported_at is None or told.at >= self.reported_at

    def move(self, source: str, told: Told) -> None:
        self.state, self.source, self.sequence = told.outcome, source, told.sequence
        self.reason, self.reported_at = told.reason, told.at
        self.timely += told.outcome in COMPLIANT and not (self.limited and self.dispatched and told.after > LIMIT)


@dataclass
class Model:
    """The rules of DOMAIN: a batch's highest sequence that may move a device does; what is known is a duplicate."""

    devices: dict[str, Device]
    stored: set[tuple[str, str, int]] = field(default_factory=set)

    def ingest(self, source: str, batch: Sequence[Told]) -> tuple[list[str], Counter[str]]:
        """The status of each report, and the outcomes that devices moved to."""
        new: dict[str, list[Told]] = {}
        statuses = []
        for told in batch:
            key = (source, told.external_id, told.sequence)
            if told.external_id not in self.devices:
                statuses.append("rejected")
            elif key in self.stored:
                statuses.append("duplicate")
            else:
                self.stored.add(key)
                new.setdefault(told.external_id, []).append(told)
                statuses.append("received")
        moved, late = Counter[str](), set()
        for external_id, reports in new.items():
            device = self.devices[external_id]
            taken = [told for told in reports if device.takes(source, told)]
            if taken:
                device.move(source, last := max(taken, key=lambda told: told.sequence))
                moved[last.outcome] += 1
            elif device.state not in OPEN:
                late.add(external_id)
        named = zip(statuses, batch, strict=True)
        return ["late" if it == "received" and told.external_id in late else it for it, told in named], moved


@pytest.fixture
def planned(client: Client) -> int:
    """A deployment of eight devices: two in the lab, half of each ring in a class of sites without a limit."""
    from app.deployments import progress

    assert client.raw("PUT", "/ring-plans/timed", json=PLAN).status_code in (200, 201)
    for n, external_id in enumerate(DEVICES):
        fields = {"site_class": SITES[n % 2], "tags": ["lab"] if n < 2 else []}
        body = [{"external_id": external_id, "platform": "windows", "connector": "simulated", **fields}]
        assert client.post("/devices", body)[0] == 200
    deployment = int(client.deploy(plan="timed")["id"])
    progress.plan(deployment)
    return deployment


def put(states: Sequence[tuple[AssignmentState, bool]]) -> Model:
    """Put each device into a state, dispatched or not, as if nothing had been told before; counters as they follow."""
    from app.db import db

    with db.engine.begin() as connection:
        for external_id, (state, dispatched) in zip(DEVICES, states, strict=True):
            at = DISPATCHED if dispatched else None
            connection.execute(_PUT, {"state": state, "at": at, "external_id": external_id})
        connection.execute(_COUNT)
    return Model(
        {
            external_id: Device(state, dispatched, limited=SITES[n % 2] == "online")
            for n, (external_id, (state, dispatched)) in enumerate(zip(DEVICES, states, strict=True))
        }
    )


_PUT = text("""
    UPDATE assignments
       SET state = :state, dispatched_at = :at, command_id = NULL,
           source = NULL, sequence = 0, reason = NULL, reported_at = NULL
      FROM devices WHERE devices.id = device_id AND external_id = :external_id
""")


def _counted(group: Group) -> str:
    states = ", ".join(f"'{state}'" for state, its in COUNTS_IN.items() if its is group)
    return f"count(*) FILTER (WHERE state IN ({states})) AS {group.value}"


_COUNT = text(f"""
    UPDATE rings
       SET pending = its.pending, succeeded = its.succeeded, failed = its.failed, silent = its.silent,
           excluded = its.excluded, eligible = targeted - its.excluded, compliant = 0,
           compliance_times = '{{}}'
      FROM (SELECT ring_id, {", ".join(_counted(group) for group in Group)} FROM assignments GROUP BY ring_id) AS its
     WHERE its.ring_id = rings.id
""")


def ingest(deployment: int, source: str, batch: Sequence[Told]) -> tuple[list[str], int]:
    """Through the service; the statuses, and how many devices moved."""
    from app.deployments import reports
    from app.events.unit import unit_of_work

    given = [
        reports.ReportRow(it.external_id, it.sequence, it.outcome.value, it.reason, it.at, deployment_id=deployment)
        for it in batch
    ]
    with unit_of_work("test") as unit:
        found = reports.ingest(unit, source, given)
    return found.statuses, found.moved


def assert_counters() -> None:
    """Each ring's counters are what a count of its assignments gives."""
    counters = ("pending", "succeeded", "failed", "silent", "excluded")
    counted = f"SELECT ring_id, {', '.join(_counted(group) for group in Group)} FROM assignments GROUP BY ring_id"
    found = {row.ring_id: row for row in rows(counted)}
    for ring in rows("SELECT * FROM rings"):
        its = found.get(ring.id)
        assert {name: getattr(ring, name) for name in counters} == {name: getattr(its, name, 0) for name in counters}
        assert (ring.eligible, ring.targeted) == (ring.targeted - ring.excluded, ring.eligible + ring.excluded)


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
told = st.builds(
    Told,
    st.sampled_from((*DEVICES[:4], *DEVICES[:4], *DEVICES[4:], STRANGER)),
    st.integers(1, 6),
    outcomes,
    st.sampled_from(("", "disk_full")),
    st.sampled_from((0, 30, LIMIT, LIMIT + 1, 300)),
)
batches = st.lists(st.tuples(st.sampled_from(("one", "other")), st.lists(told, max_size=12)), max_size=6)
placed = st.tuples(
    st.sampled_from((*OPEN, *OPEN, AssignmentState.UNREACHABLE, AssignmentState.EXPIRED, AssignmentState.FAILED)),
    st.booleans(),
)
run = count(1)
"""Each example has sources of its own, since stored reports stay."""


def test_streams_of_reports_end_as_in_the_model(planned: int) -> None:
    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(placed, min_size=len(DEVICES), max_size=len(DEVICES)), batches)
    def prove(states: list[tuple[AssignmentState, bool]], stream: list[tuple[str, list[Told]]]) -> None:
        model, number, became = put(states), next(run), Counter[str]()
        for name, batch in stream:
            source = f"{name}-{number}"
            expected, moves = model.ingest(source, batch)
            assert ingest(planned, source, batch) == (expected, moves.total())
            assert_counters()
            event = rows("SELECT payload FROM events ORDER BY id DESC LIMIT 1")[0].payload
            told_of = Counter[str]()
            for it in event["tallies"]:
                told_of[it["outcome"]] += it["count"]
            assert told_of == moves
            for it in event["compliance"]:
                became[it["result"]] += it["count"]
            assert {it: event[it] for it in ("received", "late", "duplicate", "rejected")} == {
                it: expected.count(it) for it in ("received", "late", "duplicate", "rejected")
            }
        found = assignments()
        for external_id, device in model.devices.items():
            its = found[external_id]
            assert (its.state, its.source, its.sequence) == (device.state, device.source, device.sequence)
            assert (its.reason, its.reported_at) == (device.reason, device.reported_at)
        timely = sum(device.timely for device in model.devices.values())
        assert compliant() == became["in_time"] == timely
        moved = [device for device in model.devices.values() if device.state in COMPLIANT]
        assert became.total() == len(moved)
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
    planned: int, site: str, state: AssignmentState, dispatched: bool, outcome: str, after: int, counts: int
) -> None:
    put([(state, dispatched)] * len(DEVICES))
    device = DEVICES[SITES.index(site)]
    assert ingest(planned, "one", [Told(device, 1, AssignmentState(outcome), "", after)]) == (["received"], 1)
    assert compliant() == counts


def test_four_writers_of_overlapping_batches_never_deadlock(database: Flask, planned: int) -> None:
    """Two of them speak for the same source; each batch names both rings, in an order of its own."""
    model = put([(AssignmentState.DISPATCHED, True)] * len(DEVICES))
    story = (AssignmentState.DEFERRED, AssignmentState.INSTALLING, AssignmentState.SUCCEEDED)
    everything = [Told(it, n, outcome, "", n) for it in DEVICES for n, outcome in enumerate(story, start=1)]

    def write(writer: int) -> Counter[str]:
        chance, statuses = random.Random(writer), Counter[str]()
        with database.app_context():
            for _ in range(25):
                batch = chance.choices(everything, k=chance.randint(1, 2 * len(everything)))
                statuses.update(ingest(planned, f"source-{writer // 2}", batch)[0])
        return statuses

    with ThreadPoolExecutor(4) as pool:
        answered = sum(pool.map(write, range(4), timeout=60), Counter[str]())
    stored = rows("SELECT count(*) AS reports, count(DISTINCT (source, external_id, sequence)) AS keys FROM reports")[0]
    assert answered["received"] + answered["late"] == stored.reports == stored.keys
    assert answered["rejected"] == 0
    assert_counters()
    for source in ("source-0", "source-1"):
        ingest(planned, source, everything)
    assert {row.state for row in assignments().values()} == {"succeeded"}
    assert compliant() == len(model.devices)
    assert_counters()


def test_devices_that_report_while_they_are_claimed_move_and_nobody_waits_in_a_circle(
    database: Flask, planned: int
) -> None:
    """A claim changes assignments without their ring, by ascending id; a batch that waited must still find them."""
    from app.db import db

    put([(AssignmentState.PENDING, False)] * len(DEVICES))
    batch = [Told(it, 1, AssignmentState.SUCCEEDED, "", 0) for it in reversed(DEVICES)]

    def write() -> tuple[list[str], int]:
        with database.app_context():
            return ingest(planned, "one", batch)

    with db.engine.connect() as claim, ThreadPoolExecutor(1) as pool:
        claim.execute(text("UPDATE assignments SET command_id = 1 WHERE id = (SELECT min(id) FROM assignments)"))
        writing = pool.submit(write)
        _wait_for_a_lock()
        claim.execute(text("UPDATE assignments SET command_id = 1 WHERE command_id IS NULL"))
        claim.commit()
        assert writing.result(timeout=30) == (["received"] * len(DEVICES), len(DEVICES))
    assert {(row.state, row.command_id) for row in assignments().values()} == {("succeeded", 1)}
    assert_counters()


def _wait_for_a_lock() -> None:
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    until = monotonic() + 20
    while not rows(waiting):
        assert monotonic() < until, "nobody waits"
        sleep(0.01)
