"""Recurring windows: opened by a cron expression in the local time of a time zone, for a number of minutes.

A start that the spring change skips moves by the skipped time (02:30 becomes 03:30). A start that the autumn change
repeats counts once, the first time, unless the expression is for every hour. A duration is elapsed time, also across a
change of the clocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from croniter import CroniterBadDateError, croniter

from app import clock

LONGEST = 7 * 24 * 60
"""The longest duration of a window, in minutes: a week."""
MOST_LINKS = 100
"""The most openings without a gap that `closes_at` follows; after that the end is unknown."""

UNREADABLE = (KeyError, TypeError, ValueError)
"""What reading a stored window raises if another version wrote it or its time zone was removed."""

WindowProblem = tuple[str, str]
"""A field of a window, and what it must be."""

_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DAYS = "mon|tue|wed|thu|fri|sat|sun"
_NAMES = f"{_MONTHS}|{_DAYS}"
# croniter also accepts seconds, hashed and random fields and aliases; a rule that people must read has none of them.
_CRON = re.compile(rf"(?:(?:[0-9*/,-]|{_NAMES})+ ){{4}}(?:[0-9*/,-]|{_NAMES})+", re.IGNORECASE)
_RANGE = re.compile(r"(\w+)-(\w+)")
_NUMBERS = {name: number for names in (_MONTHS.split("|"), _DAYS.split("|")) for number, name in enumerate(names, 1)}
_MINUTE = timedelta(minutes=1)
_YEARS_AHEAD = 8
"""Two leap days are at most eight years apart."""


@dataclass(frozen=True)
class Window:
    """When it opens, in the local time of its zone, and for how long."""

    cron: str
    duration_minutes: int
    time_zone: str

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Window:
        """The window that `as_json` returned."""
        return cls(value["cron"], value["duration_minutes"], value["time_zone"])

    def as_json(self) -> dict[str, Any]:
        """As it is stored and shown in the API."""
        return asdict(self)

    @property
    def duration(self) -> timedelta:
        """How long it stays open."""
        return timedelta(minutes=self.duration_minutes)


def problems(window: Window) -> list[WindowProblem]:
    """Why a window is invalid: each offending field with what it must be."""
    return list(_problems(window))


def _problems(window: Window) -> Iterator[WindowProblem]:
    if not 1 <= window.duration_minutes <= LONGEST:
        yield "duration_minutes", f"must be from 1 to {LONGEST} (a week)"
    if window.time_zone not in clock.zone_names():
        yield "time_zone", "must be an IANA time zone name, such as `Europe/Berlin` or `UTC`"
    if not _CRON.fullmatch(window.cron):
        yield "cron", "must be five cron fields separated by single spaces, such as `0 22 * * fri`"
        return
    backwards = next(filter(_is_backwards, _RANGE.finditer(window.cron.lower())), None)
    if backwards is not None:
        # Cron implementations disagree about such a range: some wrap it around, others ignore it.
        yield "cron", f"must not contain `{backwards[0]}`, which ends before it starts; list its two parts instead"
        return
    try:
        next(_walk(window, datetime(2000, 1, 1), croniter.get_next))  # noqa: DTZ001  # any time without a zone
    except ValueError as error:
        yield "cron", f"must be a cron expression that matches at least one time: {error}"


def _is_backwards(found: re.Match[str]) -> bool:
    """Whether a range ends before it starts. `sun` is 0 at its start and 7 at its end."""
    start, end = (int(_NUMBERS.get(part, part)) if part in _NUMBERS or part.isdigit() else 0 for part in found.groups())
    return start > end and not (found[1] == "sun" and found[2] in _DAYS)


def never_opens(windows: Sequence[Window], start: datetime, end: datetime) -> datetime | None:
    """When the first of the windows opens after `start`, if none is open between `start` and `end`; else None."""
    if is_any_open(windows, start):
        return None
    opens = min(opens_next(window, start) for window in windows)
    return opens if opens >= end else None


def is_open(window: Window, now: datetime) -> bool:
    """Whether the window is open: from each start until its duration has passed."""
    start = _latest(window, now)
    return start is not None and now < start + window.duration


def is_any_open(windows: Iterable[Window], now: datetime) -> bool:
    """Whether any of the windows is open."""
    return any(is_open(window, now) for window in windows)


def opens_next(window: Window, now: datetime) -> datetime:
    """The first start after `now`, whether or not the window is open."""
    local, slack = _local(window, now)
    starts: list[datetime] = []
    for start in _walk(window, local - slack - _MINUTE, croniter.get_next):
        starts += [moment for moment in _moments(window, start) if moment > now]
        if starts and start >= local + slack:
            break
    return min(starts)


def closes_at(window: Window, now: datetime) -> datetime | None:
    """When an open window closes, following starts before its end; None if it is closed or the end is unknown."""
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
    """The last start up to `now`; None if there was none for years."""
    local, slack = _local(window, now)
    starts: list[datetime] = []
    try:
        for start in _walk(window, local + slack + _MINUTE, croniter.get_prev):
            starts += [moment for moment in _moments(window, start) if moment <= now]
            if starts and start <= local - slack:
                break
    except CroniterBadDateError:
        pass  # croniter found no earlier start
    return max(starts, default=None)


def _local(window: Window, now: datetime) -> tuple[datetime, timedelta]:
    """The local time, to the minute, and by how much local times are out of order around it."""
    zone = _zone(window.time_zone)
    around = [(now + timedelta(days=days)).astimezone(zone).utcoffset() or timedelta() for days in (-1, 0, 1)]
    local = now.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
    return local, max(around) - min(around)


def _moments(window: Window, local: datetime) -> list[datetime]:
    """A local start in UTC: one moment, or both if its hour is repeated and the expression is for every hour."""
    zone = _zone(window.time_zone)
    first = local.replace(tzinfo=zone).astimezone(UTC)
    second = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    # In a skipped hour, the second is before the first.
    return [first, second] if second > first and window.cron.split()[1].startswith("*") else [first]


def _walk(window: Window, local: datetime, step: Any) -> Iterator[datetime]:
    """The local starts after or before a local time. Raises ValueError when there are no more."""
    starts = croniter(window.cron, local, max_years_between_matches=_YEARS_AHEAD)
    while True:
        yield step(starts, datetime)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
