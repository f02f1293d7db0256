"""The errors of the dashboards' API, each with its stable type."""

from __future__ import annotations

from app.errors import Invalid, NotFound


class NoSuchDashboard(NotFound):
    type = "no-such-dashboard"


class NoSuchPanel(NotFound):
    type = "no-such-panel"


class NoSuchVariable(NotFound):
    type = "no-such-variable"


class UnknownVariable(Invalid):
    type = "unknown-variable"
    title = "The dashboard has no such variable"
