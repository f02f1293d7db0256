"""Windows that return: local time, the two nights on which clocks change, and openings that run into each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from app.controls import windows
from app.controls.windows import Window, closes_at, is_open, opens_next, problems

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def berlin(text: str, fold: int = 0) -> datetime:
    """A time on the clocks of Berlin, in UTC; `fold=1` is the second of an hour that comes twice."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).astimezone(UTC)


def nightly(cron: str = "30 2 * * *", minutes: int = 60) -> Window:
    return Window(cron, minutes, "Europe/Berlin")


def test_it_is_open_from_its_start_until_its_end() -> None:
    window = nightly("0 22 * * fri", 120)
    for moment, expected in (
        ("2026-06-05 21:59:59.999", False),
        ("2026-06-05 22:00", True),
        ("2026-06-05 23:59:59.999", True),
        ("2026-06-06 00:00", False),
        ("2026-06-06 22:30", False),
    ):
        assert is_open(window, berlin(moment)) is expected, moment
    assert opens_next(window, berlin("2026-06-05 22:00")) == berlin("2026-06-12 22:00")
    assert closes_at(window, berlin("2026-06-05 23:00")) == berlin("2026-06-06 00:00")
    assert closes_at(window, berlin("2026-06-06 00:00")) is None


def test_the_expression_is_in_the_zones_time_in_summer_and_in_winter() -> None:
    window = nightly("0 9 * * *")
    assert opens_next(window, datetime(2026, 1, 15, tzinfo=UTC)) == datetime(2026, 1, 15, 8, tzinfo=UTC)
    assert opens_next(window, datetime(2026, 7, 15, tzinfo=UTC)) == datetime(2026, 7, 15, 7, tzinfo=UTC)


def test_a_start_that_spring_skips_comes_an_hour_later() -> None:
    window = nightly()
    before = berlin("2026-03-29 01:59")
    assert opens_next(window, before) == berlin("2026-03-29 03:30")
    assert not is_open(window, berlin("2026-03-29 03:29"))
    assert is_open(window, berlin("2026-03-29 03:30"))
    assert closes_at(window, berlin("2026-03-29 03:30")) == berlin("2026-03-29 04:30")
    assert opens_next(window, berlin("2026-03-29 03:30")) == berlin("2026-03-30 02:30")


def test_a_start_that_autumn_repeats_comes_once() -> None:
    window = nightly()
    first, second = berlin("2026-10-25 02:30"), berlin("2026-10-25 02:30", fold=1)
    assert second - first == HOUR
    assert is_open(window, first)
    assert not is_open(window, second)
    assert closes_at(window, first) == second
    assert opens_next(window, first) == berlin("2026-10-26 02:30")


def test_what_is_for_every_hour_comes_in_both_of_them() -> None:
    window = nightly("30 * * * *", 10)
    starts = [berlin("2026-10-25 01:00")]
    while len(starts) < 5:
        starts.append(opens_next(window, starts[-1]))
    assert starts[1:] == [berlin("2026-10-25 01:30") + hours * HOUR for hours in range(4)]
    spring = opens_next(window, berlin("2026-03-29 01:30"))
    assert spring == berlin("2026-03-29 03:30") == berlin("2026-03-29 01:30") + HOUR


def test_minutes_are_real_ones_across_both_changes() -> None:
    window = nightly("0 22 * * sat", 10 * 60)
    for saturday in ("2026-03-28 22:00", "2026-10-24 22:00", "2026-06-06 22:00"):
        assert closes_at(window, berlin(saturday)) == berlin(saturday) + 10 * HOUR


def test_openings_longer_than_their_period_are_one_opening() -> None:
    working_days = nightly("0 0 * * mon-fri", 24 * 60)
    assert closes_at(working_days, berlin("2026-06-03 12:00")) == berlin("2026-06-06 00:00")
    overlapping = nightly("0 6 1,2,3 * *", 2 * 24 * 60)
    assert closes_at(overlapping, berlin("2026-06-01 06:00")) == berlin("2026-06-05 06:00")
    assert is_open(overlapping, berlin("2026-06-05 05:59"))


def test_what_is_always_open_has_no_end_in_sight() -> None:
    window = Window("0 * * * *", 90, "UTC")
    now = datetime(2026, 6, 1, 12, 30, tzinfo=UTC)
    assert is_open(window, now)
    assert closes_at(window, now) is None


