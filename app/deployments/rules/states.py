"""States and the moves between them, as tables. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class DeploymentState(StrEnum):
    """States of a deployment."""

    PLANNING = "planning"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    ABORTED = "aborted"
    FAILED = "failed"
    REJECTED = "rejected"


class RingState(StrEnum):
    """States of a deployment's ring."""

    PENDING = "pending"
    DEPLOYING = "deploying"
    SOAKING = "soaking"
    PASSED = "passed"
    FAILED = "failed"
    WAIVED = "waived"
    SKIPPED = "skipped"


class AssignmentState(StrEnum):
    """States of one device in one deployment."""

    PENDING = "pending"
    DISPATCHED = "dispatched"
    INSTALLING = "installing"
    DEFERRED = "deferred"
    SUCCEEDED = "succeeded"
    ALREADY_COMPLIANT = "already_compliant"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    EXPIRED = "expired"
    NOT_APPLICABLE = "not_applicable"
    RETIRED = "retired"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


class DeploymentKind(StrEnum):
    """Whether a deployment installs a release or rolls one back."""

    ROLLOUT = "rollout"
    ROLLBACK = "rollback"


class PauseCode(StrEnum):
    """Why a deployment is paused."""

    REQUESTED = "requested"
    GATE_FAILED = "gate_failed"
    STALLED = "stalled"
    COMMAND_FAILED = "command_failed"
    REHEARSAL_FAILED = "rehearsal_failed"
    UNCONFIRMED = "unconfirmed"


class Decision(StrEnum):
    """What a person can decide about a deployment; the values are the last parts of the paths."""

    PAUSE = "pause"
    RESUME = "resume"
    PROMOTE = "promote"
    RESCHEDULE = "reschedule"
    WAIVE = "waive"
    ABORT = "abort"
    ROLL_BACK = "rollback"


class RehearsalState(StrEnum):
    """States of a ring's rollback rehearsal: one device is rolled back and installed again."""

    WITHDRAWING = "withdrawing"
    REINSTALLING = "reinstalling"
    VALIDATED = "validated"
    FAILED = "failed"


