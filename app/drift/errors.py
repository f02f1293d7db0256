"""The errors of drift findings, each with its stable type."""

from __future__ import annotations

from app.errors import Conflict, NotFound


class NoSuchFinding(NotFound):
    type = "no-such-finding"


class FindingClosed(Conflict):
    type = "finding-closed"
    title = "The finding is not open"
