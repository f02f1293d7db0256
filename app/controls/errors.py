"""The errors of the controls, each with its stable type."""

from __future__ import annotations

from app.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchIncident(NotFound):
    type = "no-such-incident"


class NoSuchFreeze(NotFound):
    type = "no-such-freeze"


class NoSuchEmergencyStop(NotFound):
    type = "no-such-emergency-stop"


class UnknownDeployment(Invalid):
    type = "unknown-deployment"
    title = "Unknown deployment"


class UnknownApplication(Invalid):
    type = "unknown-application"
    title = "Unknown application"


class IncidentClosed(Conflict):
    type = "incident-closed"
    title = "The incident is already closed"


class OwnIncident(Forbidden):
    type = "own-incident"
    title = "The requester of a deployment cannot close an incident about it"


class NothingToLift(Conflict):
    type = "nothing-to-lift"
    title = "Already lifted or ended"


class OwnLift(Forbidden):
    type = "own-lift"
    title = "You cannot approve your own lift request"
