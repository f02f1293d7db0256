"""Tables: applications, releases, ring plans, deployments, rings, assignments, commands, reports, gate evaluations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.deployments.rules.gates import Tally
from app.deployments.rules.states import (
    AssignmentState,
    CommandState,
    DeploymentKind,
    DeploymentState,
    Purpose,
    RingState,
    ValidationState,
    Verb,
)

_LIVE = "state IN ('planning', 'running', 'paused')"


class Application(Model):
    """A named application."""

    __tablename__ = "applications"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class Release(Model):
    """One version of an application for one platform, with its artifact hash."""

    __tablename__ = "releases"
    __table_args__ = (UniqueConstraint("application_id", "version", "platform"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"))
    version: Mapped[str]
    platform: Mapped[str]
    artifact_hash: Mapped[str]


class PlanVersion(Model):
    """One version of a ring plan; never changed, since the next version is another row."""

    __tablename__ = "ring_plans"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    version: Mapped[int]
    plan: Mapped[dict[str, Any]]
    created_by: Mapped[str]
    created_at: Mapped[datetime]


class Deployment(Model):
    """One release going through one snapshot of a ring plan. `due_at` is its next wake-up."""

    __tablename__ = "deployments"
    __table_args__ = (
        Index("uq_deployments_live", "application_id", "platform", unique=True, postgresql_where=text(_LIVE)),
        Index("ix_deployments_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
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
    """What the caller says of the release's risk; blast radius and history are ours to find out."""
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    evidence_hash: Mapped[str | None]
    """The canonical hash of the complete evidence: its seal."""
    joined_until: Mapped[datetime | None]
    """Devices that changed before this have been looked at: the next look for joining devices begins here."""
    holds: Mapped[list[str]] = mapped_column(JSONB, default=list)
    """Why the last tick dispatched nothing; the API computes them anew."""
    state: Mapped[DeploymentState] = mapped_column(default=DeploymentState.PLANNING)
    reason: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    requested_by: Mapped[str]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]


class Ring(Model):
    """A deployment's ring: its state and its counters, which the database itself keeps in balance."""

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
    """Devices that no command holds yet, by connector."""
    sending: Mapped[int] = mapped_column(default=0)
    """Devices in commands that no connector has confirmed yet."""
    commands: Mapped[int] = mapped_column(default=0)
    """Commands made so far: the attempt in the next one's key."""
    verdict: Mapped[str | None]
    verdict_code: Mapped[str | None]
    verdict_reason: Mapped[str | None]
    waiting_since: Mapped[datetime | None]
    """Since when the ring waits: its start, or the last time a person let it go on."""
    dispatched_at: Mapped[datetime | None]
    covered_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    compliant: Mapped[int] = mapped_column(default=0)
    """Devices that succeeded within the limit of their site class."""
    compliance_times: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """How long devices took to succeed: site class → bin → devices."""
    validation: Mapped[ValidationState | None]
    """How far the ring has proven that its release can be rolled back."""
    validation_tries: Mapped[int] = mapped_column(default=0)
    held_ms: Mapped[int] = mapped_column(default=0)
    """Time between first dispatch and coverage in which the deployment was paused."""

    @property
    def tally(self) -> Tally:
        """The counters as the gate reads them."""
        told = max(self.dispatched - self.excluded, 0)
        return Tally(self.eligible, self.succeeded, self.failed, self.silent, self.pending, told, self.compliant)


class Command(Model):
    """An instruction to a connector, kept from before it is sent until its results are all in."""

    __tablename__ = "commands"
    __table_args__ = (
        Index("ix_commands_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_commands_deployment_id", "deployment_id"),
        Index("ix_commands_ring_id_confirmed_at", "ring_id", "confirmed_at"),
        Index(
            "ix_commands_unsent",
            "ring_id",
            postgresql_where=text("state IN ('queued', 'sending', 'retry_wait', 'unknown')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id"))
    ring_id: Mapped[int] = mapped_column(ForeignKey("rings.id"))
    connector: Mapped[str]
    verb: Mapped[Verb] = mapped_column(default=Verb.PUBLISH)
    purpose: Mapped[Purpose] = mapped_column(default=Purpose.ROLLOUT)
    release_id: Mapped[int | None] = mapped_column(ForeignKey("releases.id"))
    """The release it installs or withdraws; unset: the deployment's own."""
    device_id: Mapped[int | None]
    """The one device of a command that is not for a ring's waiting devices."""
    key: Mapped[str] = mapped_column(unique=True)
    size: Mapped[int]
    state: Mapped[CommandState] = mapped_column(default=CommandState.QUEUED)
    external_ref: Mapped[str | None]
    cursor: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    attempted_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    collected_at: Mapped[datetime | None]
    """When its connector last had nothing more to say of it: what is silent then was asked."""
    due_at: Mapped[datetime | None]


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
        # Every device moves through several states: room on the page keeps most of those updates out of the indexes.
        {"postgresql_with": {"fillfactor": 70}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int]
    ring_id: Mapped[int]
    device_id: Mapped[int]
    connector: Mapped[str]
    site_class: Mapped[str]
    release_id: Mapped[int | None]
    """In a rollback, the release the device returns to; unset there: it is withdrawn. Unset in a rollout."""
    previous_release_id: Mapped[int | None]
    """What the device had before, recorded before the first dispatch."""
    state: Mapped[AssignmentState] = mapped_column(default=AssignmentState.PENDING)
    command_id: Mapped[int | None]
    source: Mapped[str | None]
    """Who reported last; sequences of two reporters cannot be compared, so their times are."""
    sequence: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None]
    dispatched_at: Mapped[datetime | None]
    reported_at: Mapped[datetime | None]


class Installation(Model):
    """The release of an application that a device has, as far as its reports say."""

    __tablename__ = "installations"

    device_id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int | None]
    """Unset after the application was withdrawn."""
    deployment_id: Mapped[int]
    at: Mapped[datetime]


class Report(Model):
    """What a connector or a device said of an assignment; append-only."""

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


class GateEvaluation(Model):
    """A verdict with the inputs it follows from."""

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


class Waiver(Model):
    """Another person's leave to go on after a failed gate, with what makes up for it, until it expires."""

    __tablename__ = "waivers"

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id"))
    ring_id: Mapped[int] = mapped_column(ForeignKey("rings.id"), unique=True)
    granted_by: Mapped[str]
    granted_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    reason: Mapped[str]
    compensating_controls: Mapped[str]
