"""What a deployment refuses, each with its stable type."""

from __future__ import annotations

from app.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchDeployment(NotFound):
    type = "no-such-deployment"


class NoSuchRingPlan(NotFound):
    type = "no-such-ring-plan"


class UnknownRingPlan(Invalid):
    type = "unknown-ring-plan"
    title = "There is no such ring plan"


class InvalidRingPlan(Invalid):
    type = "invalid-ring-plan"
    title = "The ring plan cannot be used"


class LiveDeployment(Conflict):
    type = "live-deployment"
    title = "This application already has a live deployment on this platform"


class IllegalTransition(Conflict):
    type = "illegal-transition"
    title = "The deployment cannot make this move"


class RollbackOfRollback(Conflict):
    type = "rollback-of-rollback"
    title = "A rollback is not rolled back"


class FailedGate(Conflict):
    type = "failed-gate"
    title = "A ring has failed its gate"


class NothingToWaive(Conflict):
    type = "nothing-to-waive"
    title = "No ring of the deployment has failed its gate"


class WaiverExpired(Conflict):
    type = "waiver-expired"
    title = "The waiver of a failed ring has expired"


class NothingToPromote(Conflict):
    type = "nothing-to-promote"
    title = "No ring of the deployment waits for its soak alone"


class PromotionRefused(Conflict):
    type = "promotion-refused"
    title = "The ring's gate lacks more than time"


class OwnPromotion(Forbidden):
    type = "own-promotion"
    title = "Whoever asked for a deployment cannot cut its soaks short"


class OwnWaiver(Forbidden):
    type = "own-waiver"
    title = "Whoever asked for a deployment cannot waive its gates"


class UnknownAssignment(Invalid):
    type = "unknown-assignment"
    title = "A report is about a device that this deployment does not have"
