"""Reports to a deployment of eight devices, and a model in plain Python of what becomes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from app.db import db
from app.deployments.report_statuses import ReportRow
from app.deployments.reports import ingest as ingest_reports
from app.deployments.rules.states import CORRECT, COUNTS_IN, REPORT, AssignmentState, Group
from app.events.unit import unit_of_work
from tests.support.counters import COUNTED
from tests.support.plans import gate

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
class Report:
    """One report, without its source."""

    external_id: str
    sequence: int
    outcome: AssignmentState
    reason: str
    after: int
    """Seconds from the dispatch to what is reported."""

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
    timely: bool = False
    became: Counter[str] = field(default_factory=Counter)
    """How often it became compliant, in time or late."""

    def hears(self, source: str, report: Report) -> bool:
        """Whether the report says something of the device, by the tables, and is no older news."""
        known = {self.state, *REPORT.get(self.state, ()), *CORRECT.get(self.state, ())}
        if report.outcome not in known:
            return False
        if source == self.source:
            return report.sequence > self.sequence
        return self.reported_at is None or report.at >= self.reported_at

    def move(self, source: str, report: Report) -> None:
        self.state, self.source, self.sequence = report.outcome, source, report.sequence
        self.reason, self.reported_at = report.reason, report.at
        in_time = not (self.limited and self.dispatched and report.after > LIMIT)
        self.timely = report.outcome in COMPLIANT and in_time
        if report.outcome in COMPLIANT:
            self.became["in_time" if in_time else "late"] += 1


@dataclass
class Model:
    """The rules: a batch's highest sequence that may move a device does, an outcome before anything else.

    What arrives after a newer outcome of the same reporter moves no device that has an outcome. What is known is a
    duplicate; a sequence that said something else before is a conflict.
    """

    devices: dict[str, Device]
    stored: dict[tuple[str, str, int], tuple[str, str]] = field(default_factory=dict)

    def ingest(self, source: str, batch: Sequence[Report]) -> tuple[list[str], Counter[str]]:
        """The status of each report, and the outcomes that devices moved to."""
        new: dict[str, list[Report]] = {}
        statuses = []
        for report in batch:
            key = (source, report.external_id, report.sequence)
            if report.external_id not in self.devices:
                statuses.append("rejected")
            elif key in self.stored:
                says = (report.outcome, report.reason)
                statuses.append("duplicate" if self.stored[key] == says else "conflict")
            else:
                self.stored[key] = (report.outcome, report.reason)
                new.setdefault(report.external_id, []).append(report)
                statuses.append("received")
        moved, late = Counter[str](), set()
        for external_id, reports in new.items():
            device = self.devices[external_id]
            heard = [it for it in reports if device.hears(source, it) and not self.is_overtaken(source, device, it)]
            last = max(heard, key=lambda it: (it.outcome in CORRECT, it.sequence), default=None)
            if last is not None and last.outcome is not device.state:
                device.move(source, last)
                moved[last.outcome] += 1
            elif device.state not in OPEN:
                late.add(external_id)
        named = zip(statuses, batch, strict=True)
        return ["late" if it == "received" and report.external_id in late else it for it, report in named], moved

    def is_overtaken(self, source: str, device: Device, report: Report) -> bool:
        """Whether the device has an outcome, and a newer one of the same reporter came before this report."""
        return device.state in CORRECT and any(
            (source, report.external_id) == key[:2] and key[2] > report.sequence and outcome in CORRECT
            for key, (outcome, _) in self.stored.items()
        )


def put(states: Sequence[tuple[AssignmentState, bool]]) -> Model:
    """Put each device into a state, dispatched or not, as if nothing was reported yet; the counters follow."""
    with db.engine.begin() as connection:
        for external_id, (state, dispatched) in zip(DEVICES, states, strict=True):
            at = DISPATCHED if dispatched else None
            connection.execute(_PUT, {"state": state, "at": at, "external_id": external_id})
        connection.execute(_COUNT)
    return Model(
        {
            external_id: Device(state, dispatched, SITES[n % 2] == "online", timely=state in COMPLIANT)
            for n, (external_id, (state, dispatched)) in enumerate(zip(DEVICES, states, strict=True))
        }
    )


_PUT = text("""
    UPDATE assignments
       SET state = :state, dispatched_at = :at, command_id = NULL,
           source = NULL, sequence = 0, reason = NULL, reported_at = NULL
      FROM devices WHERE devices.id = device_id AND external_id = :external_id
""")


_COUNT = text(f"""
    UPDATE rings
       SET pending = its.pending, succeeded = its.succeeded, failed = its.failed, silent = its.silent,
           excluded = its.excluded, eligible = targeted - its.excluded, compliant = its.succeeded,
           compliance_times = '{{}}'
      FROM (SELECT ring_id, {COUNTED} FROM assignments GROUP BY ring_id) AS its
     WHERE its.ring_id = rings.id
""")


def ingest(deployment: int, source: str, batch: Sequence[Report]) -> tuple[list[str], int]:
    """Through the service; the statuses, and how many devices moved."""
    given = [
        ReportRow(it.external_id, it.sequence, it.outcome.value, it.reason, it.at, deployment_id=deployment)
        for it in batch
    ]
    with unit_of_work("test") as unit:
        found = ingest_reports(unit, source, given)
    return found.statuses, found.moved