class Group(StrEnum):
    """The ring's counter for an assignment state; the values are column names."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SILENT = "silent"
    EXCLUDED = "excluded"


_D, _R, _A = DeploymentState, RingState, AssignmentState

DEPLOYMENT: Mapping[DeploymentState, frozenset[DeploymentState]] = {
    _D.PLANNING: frozenset({_D.RUNNING, _D.REJECTED, _D.ABORTED}),
    _D.RUNNING: frozenset({_D.PAUSED, _D.COMPLETED, _D.ABORTED, _D.FAILED}),
    _D.PAUSED: frozenset({_D.RUNNING, _D.ABORTED, _D.FAILED}),
    _D.COMPLETED: frozenset(),
    _D.ABORTED: frozenset(),
    _D.FAILED: frozenset(),
    _D.REJECTED: frozenset(),
}
RING: Mapping[RingState, frozenset[RingState]] = {
    _R.PENDING: frozenset({_R.DEPLOYING, _R.SKIPPED}),
    _R.DEPLOYING: frozenset({_R.SOAKING, _R.FAILED, _R.WAIVED, _R.SKIPPED}),
    _R.SOAKING: frozenset({_R.PASSED, _R.FAILED, _R.WAIVED, _R.SKIPPED}),
    # Devices of a passed ring may break while a later one is open.
    _R.PASSED: frozenset({_R.FAILED}),
    _R.FAILED: frozenset({_R.WAIVED}),
    _R.WAIVED: frozenset(),
    _R.SKIPPED: frozenset(),
}
_REPORTABLE = frozenset({_A.INSTALLING, _A.DEFERRED, _A.SUCCEEDED, _A.ALREADY_COMPLIANT, _A.FAILED, _A.NOT_APPLICABLE})
REPORT: Mapping[AssignmentState, frozenset[AssignmentState]] = {
    # A device may report before the connector's confirmation is stored.
    _A.PENDING: _REPORTABLE,
    _A.DISPATCHED: _REPORTABLE,
    _A.INSTALLING: _REPORTABLE - {_A.INSTALLING},
    _A.DEFERRED: _REPORTABLE - {_A.DEFERRED},
    _A.UNREACHABLE: frozenset({_A.SUCCEEDED, _A.FAILED}),
    _A.EXPIRED: frozenset({_A.SUCCEEDED, _A.FAILED}),
}
"""The moves a report can cause. In any other state a report is stored and counted as late, and nothing moves."""
CORRECT: Mapping[AssignmentState, frozenset[AssignmentState]] = {
    _A.SUCCEEDED: frozenset({_A.FAILED}),
    _A.ALREADY_COMPLIANT: frozenset({_A.FAILED}),
    _A.FAILED: frozenset({_A.SUCCEEDED, _A.ALREADY_COMPLIANT}),
}
"""The moves that a newer report can cause as well, as long as the deployment listens to the device's ring: a device
that worked breaks, or one that failed was repaired (see `machine.listening`)."""
GIVE_UP: Mapping[AssignmentState, AssignmentState] = {
    _A.DISPATCHED: _A.UNREACHABLE,
    _A.INSTALLING: _A.EXPIRED,
    _A.DEFERRED: _A.EXPIRED,
}
"""What a silent device is given up as: one that had started is expired, one that never reported is unreachable."""

LIVE = frozenset({_D.PLANNING, _D.RUNNING, _D.PAUSED})
"""Not ended. An application has at most one such deployment on a platform."""
ACTIVE = frozenset({_D.RUNNING, _D.PAUSED})
"""Planned and not ended: gates are evaluated."""
CUT_SHORT = frozenset({_D.ABORTED, _D.FAILED})
"""Ended before all rings were over."""
ENDED = frozenset({_D.COMPLETED, *CUT_SHORT})
"""Ended, and may have devices to settle; a rejected deployment never had any."""
STARTED = frozenset({_R.DEPLOYING, _R.SOAKING})
"""Rings whose gate is evaluated."""
OVER = frozenset({_R.PASSED, _R.SKIPPED, _R.WAIVED})
"""Rings that no longer hold back the next one."""
REHEARSING = frozenset({RehearsalState.WITHDRAWING, RehearsalState.REINSTALLING})
"""A rehearsal is under way: its device has a command."""
DECISIONS: Mapping[Decision, frozenset[DeploymentState]] = {
    Decision.PAUSE: frozenset({_D.RUNNING}),
    Decision.RESUME: frozenset({_D.PAUSED}),
    Decision.PROMOTE: frozenset({_D.RUNNING}),
    Decision.RESCHEDULE: LIVE,
    Decision.WAIVE: ACTIVE,
    Decision.ABORT: LIVE,
    Decision.ROLL_BACK: ACTIVE | ENDED,
}
"""The states in which a person may decide so. Whether the rings allow it too is checked by each decision."""
OUTCOMES = tuple(state for state in AssignmentState if state in _REPORTABLE)
"""The outcomes that a report can have."""

COUNTS_IN: Mapping[AssignmentState, Group] = {
    _A.PENDING: Group.PENDING,
    _A.DISPATCHED: Group.PENDING,
    _A.INSTALLING: Group.PENDING,
    _A.DEFERRED: Group.PENDING,
    _A.SUCCEEDED: Group.SUCCEEDED,
    _A.ALREADY_COMPLIANT: Group.SUCCEEDED,
    _A.FAILED: Group.FAILED,
    _A.UNREACHABLE: Group.SILENT,
    _A.EXPIRED: Group.SILENT,
    _A.NOT_APPLICABLE: Group.EXCLUDED,
    _A.RETIRED: Group.EXCLUDED,
    _A.CANCELLED: Group.EXCLUDED,
    _A.SUPERSEDED: Group.EXCLUDED,
}

LEAVABLE = frozenset(state for state, group in COUNTS_IN.items() if group in (Group.PENDING, Group.SILENT))
"""States without an outcome; a device retired in one of them leaves the counts."""
