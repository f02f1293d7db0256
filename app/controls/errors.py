"""What the controls refuse, each with its stable type."""

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
    title = "There is no such deployment"


class UnknownApplication(Invalid):
    type = "unknown-application"
    title = "There is no such application"


class IncidentClosed(Conflict):
    type = "incident-closed"
    title = "The incident is closed already"


class NothingToLift(Conflict):
    type = "nothing-to-lift"
    title = "It was lifted before, or has ended by itself"


class OwnLift(Forbidden):
    type = "own-lift"
    title = "Whoever asked for a lift cannot approve it"
