"""The errors that devices get, each with its stable type."""

from __future__ import annotations

from app.errors import Gone, NotFound


class NotPulled(NotFound):
    type = "not-pulled"
    title = "The connector's devices do not ask for their work"


class UnknownAgent(NotFound):
    type = "unknown-agent"
    title = "The device is not registered with this connector"


class NoSuchAction(NotFound):
    type = "no-such-action"
    title = "The device has no such action"


class ActionOver(Gone):
    type = "action-over"
    title = "The action is over"
