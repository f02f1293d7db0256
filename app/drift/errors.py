"""What the findings refuse, each with its stable type."""

from __future__ import annotations

from app.errors import Conflict, NotFound


class NoSuchFinding(NotFound):
    type = "no-such-finding"


class FindingClosed(Conflict):
    type = "finding-closed"
    title = "Nobody needs to decide about this finding any more"
