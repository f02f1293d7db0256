"""Requests that wait until a deployment changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from time import monotonic, sleep

from sqlalchemy.orm import Session

from app.db import db
from app.events.followers import newest
from app.events.unit import CommittedEvent
from app.http.parking import Guest

PAUSE = 0.25
HELD_SECONDS = 2.0
"""How long a request waits at most where it holds a thread."""
AGAIN = 1.0
"""Seconds after which a request that waits for any change is handled again at the earliest."""
_SURROUNDINGS = ("incident.", "freeze.", "emergency_stop.", "breaker.", "approval_floor.")
"""Types of events that are about no deployment, and may change what a deployment waits for."""

Versions = Callable[[Session, Collection[int]], Mapping[int, int]]
_versions: Versions | None = None


def install_versions(versions: Versions) -> None:
    """Have `versions(session, deployments)` read the version of each of these deployments."""
    global _versions
    _versions = versions


class Wait(Guest):
    """A request that waits until a deployment has a later version or, without `version`, until anything changes."""

    def __init__(self, deployment_id: int, after: int, version: int | None, until: float) -> None:
        """`after`: the newest event when the deployment was read. `until`: when the wait ends (monotonic)."""
        super().__init__()
        self.deployment_id, self.after, self.version, self.until = deployment_id, after, version, until
        self._not_before = monotonic() + AGAIN
        self._has_changed = False

    def note(self, deployments: Collection[int | None], surroundings: bool) -> None:
        """Something has happened to these deployments, or to what surrounds all of them."""
        if self.deployment_id in deployments or (surroundings and self.version is None):
            self._has_changed = True

    def is_due(self, versions: Mapping[int, int], now: float) -> bool:
        """Whether there may be an answer."""
        if now >= self.until:
            return True
        if not self._has_changed:
            return False
        if self.version is None:
            return now >= self._not_before
        self._has_changed = False
        return versions.get(self.deployment_id, self.version + 1) > self.version

    @property
    def asks(self) -> bool:
        """Whether the version of its deployment must be read to know if it is due."""
        return self._has_changed and self.version is not None


def due(session: Session, waits: Sequence[Wait], events: Sequence[CommittedEvent], now: float) -> list[Wait]:
    """Those that may have an answer after these events; one statement at the most."""
    deployments = {event.deployment_id for event in events}
    surroundings = any(event.deployment_id is None and event.type.startswith(_SURROUNDINGS) for event in events)
    for wait in waits:
        wait.note(deployments, surroundings)
    asked = {wait.deployment_id for wait in waits if wait.asks}
    versions: Mapping[int, int] = {}
    if asked:
        assert _versions is not None, "nobody reads versions"
        versions = _versions(session, asked)
    return [wait for wait in waits if wait.is_due(versions, now)]


def hold(wait: Wait) -> None:
    """Wait in this thread, for a server that cannot park the request; no transaction is open meanwhile."""
    while monotonic() < wait.until:
        has_news = newest(db.session()) > wait.after
        db.session.remove()
        if has_news:
            return
        sleep(PAUSE)
