"""The fixed sets of values in requests and answers."""

from __future__ import annotations

from typing import Literal

Platform = Literal["windows", "macos", "linux", "ios", "android"]
SiteClass = Literal["online", "intermittent", "air_gapped"]
"""How well a device's site is connected."""
Criticality = Literal["low", "normal", "high", "critical"]

Order = Literal["newest", "oldest"]
DeploymentKind = Literal["rollout", "rollback"]
DeploymentState = Literal["planning", "running", "paused", "completed", "aborted", "failed", "rejected"]
ProposalState = Literal["pending", "confirmed", "rejected", "replaced"]
RingState = Literal["pending", "deploying", "soaking", "passed", "failed", "waived", "skipped"]
AssignmentState = Literal[
    "pending",
    "dispatched",
    "installing",
    "deferred",
    "succeeded",
    "already_compliant",
    "failed",
    "unreachable",
    "expired",
    "not_applicable",
    "retired",
    "cancelled",
    "superseded",
]
Failure = Literal["failed", "unreachable", "expired"]
"""How a device can fail in a deployment: it says so, or it stays silent."""
ReportOutcome = Literal["installing", "deferred", "succeeded", "already_compliant", "failed", "not_applicable"]
ValidationState = Literal["withdrawing", "reinstalling", "validated", "failed"]
"""How far a ring has shown that its release can be rolled back."""
Verdict = Literal["pass", "fail", "wait", "error"]
Hold = Literal["approval", "freeze", "emergency_stop", "window", "breaker", "rate", "scheduled", "stalled"]
OnFail = Literal["pause", "abort", "rollback"]
ApprovalWhen = Literal["never", "risk", "always"]
ApprovalAnswer = Literal["approve", "reject"]
BlastClass = Literal["under_10", "under_100", "under_1000", "up_to_10000", "over_10000"]
Operator = Literal["<", "<=", ">", ">="]
Reducer = Literal["last", "avg", "max", "sum"]

Severity = Literal["P0", "P1", "P2", "P3"]
"""Of an incident, the worst first."""
BreakerState = Literal["closed", "open", "half_open"]
ReferenceKind = Literal["release", "package", "evidence"]
DriftKind = Literal["missing", "extra", "version", "scope"]
FindingState = Literal["open", "remediating", "needs_person", "accepted", "resolved"]
FindingReason = Literal["kind", "ring", "not_completed", "too_many", "tries"]
LeftBehindState = Literal["open", "accepted"]
MetricKind = Literal["counter", "timer", "gauge"]
Role = Literal["admin", "operator", "approver", "reporter", "viewer"]
SubjectKind = Literal["person", "service"]
TokenState = Literal["usable", "expired", "revoked"]
Service = Literal["ok", "does not answer"]

AttentionKind = Literal[
    "process",
    "emergency_stop",
    "incident",
    "stalled",
    "failed_gate",
    "paused",
    "approval",
    "break_glass",
    "breaker",
    "freeze",
    "left_behind",
    "drift",
    "planning",
    "running",
]
"""What an item that needs attention is about, in order of need."""
LineFormat = Literal["text/csv", "text/tab-separated-values", "application/x-ndjson"]
DeviceStatus = Literal["created", "updated", "unchanged"]
RetirementStatus = Literal["retired", "unchanged"]
ReportStatus = Literal["received", "late", "duplicate", "conflict"]
LineStatus = Literal["created", "updated", "unchanged", "received", "late", "duplicate", "conflict", "rejected"]
