"""What a check returns, and what it is given."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.metrics.reading.graphite import Graphite
from app.settings import Settings

START = "`make up` starts it here; in containers `docker compose up -d --wait`"
SEE_GRAPHITE = "See `graphite render` first."


class CheckState(StrEnum):
    """How a check ended; only `FAIL` is a fault."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class CheckResult:
    """One row of the table; `fix` says what to do and is empty if the check passed."""

    check: str
    state: CheckState
    detail: str
    fix: str = ""


@dataclass(frozen=True)
class CheckContext:
    """The settings to check, and how many seconds to wait until something that was sent shows up."""

    settings: Settings
    patience: float = 8.0

    @property
    def graphite(self) -> Graphite:
        """A client with a short time-out."""
        return Graphite(self.settings.graphite_url, timeout=min(self.patience, 5.0))

    def wait_for(self, condition: Callable[[], bool]) -> float | None:
        """Poll until the condition holds; returns the seconds it took, None if `patience` ran out."""
        began = time.monotonic()
        while True:
            if condition():
                return time.monotonic() - began
            if time.monotonic() - began > self.patience:
                return None
            time.sleep(0.05)

    def total(self, targets: Iterable[str], seconds: int) -> float:
        """The sum of all points of the targets in the last seconds. Raises GraphiteUnavailable."""
        now = int(time.time())
        return sum(series.total for series in self.graphite.render(targets, now - seconds, now + 2))


Check = Callable[[CheckContext], CheckResult]


def milliseconds(seconds: float) -> str:
    """A short duration as text."""
    return f"{seconds * 1000:.0f} ms"


def short(error: Exception) -> str:
    """The first line of an error, without what SQLAlchemy adds."""
    original = getattr(error, "orig", None) or error
    return (str(original).strip() or type(original).__name__).splitlines()[0][:200]
