"""The tables of ring plans, deployments, rings, assignments, reports and gate evaluations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, moves
from app.db import Model
from app.deployments.rules import states
from app.deployments.rules.rings import Lot
from app.deployments.rules.schedule import Start
from app.deployments.rules.states import (
    COUNTS_IN,
    AssignmentState,
    DeploymentKind,
    DeploymentState,
    Group,
    PauseCode,
    RehearsalState,
    RingState,
)
from app.deployments.rules.tally import Tally

_LIVE = "state IN ('planning', 'running', 'paused')"
"""The live states, written as in the index of the migrations."""
_UNSUCCESSFUL = "state IN ('failed', 'unreachable', 'expired')"


class PlanVersion(Model):
    """One version of a ring plan. It never changes; the next version is another row."""

    __tablename__ = "ring_plans"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    version: Mapped[int]
    plan: Mapped[dict[str, Any]]
    created_by: Mapped[str]
    created_at: Mapped[datetime]


class Deployment(Model):
    """The rollout or rollback of a release through a snapshot of a ring plan. `due_at` is its next wake-up."""

    __tablename__ = "deployments"
    __table_args__ = (
        Index("uq_deployments_live", "application_id", "platform", unique=True, postgresql_where=text(_LIVE)),
        Index("ix_deployments_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_deployments_rolls_back", "rolls_back", postgresql_where=text("rolls_back IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"))
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"))
    platform: Mapped[str]
    application_label: Mapped[str]
    plan: Mapped[dict[str, Any]]
    scope: Mapped[dict[str, Any]]
    kind: Mapped[DeploymentKind] = mapped_column(default=DeploymentKind.ROLLOUT)
    rolls_back: Mapped[int | None] = mapped_column(ForeignKey("deployments.id"))
    supersedes: Mapped[int | None] = mapped_column(ForeignKey("deployments.id"))
    declared_risk: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The risk factors that the requester declares; blast radius and history are computed."""
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    evidence_hash: Mapped[str | None]
    """The hash of the complete evidence; unset while a part is missing."""
    joined_until: Mapped[datetime | None]
    """Devices that changed before this have been checked; the next check for joining devices begins here.

    By the database's clock. Unset while it is not planned, and again once it has ended and is settled.
    """
    holds: Mapped[list[str]] = mapped_column(JSONB, default=list)
    """The names of the holds at the last tick; the API computes the current ones."""
    state: Mapped[DeploymentState] = mapped_column(default=DeploymentState.PLANNING)
    reason: Mapped[str]
    """Why it is in this state, for people; no decision depends on it."""
    pause_code: Mapped[PauseCode | None]
    """Why it is paused; unset in any other state."""
    pause_ring: Mapped[str | None]
    """The key of the ring that it is paused for, if there is one."""
    version: Mapped[int] = mapped_column(default=1)
    requested_by: Mapped[str]
    created_at: Mapped[datetime]
    starts_at: Mapped[datetime | None]
    """The earliest start that a person gave; unset: at once."""
    time_zone: Mapped[str | None]
    """The zone in which it was given: an IANA name, `UTC`, or an offset such as `+02:00`."""
    started_at: Mapped[datetime | None]
    """When it was planned and its earliest start had come; nothing was dispatched before."""
    paused_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]

    @property
    def start(self) -> Start | None:
        """Its earliest start; None if it has none."""
        return None if self.starts_at is None else Start(self.starts_at, self.time_zone or "UTC")

    def waits_for_start(self, now: datetime) -> bool:
        """Whether its earliest start is still to come. Once it has come, a clock that is set back changes nothing."""
        return self.started_at is None and self.starts_at is not None and now < self.starts_at


