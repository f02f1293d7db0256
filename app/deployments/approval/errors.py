"""The errors of approvals and break-glass, each with its stable type."""

from __future__ import annotations

from app.errors import Conflict, Forbidden, Invalid


class CriticalVulnerability(Invalid):
    type = "critical-vulnerability"
    title = "The release has a critical vulnerability without an exception"


class UnsatisfiableApproval(Conflict):
    type = "unsatisfiable-approval"
    title = "The plan needs more approvers than exist"


class OwnApproval(Forbidden):
    type = "own-approval"
    title = "The requester of a deployment cannot approve or reject it"


class IncompleteEvidence(Conflict):
    type = "incomplete-evidence"
    title = "The evidence is incomplete"


class AlreadyAnswered(Conflict):
    type = "already-answered"
    title = "This person has already approved"


class NotAssessed(Conflict):
    type = "not-assessed"
    title = "The deployment's risk has not been assessed yet"


class UnknownIncident(Invalid):
    type = "unknown-incident"
    title = "The incident does not exist or is not open"


class GlassAlreadyBroken(Conflict):
    type = "glass-already-broken"
    title = "Break-glass was already used for this deployment"


class NothingToConfirm(Conflict):
    type = "nothing-to-confirm"
    title = "No break-glass is waiting for confirmation"


class OwnConfirmation(Forbidden):
    type = "own-confirmation"
    title = "The person who used break-glass cannot confirm it"