def test_a_leap_day_is_found_years_ahead() -> None:
    window = Window("0 0 29 2 *", 60, "UTC")
    assert problems(window) == []
    assert opens_next(window, datetime(2096, 3, 1, tzinfo=UTC)) == datetime(2104, 2, 29, tzinfo=UTC)


minutes = st.integers(1, 180)
crons = st.sampled_from(
    (
        "* * * * *",
        "*/7 * * * *",
        "15,45 * * * *",
        "30 2 * * *",
        "0 2,3 * * *",
        "5 1-3 * * 0",
        "0 0 * * 1-5",
        "59 23 * * *",
    )
)
zones = st.sampled_from(("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"))
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
SPRING, AUTUMN = 86 * 24 * 3600, 296 * 24 * 3600
moments = st.one_of(
    st.integers(0, 365 * 24 * 3600),
    st.integers(SPRING + 22 * 3600, SPRING + 30 * 3600),
    st.integers(AUTUMN + 22 * 3600, AUTUMN + 30 * 3600),
).map(lambda seconds: YEAR + timedelta(seconds=seconds))


@given(st.builds(Window, crons, minutes, zones), moments)
def test_the_three_answers_agree(window: Window, now: datetime) -> None:
    starts = opens_next(window, now)
    assert starts > now
    assert is_open(window, starts)
    ends = closes_at(window, now)
    if is_open(window, now):
        if ends is not None:
            assert now < ends
            assert not is_open(window, ends)
            assert is_open(window, ends - timedelta(microseconds=1))
    else:
        assert ends is None
        just_before = starts - timedelta(microseconds=1)
        assert not is_open(window, just_before)
        assert not is_open(window, now + (starts - now) / 2)


@pytest.mark.parametrize(
    ("window", "field"),
    [
        (Window("", 60, "UTC"), "cron"),
        (Window("* * * *", 60, "UTC"), "cron"),
        (Window("* * * * * *", 60, "UTC"), "cron"),
        (Window("0  0 * * *", 60, "UTC"), "cron"),
        (Window("61 * * * *", 60, "UTC"), "cron"),
        (Window("*/0 * * * *", 60, "UTC"), "cron"),
        (Window("1-,2 * * * *", 60, "UTC"), "cron"),
        (Window("R * * * *", 60, "UTC"), "cron"),
        (Window("H H * * *", 60, "UTC"), "cron"),
        (Window("@daily", 60, "UTC"), "cron"),
        (Window("mon * * * *", 60, "UTC"), "cron"),
        (Window("5-1 * * * *", 60, "UTC"), "cron"),
        (Window("0 22-6/2 * * *", 60, "UTC"), "cron"),
        (Window("0 0 * DEC-feb *", 60, "UTC"), "cron"),
        (Window("0 0 * * 1,fri-mon", 60, "UTC"), "cron"),
        (Window("0 0 30 2 *", 60, "UTC"), "cron"),
        (Window("* * * * *\n", 60, "UTC"), "cron"),
        (Window("* * * * *", 0, "UTC"), "duration_minutes"),
        (Window("* * * * *", -5, "UTC"), "duration_minutes"),
        (Window("* * * * *", windows.LONGEST + 1, "UTC"), "duration_minutes"),
        (Window("* * * * *", 60, "Europe/Bielefeld"), "time_zone"),
        (Window("* * * * *", 60, "Europe"), "time_zone"),
        (Window("* * * * *", 60, "../../etc/passwd"), "time_zone"),
        (Window("* * * * *", 60, ""), "time_zone"),
    ],
)
def test_what_cannot_be_used_is_named(window: Window, field: str) -> None:
    assert [found for found, _ in problems(window)] == [field]


@pytest.mark.parametrize(
    "cron",
    ["0 22 * * fri", "*/15 8-17 1,15 JAN-MAR MON", "0 0 * * 7", "0 0 29 2 *", "5-5 * * * sat-sun", "0 0 * * sun-tue"],
)
@pytest.mark.parametrize("duration", [1, windows.LONGEST])
def test_what_can_be_used_has_no_problems(cron: str, duration: int) -> None:
    window = Window(cron, duration, "Europe/Berlin")
    assert problems(window) == []
    assert Window.from_json(window.as_json()) == window
