"""What a check finds, and where it looks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.metrics.reading.graphite import Graphite
from app.settings import Settings

START = "`make up` starts it here; in containers `docker compose up -d --wait`"
SEE_GRAPHITE = "See `graphite render` first."


class State(StrEnum):
    """A warning is no fault."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One row of the answer; `fix` says what to do and is empty if all is well."""

    check: str
    state: State
    detail: str
    fix: str = ""


@dataclass(frozen=True)
class Place:
    """Where to look, and how many seconds to wait for what was sent to show up."""

    settings: Settings
    patience: float = 8.0

    @property
    def graphite(self) -> Graphite:
        """A client that gives up early."""
        return Graphite(self.settings.graphite_url, timeout=min(self.patience, 5.0))

    def seen(self, look: Callable[[], bool]) -> float | None:
        """Look again and again; return the seconds it took, None if it was in vain."""
        began = time.monotonic()
        while True:
            if look():
                return time.monotonic() - began
            if time.monotonic() - began > self.patience:
                return None
            time.sleep(0.05)

    def total(self, targets: Iterable[str], seconds: int) -> float:
        """The sum of all their points of the last seconds. Raises GraphiteUnavailable."""
        now = int(time.time())
        return sum(one.total for one in self.graphite.render(targets, now - seconds, now + 2))


Check = Callable[[Place], Finding]


def milliseconds(seconds: float) -> str:
    """A short time, to be read."""
    return f"{seconds * 1000:.0f} ms"


def short(error: Exception) -> str:
    """The first line of what went wrong, without what SQLAlchemy adds."""
    original = getattr(error, "orig", None) or error
    return (str(original).strip() or type(original).__name__).splitlines()[0][:200]
