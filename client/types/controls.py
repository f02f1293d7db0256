"""Incidents, freezes, emergency stops, connectors and drift."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from client.types.bodies import Window
from client.types.values import BreakerState, DriftKind, FindingReason, FindingState, Platform, Severity


class Incident(TypedDict):
    """An incident; the fields about its end are null while it is open."""

    id: int
    deployment_id: int | None
    severity: Severity
    title: str
    opened_by: str
    opened_at: str
    closed_by: str | None
    closed_at: str | None
    resolution: str | None
    version: int


class FreezeWindow(Window):
    """A freeze's window; a freeze read by its id also shows when it opens next and closes (null: closed)."""

    opens_next: NotRequired[str | None]
    closes_at: NotRequired[str | None]


class Freeze(TypedDict):
    """A freeze or an emergency stop, of one application or of all (null); `stands` says whether it is in force."""

    id: int
    application: str | None
    reason: str
    starts_at: str
    ends_at: str | None
    windows: list[FreezeWindow]
    created_by: str
    created_at: str
    lift_requested_by: str | None
    lift_requested_at: str | None
    lift_reason: str | None
    lifted_by: str | None
    lifted_at: str | None
    stands: bool
    version: int


class Connector(TypedDict):
    """A connector with its circuit breaker; `failures` and `successes` count consecutive calls."""

    name: str
    state: BreakerState
    failures: int
    successes: int
    retry_at: str | None
    wait_seconds: int
    probe_until: str | None
    opened_at: str | None
    version: str


class RemediationOrder(TypedDict):
    """How many findings were ordered to be remediated, and how many are left that match."""

    ordered: int
    left: int


class DriftFinding(TypedDict):
    """A device whose installed version differs from the expected one; versions are null for none."""

    id: int
    external_id: str
    application: str
    platform: Platform
    connector: str
    deployment_id: int | None
    ring: str | None
    kind: DriftKind
    expected: str | None
    found: str | None
    state: FindingState
    reason: FindingReason | None
    tries: int
    next_try_at: str | None
    ordered_by: str | None
    found_at: str
    seen_at: str
    resolved_at: str | None
    version: str
