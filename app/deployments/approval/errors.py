"""What approvals and break-glass refuse, each with its stable type."""

from __future__ import annotations

from app.errors import Conflict, Forbidden, Invalid


class CriticalVulnerability(Invalid):
    type = "critical-vulnerability"
    title = "The release has a critical vulnerability and no exception"


class UnsatisfiableApproval(Conflict):
    type = "unsatisfiable-approval"
    title = "There are not enough people who could approve this"


class OwnApproval(Forbidden):
    type = "own-approval"
    title = "Whoever asked for a deployment cannot answer for it"


class IncompleteEvidence(Conflict):
    type = "incomplete-evidence"
    title = "The evidence is not complete"


class AlreadyAnswered(Conflict):
    type = "already-answered"
    title = "This person's approval stands already"


class NotAssessed(Conflict):
    type = "not-assessed"
    title = "The deployment's risk has not been assessed yet"


class UnknownIncident(Invalid):
    type = "unknown-incident"
    title = "There is no such open incident"


class GlassAlreadyBroken(Conflict):
    type = "glass-already-broken"
    title = "This deployment has used break-glass before"


class NothingToConfirm(Conflict):
    type = "nothing-to-confirm"
    title = "There is nothing to confirm"


class OwnConfirmation(Forbidden):
    type = "own-confirmation"
    title = "Whoever used break-glass cannot confirm it"