class Ring(Model):
    """A deployment's ring: its state and its counters, whose sums the database checks."""

    __tablename__ = "rings"
    __table_args__ = (
        UniqueConstraint("deployment_id", "position"),
        CheckConstraint("succeeded + failed + silent + pending = eligible", name="eligible_adds_up"),
        CheckConstraint("eligible + excluded = targeted", name="targeted_adds_up"),
        CheckConstraint(
            "least(targeted, excluded, eligible, succeeded, failed, silent, pending, dispatched, sending, compliant)"
            " >= 0",
            name="not_negative",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id"))
    position: Mapped[int] = mapped_column(Integer)
    name: Mapped[str]
    key: Mapped[str]
    state: Mapped[RingState] = mapped_column(default=RingState.PENDING)
    targeted: Mapped[int] = mapped_column(default=0)
    excluded: Mapped[int] = mapped_column(default=0)
    eligible: Mapped[int] = mapped_column(default=0)
    succeeded: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    silent: Mapped[int] = mapped_column(default=0)
    pending: Mapped[int] = mapped_column(default=0)
    dispatched: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[dict[str, int]] = mapped_column(default=dict)
    """Devices that no command has claimed yet, by lot."""
    sending: Mapped[int] = mapped_column(default=0)
    """Devices in commands that no connector has confirmed yet."""
    commands: Mapped[int] = mapped_column(default=0)
    """Commands issued so far, which number the keys of rollout commands."""
    verdict: Mapped[str | None]
    verdict_code: Mapped[str | None]
    verdict_reason: Mapped[str | None]
    waiting_since: Mapped[datetime | None]
    """Since when the ring waits: its start, its last dispatch or the last time a person resumed the deployment, moved
    on by the time that holds and soaks took."""
    excused_since: Mapped[datetime | None]
    """Since when a hold or a soak keeps the ring waiting, which is not counted."""
    dispatched_at: Mapped[datetime | None]
    covered_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    compliant: Mapped[int] = mapped_column(default=0)
    """Devices that succeeded within the limit of their site class."""
    compliance_times: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Devices that succeeded, by site class and bin of the time they took (see `rules.durations`)."""
    rehearsal: Mapped[RehearsalState | None] = mapped_column("validation")
    """The state of the ring's rollback rehearsal; unset before it and for the next try."""
    rehearsal_tries: Mapped[int] = mapped_column("validation_tries", default=0)
    paused_ms: Mapped[int] = mapped_column("held_ms", default=0)
    """For how long the deployment was paused between the ring's first dispatch and its coverage."""

    @property
    def names(self) -> dict[str, str]:
        """The ring as events name it: `ring` is what its plan calls it, `ring_key` what metric paths call it."""
        return {"ring": self.name, "ring_key": self.key}

    @property
    def tally(self) -> Tally:
        """The counters as the gate uses them."""
        dispatched = max(self.dispatched - self.excluded, 0)
        return Tally(self.eligible, self.succeeded, self.failed, self.silent, self.pending, dispatched, self.compliant)

    def move(self, target: RingState) -> None:
        """Change the ring's state by the table. Raises IllegalMove."""
        moves.check(states.RING, self.state, target)
        self.state = target

    def admit(self, waiting: Mapping[str, int]) -> None:
        """Count devices that joined the ring and wait for a command, by lot."""
        devices = sum(waiting.values())
        self.targeted += devices
        self.eligible += devices
        self.pending += devices
        self.waiting = dict(Counter(self.waiting) + Counter(waiting))

    def empty(self) -> None:
        """Undo `admit`, before anything was dispatched."""
        self.waiting, self.targeted, self.eligible, self.pending = {}, 0, 0, 0

    def forget_excluded(self, devices: int, dispatched: int) -> None:
        """Take excluded devices out of the ring's counts; they wait again, here or in another ring."""
        self.targeted -= devices
        self.excluded -= devices
        self.dispatched -= dispatched

    def shift(self, before: AssignmentState, after: AssignmentState, devices: int = 1) -> None:
        """Move devices from the counter of one state to that of another; excluded devices leave `eligible`."""
        source, target = COUNTS_IN[before], COUNTS_IN[after]
        if source is target:
            return
        setattr(self, source, getattr(self, source) - devices)
        setattr(self, target, getattr(self, target) + devices)
        self.eligible += devices * ((target is not Group.EXCLUDED) - (source is not Group.EXCLUDED))

    @property
    def unconfirmed(self) -> int:
        """Devices that wait for a command, or whose command no connector has confirmed yet."""
        return self.sending + sum(self.waiting.values())

    def start_sending(self, devices: int) -> None:
        """Count the devices of a command that was issued."""
        self.sending += devices

    def stop_sending(self, devices: int) -> None:
        """Count the devices of a command that was confirmed, or that failed."""
        self.sending -= devices

    def stop_waiting(self) -> None:
        """No device gets a command any more."""
        self.waiting = {}

    def take(self, lot: Lot, devices: int) -> int:
        """Move waiting devices into a new command; returns the command's number in the ring."""
        left = self.waiting.get(lot.key, 0) - devices
        others = {key: count for key, count in self.waiting.items() if key != lot.key}
        self.waiting = {**others, lot.key: left} if left else others
        self.start_sending(devices)
        self.commands += 1
        return self.commands

    def give_back(self, lot: Lot, devices: int) -> None:
        """Let the devices of a failed command wait again."""
        if devices:
            self.waiting = {**self.waiting, lot.key: self.waiting.get(lot.key, 0) + devices}

    def forget_waiting(self, connector: str, release_id: int | None, devices: int) -> None:
        """Take devices that need no command out of the waiting ones.

        If every waiting device is in a queued command already, that command leaves them out at its delivery.
        """
        for key, waiting in self.waiting.items():
            lot = Lot.of(key)
            if (lot.connector, lot.release_id) == (connector, release_id):
                self.waiting = {**self.waiting, key: max(waiting - devices, 0)}

    def count_dispatched(self, devices: int, now: datetime) -> None:
        """Count devices of a command that a connector confirmed."""
        self.dispatched += devices
        self.dispatched_at = self.dispatched_at or now

    def count_times(self, times: Mapping[str, Mapping[str, int]]) -> None:
        """Count devices that succeeded by the time they took (site class → bin → devices); negative if they broke."""
        if times:
            totals = {site_class: Counter(bins) for site_class, bins in self.compliance_times.items()}
            for site_class, bins in times.items():
                totals.setdefault(site_class, Counter()).update(bins)
            self.compliance_times = {site_class: dict(+bins) for site_class, bins in totals.items()}

    def leave_the_future(self, now: datetime) -> None:
        """Let what the ring waits for begin now if the clock was set back since it began."""
        for name in ("waiting_since", "dispatched_at", "covered_at"):
            if clock.is_ahead(getattr(self, name), now):
                setattr(self, name, now)

    def count_pause(self, paused_at: datetime | None, until: datetime) -> None:
        """Count a pause, up to its end or to the ring's coverage, so that `duration_ms` leaves it out."""
        if paused_at and self.dispatched_at and not self.covered_at:
            # The clock may have been set back during the pause.
            self.paused_ms += max(milliseconds(until - max(paused_at, self.dispatched_at)), 0)

    def waited(self, now: datetime) -> timedelta | None:
        """How long the ring could have moved and did not; None before its start."""
        return None if self.waiting_since is None else (self.excused_since or now) - self.waiting_since

    def wait_anew(self, now: datetime) -> None:
        """The ring has moved, or a person has decided: what it waited before does not count any more."""
        self.waiting_since, self.excused_since = now, None

    def excuse(self, is_excused: bool, now: datetime) -> None:
        """Stop counting how long the ring waits, or go on counting."""
        if self.waiting_since is None:
            return
        if is_excused:
            self.excused_since = self.excused_since or now
        elif self.excused_since is not None:
            self.waiting_since += now - self.excused_since
            self.excused_since = None

    @property
    def duration_ms(self) -> int | None:
        """From the first dispatch to the coverage, without pauses; None before the coverage."""
        if self.covered_at is None or self.dispatched_at is None:
            return None
        return max(milliseconds(self.covered_at - self.dispatched_at) - self.paused_ms, 0)


def milliseconds(span: timedelta) -> int:
    """A time span in whole milliseconds."""
    return round(span.total_seconds() * 1000)


class Assignment(Model):
    """One device in one deployment, in exactly one ring."""

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("deployment_id", "device_id"),
        Index(
            "ix_assignments_unclaimed",
            "ring_id",
            "connector",
            "id",
            postgresql_where=text("state = 'pending' AND command_id IS NULL"),
        ),
        Index("ix_assignments_command_id", "command_id", postgresql_where=text("command_id IS NOT NULL")),
        Index(
            "ix_assignments_outstanding",
            "ring_id",
            "dispatched_at",
            postgresql_where=text("state IN ('dispatched', 'installing', 'deferred')"),
        ),
        Index("ix_assignments_unsuccessful", "deployment_id", "id", postgresql_where=text(_UNSUCCESSFUL)),
        Index("ix_assignments_failing", "device_id", postgresql_where=text(_UNSUCCESSFUL)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int]
    ring_id: Mapped[int]
    device_id: Mapped[int]
    connector: Mapped[str]
    site_class: Mapped[str]
    release_id: Mapped[int | None]
    """In a rollback, the release to return to; unset: the release is withdrawn. Always unset in a rollout."""
    previous_release_id: Mapped[int | None]
    """The release the device had before, recorded before the first dispatch."""
    state: Mapped[AssignmentState] = mapped_column(default=AssignmentState.PENDING)
    command_id: Mapped[int | None]
    source: Mapped[str | None]
    """Who reported last. Sequences of different reporters cannot be compared, so their times are."""
    sequence: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None]
    dispatched_at: Mapped[datetime | None]
    reported_at: Mapped[datetime | None]
    """When what was reported last happened: the reporter's time, unless its clock was wrong."""
    clamped: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    """Whether `reported_at` is the time when we received the report, because the reporter's time cannot be true."""
    report_id: Mapped[int | None]
    """The report that moved it last. Ids follow the order in which we receive reports; no device's clock changes it."""
    broke: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    """Whether it failed after it had succeeded: it still has the release."""
    corrections: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    """How often it succeeded after it had failed, or the reverse."""
    moved_at: Mapped[datetime | None]
    """When that report was stored, or a change excluded it, by the database's clock. It finds late installers."""


class Report(Model):
    """A report of a connector or a device about an assignment; append-only. `occurred_at` is what the reporter says."""

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("source", "external_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    external_id: Mapped[str]
    sequence: Mapped[int]
    assignment_id: Mapped[int]
    outcome: Mapped[str]
    reason: Mapped[str]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    clamped: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    """Whether `occurred_at` cannot be true, so that `received_at` counts instead."""


class GateEvaluation(Model):
    """A verdict with the inputs that determine it."""

    __tablename__ = "gate_evaluations"
    __table_args__ = (Index("ix_gate_evaluations_deployment_id", "deployment_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id"))
    ring_id: Mapped[int] = mapped_column(ForeignKey("rings.id"))
    at: Mapped[datetime]
    policy_version: Mapped[int]
    verdict: Mapped[str]
    code: Mapped[str]
    reason: Mapped[str]
    inputs: Mapped[dict[str, Any]]
