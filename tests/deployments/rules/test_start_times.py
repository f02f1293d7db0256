"""When a deployment starts: zones, the two nights on which clocks change, and what is no start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies as st

from app.deployments.rules.schedule import FURTHEST, Start, problems, read

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"])
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
SECONDS = st.integers(0, int(FURTHEST.total_seconds()))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("given", "zone", "moment", "shown"),
    [
        ("2026-06-01T22:00:00", "Europe/Berlin", "2026-06-01T20:00Z", "2026-06-01T22:00:00+02:00 (Europe/Berlin)"),
        ("2026-12-01T22:00:00", "Europe/Berlin", "2026-12-01T21:00Z", "2026-12-01T22:00:00+01:00 (Europe/Berlin)"),
        ("2026-06-01T22:00:00+02:00", None, "2026-06-01T20:00Z", "2026-06-01T22:00:00+02:00"),
        ("2026-06-01T22:00:00-03:30", None, "2026-06-02T01:30Z", "2026-06-01T22:00:00-03:30"),
        ("2026-06-01T22:00:00Z", None, "2026-06-01T22:00Z", "2026-06-01T22:00:00+00:00 (UTC)"),
        # A zone beside an offset does not move the moment: it is where the moment is shown.
        ("2026-06-01T22:00:00Z", "Europe/Berlin", "2026-06-01T22:00Z", "2026-06-02T00:00:00+02:00 (Europe/Berlin)"),
        # The night on which the hour from 02:00 to 03:00 does not exist, and the one on which it comes twice.
        ("2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T01:30Z", "2026-03-29T03:30:00+02:00 (Europe/Berlin)"),
        ("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T00:30Z", "2026-10-25T02:30:00+02:00 (Europe/Berlin)"),
        ("2026-10-25T01:30:00Z", "Europe/Berlin", "2026-10-25T01:30Z", "2026-10-25T02:30:00+01:00 (Europe/Berlin)"),
    ],
)
def test_a_start_is_a_moment_and_is_shown_where_it_was_given(
    given: str, zone: str | None, moment: str, shown: str
) -> None:
    assert problems(at(given), zone, NOW) == []
    start = read(at(given), zone)
    assert start.at == at(moment)
    assert start.at.tzinfo is UTC
    assert str(start) == shown


@pytest.mark.parametrize(
    ("given", "zone", "field", "says"),
    [
        ("2026-06-01T22:00:00", None, "starts_at", "offset or Z"),
        ("2026-06-01T22:00:00", "Europe/Berlyn", "time_zone", "IANA"),
        ("2026-06-01T22:00:00Z", "+02:00", "time_zone", "IANA"),
        ("2026-03-01T11:59:59Z", None, "starts_at", "in the past: it is 2026-03-01T12:00:00+00:00 now"),
        ("2026-03-01T12:59:59", "Europe/Berlin", "starts_at", "in the past"),
        ("2027-03-02T12:00:01Z", None, "starts_at", "at most 366 days ahead"),
        ("0001-01-01T00:00:00+14:00", None, "starts_at", "the year 2000"),
        ("9999-12-31T23:59:59-14:00", None, "starts_at", "the year 2000"),
    ],
)
def test_what_is_no_start_says_why(given: str, zone: str | None, field: str, says: str) -> None:
    ((wrong, message),) = problems(at(given), zone, NOW)
    assert wrong == field
    assert says in message


def test_the_edges_belong_to_it() -> None:
    assert problems(NOW, None, NOW) == []
    assert problems(NOW + FURTHEST, None, NOW) == []


@given(SECONDS, OFFSETS)
def test_an_offset_is_kept_and_moves_nothing(seconds: int, offset: timezone) -> None:
    moment = NOW + timedelta(seconds=seconds)
    given_there = moment.astimezone(offset)
    assert problems(given_there, None, NOW) == []
    start = read(given_there, None)
    assert start.at == moment
    assert start.local.utcoffset() == given_there.utcoffset()
    assert Start(start.at, start.zone).local == given_there, "what is stored is enough"


@given(SECONDS, ZONES)
def test_a_local_time_is_shown_as_it_was_given_unless_that_night_skips_it(seconds: int, zone: str) -> None:
    local = (NOW + timedelta(days=1, seconds=seconds)).replace(tzinfo=None)
    start = read(local, zone)
    moved = start.local.replace(tzinfo=None) - local
    assert moved in (timedelta(0), timedelta(minutes=30), timedelta(hours=1))
    if moved:
        assert start.local.utcoffset() != (start.local - timedelta(hours=2)).astimezone(start.local.tzinfo).utcoffset()


def test_a_zone_that_this_machine_does_not_know_any_more_is_shown_in_utc() -> None:
    assert str(Start(NOW, "Europe/Atlantis")) == "2026-03-01T12:00:00+00:00"
