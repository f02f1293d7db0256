"""How long to wait for a program that is starting: as long as it makes progress."""

from __future__ import annotations

from dataclasses import dataclass

STALLED_SECONDS = 60.0
"""A program whose log and processor time stand still for this long hangs."""
LIMIT_SECONDS = 900.0
"""Not even PostgreSQL's recovery after a power failure takes longer."""
GIVE_UP_SECONDS = 8.0
"""A program that still ends at once after this time will not recover."""
ENDS = 3
"""A program may end this often before it is ready."""
CPU_STEP = 0.1
"""Seconds of processor time that count as progress. Less is what an idle program needs."""


@dataclass(frozen=True)
class Sighting:
    """What is seen of a program: when (monotonic seconds), its state in supervisord, its pid or 0, and its progress."""

    at: float
    state: str
    pid: int
    log_bytes: int
    cpu_seconds: float


class Patience:
    """The patience with one program, from the first sighting on."""

    def __init__(self, first: Sighting) -> None:
        self._first = first
        self._moved = first
        self._last = first
        self._ends = 0

    def verdict(self, seen: Sighting) -> str:
        """Return why it is pointless to wait any longer, empty if it is not."""
        if seen.pid != self._last.pid and self._last.pid:
            self._ends += 1
        self._last = seen
        if self._progressed(seen):
            self._moved = seen
        waited, stalled = seen.at - self._first.at, seen.at - self._moved.at
        if waited > GIVE_UP_SECONDS and (seen.state in ("BACKOFF", "FATAL") or self._ends >= ENDS):
            return f"ends again and again (for {waited:.0f} s)"
        if stalled > STALLED_SECONDS:
            return f"is not ready and has done nothing for {stalled:.0f} s ({seen.state.lower()})"
        if waited > LIMIT_SECONDS:
            return f"is not ready after {waited:.0f} s ({seen.state.lower()})"
        return ""

    def _progressed(self, seen: Sighting) -> bool:
        moved = self._moved
        return (seen.state, seen.pid, seen.log_bytes) != (
            moved.state,
            moved.pid,
            moved.log_bytes,
        ) or seen.cpu_seconds >= moved.cpu_seconds + CPU_STEP
