"""The errors of deployments, each with its stable type."""

from __future__ import annotations

from app.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchDeployment(NotFound):
    type = "no-such-deployment"

    def __init__(self, deployment_id: int) -> None:
        super().__init__(f"Deployment {deployment_id} does not exist; GET /deployments lists the ones that do.")


class NoSuchDevice(NotFound):
    type = "no-such-device"
    title = "The device is not registered"


class NoSuchRingPlan(NotFound):
    type = "no-such-ring-plan"


class UnknownRingPlan(Invalid):
    type = "unknown-ring-plan"
    title = "The ring plan does not exist"


class InvalidRingPlan(Invalid):
    type = "invalid-ring-plan"
    title = "The ring plan is not valid"


class NoSuchProposal(NotFound):
    type = "no-such-proposal"


class OwnProposal(Forbidden):
    type = "own-proposal"
    title = "The person who proposed a change cannot confirm it"


class SecondPersonNeeded(Conflict):
    type = "second-person-needed"
    title = "This change takes two people"


class NothingToPropose(Conflict):
    type = "nothing-to-propose"
    title = "The content is unchanged"


class ProposalDecided(Conflict):
    type = "proposal-decided"
    title = "The proposal was already decided"


class OutdatedProposal(Conflict):
    type = "outdated-proposal"
    title = "The ring plan has changed since the proposal"


class LiveDeployment(Conflict):
    type = "live-deployment"
    title = "The application already has a live deployment on this platform"


class LiveRollback(Conflict):
    type = "live-rollback"
    title = "The live deployment is a rollback, which must be superseded by its id"


class EmptyScope(Invalid):
    type = "empty-scope"
    title = "The scope contains no device"


class IllegalTransition(Conflict):
    type = "illegal-transition"
    title = "The deployment's state does not allow this transition"


class RollbackOfRollback(Conflict):
    type = "rollback-of-rollback"
    title = "A rollback cannot be rolled back"


class NotRolledBack(Conflict):
    type = "not-rolled-back"
    title = "The deployment has not been rolled back"


class StillRollingBack(Conflict):
    type = "still-rolling-back"
    title = "The rollback has not ended"


class FailedGate(Conflict):
    type = "failed-gate"
    title = "A ring has failed its gate"


class NothingToWaive(Conflict):
    type = "nothing-to-waive"
    title = "No ring of the deployment can be waived"


class WaiverExpired(Conflict):
    type = "waiver-expired"
    title = "The waiver of a ring has expired"


class NothingToPromote(Conflict):
    type = "nothing-to-promote"
    title = "No ring of the deployment is waiting only for its soak"


class PromotionRefused(Conflict):
    type = "promotion-refused"
    title = "The ring's gate is waiting for more than time"


class NothingToReschedule(Conflict):
    type = "nothing-to-reschedule"
    title = "The deployment no longer waits for its start"


class InvalidScope(Invalid):
    type = "invalid-scope"
    title = "The scope does not say clearly which devices it is for"


class OwnPromotion(Forbidden):
    type = "own-promotion"
    title = "The requester of a deployment cannot shorten its soaks"


class OwnWaiver(Forbidden):
    type = "own-waiver"
    title = "The requester of a deployment cannot waive its gates"


class UnknownAssignment(Invalid):
    type = "unknown-assignment"
    title = "A report is about a device that is not part of the deployment"


class UnpackagedDevices(Invalid):
    type = "unpackaged-devices"
    title = "A connector has no package of this version for its devices"
