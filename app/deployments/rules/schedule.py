"""When a deployment starts: a time that a person gives with its zone. Standard library only.

A local time that the spring change skips moves by the skipped time (02:30 becomes 03:30). One that the autumn change
repeats is the first of the two. Windows are read in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from app import clock

FURTHEST = timedelta(days=366)
"""How far ahead a start can be."""
_YEARS = range(2000, 3000)
"""Outside of these, a time in another zone may exceed what PostgreSQL and Python can both store."""

StartProblem = tuple[str, str]
"""A field of a start, and what it must be."""


@dataclass(frozen=True)
class Start:
    """A moment, and the zone in which it was given: an IANA name, `UTC`, or an offset such as `+02:00`."""

    at: datetime
    zone: str

    @property
    def local(self) -> datetime:
        """The moment in its zone; in UTC if this machine no longer knows the zone."""
        return self.at.astimezone(_zone(self.zone) or UTC)

    def __str__(self) -> str:
        """As `2026-11-28T22:00:00+01:00 (Europe/Berlin)`."""
        shown = self.local.isoformat(timespec="seconds")
        return f"{shown} ({self.zone})" if self.zone in clock.zone_names() else shown


def read(given: datetime, time_zone: str | None) -> Start:
    """The start that was given. `problems` must have found nothing."""
    zone = time_zone or _offset(given)
    local = given.replace(tzinfo=_zone(zone), fold=0) if given.tzinfo is None else given
    return Start(local.astimezone(UTC), zone)


def problems(given: datetime, time_zone: str | None, now: datetime) -> list[StartProblem]:
    """Why a start is invalid: each offending field with what it must be."""
    return list(_problems(given, time_zone, now))


def _problems(given: datetime, time_zone: str | None, now: datetime) -> Iterator[StartProblem]:
    if time_zone is not None and time_zone not in clock.zone_names():
        yield "time_zone", "must be an IANA time zone name, such as `Europe/Berlin` or `UTC`"
        return
    if given.tzinfo is None and time_zone is None:
        yield "starts_at", "must end with an offset or Z, as 2026-11-28T22:00:00+01:00, unless `time_zone` names a zone"
        return
    if given.year not in _YEARS:
        yield "starts_at", "must be a time from the year 2000 to the year 2999"
        return
    start = read(given, time_zone)
    if start.at < now:
        yield "starts_at", f"is in the past: it is {now.astimezone(UTC).isoformat(timespec='seconds')} now"
    elif start.at > now + FURTHEST:
        yield "starts_at", f"must be at most {FURTHEST.days} days ahead"


def _offset(given: datetime) -> str:
    """The offset of a time, as `+02:00`."""
    return "UTC" if not given.utcoffset() else given.isoformat()[-6:]


def _zone(name: str) -> tzinfo | None:
    if name in clock.zone_names():
        return ZoneInfo(name)
    try:
        return datetime.fromisoformat(f"2000-01-01T00:00:00{name}").tzinfo
    except ValueError:
        return None
