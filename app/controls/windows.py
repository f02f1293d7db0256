"""Windows that return: opened by a cron expression in a time zone's local time, for so many minutes.

A start that the spring change skips comes that much later (02:30 becomes 03:30), and one that the autumn change repeats
comes once, the first time, unless the expression is for every hour. Minutes are real ones, whatever the clocks do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from croniter import croniter

LONGEST = 7 * 24 * 60
"""Minutes a window may be open at most: a week."""
MOST_LINKS = 100
"""Openings that may follow one another without a gap; after that no end is in sight."""

UNREADABLE = (KeyError, TypeError, ValueError)
"""What reading a stored window raises if another version wrote it, or its zone is gone."""

Problem = tuple[str, str]

_NAMES = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun"
# What else croniter would take (seconds, hashed and random fields, aliases) has no place in a rule people must read.
_CRON = re.compile(rf"(?:(?:[0-9*/,-]|{_NAMES})+ ){{4}}(?:[0-9*/,-]|{_NAMES})+", re.IGNORECASE)
_MINUTE = timedelta(minutes=1)
_YEARS_AHEAD = 8
"""Between two leap days there are at most eight years."""


@dataclass(frozen=True)
class Window:
    """When it opens, in the local time of its zone, and for how long."""

    cron: str
    duration_minutes: int
    time_zone: str

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Window:
        """The window that `as_json` wrote."""
        return cls(value["cron"], value["duration_minutes"], value["time_zone"])

    def as_json(self) -> dict[str, Any]:
        """As it is stored and shown."""
        return asdict(self)

    @property
    def duration(self) -> timedelta:
        """How long it stays open."""
        return timedelta(minutes=self.duration_minutes)


def problems(window: Window) -> list[Problem]:
    """What keeps a window from being used: each field with what it must be."""
    return list(_problems(window))


def _problems(window: Window) -> Iterator[Problem]:
    if not 1 <= window.duration_minutes <= LONGEST:
        yield "duration_minutes", f"must be 1 to {LONGEST} (a week)"
    if window.time_zone not in _zones():
        yield "time_zone", "must be a name of the IANA time zone database, such as `Europe/Berlin` or `UTC`"
    if not _CRON.fullmatch(window.cron):
        yield "cron", "must be five cron fields with one space between them, such as `0 22 * * fri`"
        return
    try:
        next(_walk(window, datetime(2000, 1, 1), croniter.get_next))  # noqa: DTZ001  # any time that has no zone
    except ValueError as error:
        yield "cron", f"must be a cron expression that some time meets: {error}"


def is_open(window: Window, now: datetime) -> bool:
    """Whether it is open: from each start on, until the duration is over."""
    start = _latest(window, now)
    return start is not None and now < start + window.duration


def is_any_open(windows: Iterable[Window], now: datetime) -> bool:
    """Whether one of them is open."""
    return any(is_open(window, now) for window in windows)


def opens_next(window: Window, now: datetime) -> datetime:
    """The first start after `now`, whether or not it is open."""
    local, slack = _local(window, now)
    found: list[datetime] = []
    for start in _walk(window, local - slack - _MINUTE, croniter.get_next):
        found += [moment for moment in _moments(window, start) if moment > now]
        if found and start >= local + slack:
            break
    return min(found)


def closes_at(window: Window, now: datetime) -> datetime | None:
    """When it will be closed, starts that come before then included; None if it is closed, or no end is in sight."""
    start = _latest(window, now)
    if start is None or now >= start + window.duration:
        return None
    for _ in range(MOST_LINKS):
        closes = start + window.duration
        start = _latest(window, closes) or start
        if start + window.duration <= closes:
            return closes
    return None


def _latest(window: Window, now: datetime) -> datetime | None:
    """The last start until `now`; None if there was none for years."""
    local, slack = _local(window, now)
    found: list[datetime] = []
    try:
        for start in _walk(window, local + slack + _MINUTE, croniter.get_prev):
            found += [moment for moment in _moments(window, start) if moment <= now]
            if found and start <= local - slack:
                break
    except ValueError:
        pass  # croniter's end of the walk
    return max(found, default=None)


def _local(window: Window, now: datetime) -> tuple[datetime, timedelta]:
    """The time on the zone's clocks, to the minute, and how far local times are out of order around it."""
    zone = _zone(window.time_zone)
    around = [(now + timedelta(days=days)).astimezone(zone).utcoffset() or timedelta() for days in (-1, 0, 1)]
    local = now.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
    return local, max(around) - min(around)


def _moments(window: Window, local: datetime) -> list[datetime]:
    """What a start on the zone's clocks is in UTC: one moment, or both of an hour that comes twice."""
    zone = _zone(window.time_zone)
    first = local.replace(tzinfo=zone).astimezone(UTC)
    second = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    # In a skipped hour the second comes before the first.
    return [first, second] if second > first and window.cron.split()[1].startswith("*") else [first]


def _walk(window: Window, local: datetime, step: Any) -> Iterator[datetime]:
    """The starts on the zone's clocks after or before a local time. Raises ValueError where there are no more."""
    starts = croniter(window.cron, local, max_years_between_matches=_YEARS_AHEAD)
    while True:
        yield step(starts, datetime)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
