"""The monthly report on real points in every tier of the real Graphite, and beside the real event log."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, strategies as st

from app.metrics import catalogue as m
from app.metrics.objectives.formats import as_markdown
from app.metrics.objectives.report import (
    COARSEST_SECONDS,
    DAY_SECONDS,
    Count,
    MonthlyReport,
    ObjectiveResult,
    matches,
    month_after,
    parts,
    report,
)
from app.metrics.objectives.slos import API_AVAILABILITY, API_LATENCY, COMPLIANCE_IN_TIME, DEPLOYMENT_SUCCESS, SLOS
from app.metrics.proof.carbon import Carbon, CarbonPoint
from app.metrics.reading.graphite import Graphite
from tests.support.graphite import Seen
from tests.support.waiting import eventually

GOOD = m.HTTP_REQUEST.series("count", endpoint="test_slo", method="GET", status_class="2xx")
BAD = m.HTTP_REQUEST.series("count", endpoint="test_slo", method="GET", status_class="5xx")
SLOW = m.HTTP_REQUEST.series("histogram.bin_inf", endpoint="test_slo", method="GET", status_class="2xx")


def month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


NOW = datetime.now(UTC)
PRESENT = NOW.date().replace(day=1)
LAST = month_before(PRESENT)
EARLIER = month_before(LAST)
"""Begins more than 30 days ago: Graphite has it in buckets of ten minutes."""
QUIET = month_before(month_before(EARLIER))
EMPTY = month_before(QUIET)


def at(day: date, seconds: int = 0) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) + seconds


@pytest.fixture(scope="module")
def stored(app: Flask) -> Callable[..., None]:
    """Write points to carbon and return when graphite-web shows each series' last: carbon makes files in its order."""
    from app.settings import load_settings

    settings = load_settings()
    carbon, graphite = Carbon(settings.carbon_host, settings.carbon_port), Graphite(settings.graphite_url)

    def is_shown(series: str, when: int) -> bool:
        step = COARSEST_SECONDS if time.time() - when > 29 * DAY_SECONDS else 1
        return any(it.total for it in graphite.render([series], when - step - 1, when + step))

    def write(*points: tuple[str, int, float]) -> None:
        carbon.send(CarbonPoint(*point) for point in points)
        last = {series: when for series, when, _ in points}
        eventually(lambda: all(is_shown(*it) for it in last.items()), f"not all of {last} show")

    return write


def of(found: MonthlyReport, key: str) -> ObjectiveResult:
    return next(kept for kept in found.results if kept.slo.key == key)


def test_a_month_that_is_over_is_summed_exactly_day_by_day(database: Flask, stored: Any, graphite: Graphite) -> None:
    """Its first and last bucket are in it, those of the months around it are not."""
    first, after = EARLIER, month_after(EARLIER)
    last = after - timedelta(days=1)
    stored(
        (GOOD, at(first, -COARSEST_SECONDS), 500),
        (GOOD, at(first), 60),
        (BAD, at(first, COARSEST_SECONDS), 1),
        (GOOD, at(first + timedelta(days=9), 43_200), 97),
        (BAD, at(first + timedelta(days=9), 43_200), 3),
        (GOOD, at(last, DAY_SECONDS - COARSEST_SECONDS), 40),
        (SLOW, at(last, DAY_SECONDS - COARSEST_SECONDS), 3),
        (GOOD, at(after), 700),
    )
    found = report(graphite, EARLIER, NOW)
    availability = of(found, "api_availability")
    assert availability.count == Count(4, 201)
    assert availability.days == {
        first: Count(1, 61),
        first + timedelta(days=9): Count(3, 100),
        last: Count(0, 40),
    }
    assert availability.worst_day == first + timedelta(days=9)
    assert availability.is_met is False
    assert availability.ratio == pytest.approx(197 / 201)
    assert availability.budget_left == pytest.approx(1 - 4 / 201 / 0.001)
    assert availability.database is None
    assert of(found, "api_latency").count == Count(3, 201)
    assert found.until == datetime(after.year, after.month, after.day, tzinfo=UTC)


def test_the_present_month_is_summed_across_the_tiers_up_to_now(
    database: Flask, stored: Any, graphite: Graphite, seen: Seen
) -> None:
    """Old points are in wide buckets, those of the last hour are seconds; each counts once.

    With `seen` the requests of other tests are flushed before.
    """
    now = int(time.time())
    points = [(now - seconds, n) for n, seconds in enumerate((90_000, 7_300, 3_000, 2_399, 1_200, 30, 2), start=1)]
    before = of(report(graphite, PRESENT, datetime.now(UTC)), "api_availability").count
    stored(*((BAD, when, n) for when, n in points))
    found = of(report(graphite, PRESENT, datetime.now(UTC)), "api_availability").count
    within = sum(n for when, n in points if when >= at(PRESENT))
    assert found.bad - before.bad == within


def test_nothing_that_counts_is_no_data_and_never_all_good(database: Flask, graphite: Graphite) -> None:
    found = report(graphite, EMPTY, NOW)
    for kept in found.results:
        assert kept.count == Count(0, 0)
        assert (kept.ratio, kept.budget_left, kept.is_met, kept.worst_day) == (None, None, None, None)
    assert as_markdown(found).count("| no data |") == len(SLOS)
    assert "100" not in as_markdown(found)


def test_what_is_born_of_events_is_the_event_logs_own_figure(database: Flask, stored: Any, graphite: Graphite) -> None:
    from app.events.unit import unit_of_work

    series = m.COMPLIANCE_TOTAL.series("count", ring="lab", site_class="online", result="{}")
    stored(
        (series.replace("{}", "late"), at(LAST, DAY_SECONDS), 2),
        (series.replace("{}", "in_time"), at(LAST, DAY_SECONDS), 38),
    )
    tally = {"ring": "lab", "site_class": "online"}
    counts = [{**tally, "result": "late", "count": 2}, {**tally, "result": "in_time", "count": 38}]
    payload = dict.fromkeys(("received", "late", "duplicate", "rejected"), 0)
    middle = datetime(LAST.year, LAST.month, 2, tzinfo=UTC)
    from app import clock

    for moment, compliance in ((middle, counts), (middle - timedelta(days=2), counts)):  # the second is a month before
        with clock.replaced(lambda moment=moment: moment), unit_of_work("test") as unit:  # type: ignore[misc]  # bound
            unit.record("reports.ingested", {**payload, "tallies": [], "compliance": compliance})
    kept = of(report(graphite, LAST, NOW), "compliance_in_time")
    assert kept.database == kept.count == Count(2, 40)
    assert kept.is_equal is True
    assert kept.is_met is True
    with clock.replaced(lambda: middle), unit_of_work("test") as unit:
        unit.record("deployment.failed", {"application_label": "_other", "kind": "rollout"})
        unit.record("deployment.completed", {"application_label": "_other", "kind": "rollout"})
        unit.record("deployment.aborted", {"application_label": "_other", "kind": "rollout"})
        unit.record("deployment.failed", {"application_label": "_other", "kind": "rollback"})
    kept = of(report(graphite, LAST, NOW), "deployment_success")
    assert kept.database == Count(1, 2)
    assert kept.is_equal is False


def test_the_commands_formats(database: Flask, stored: Any) -> None:
    stored((GOOD, at(QUIET, 5 * DAY_SECONDS), 1_999), (BAD, at(QUIET, 5 * DAY_SECONDS), 1))
    run = database.test_cli_runner().invoke
    month = f"{QUIET:%Y-%m}"
    table = run(args=["slo", "report", "--month", month])
    assert table.exit_code == 0, table.output
    assert f"Objectives in {month}" in table.output
    for slo in SLOS:
        assert slo.title in table.output
    markdown = run(args=["slo", "report", "--month", month, "--format", "markdown"]).output
    assert "| API availability | 99.900% | 99.950% | 1,999 | 1 | 2,000 | 50.0% |" in markdown
    answer = json.loads(run(args=["slo", "report", "--month", month, "--format", "json"]).output)
    availability = answer["objectives"][0]
    assert {name: availability[name] for name in ("good", "bad", "total", "met", "database")} == {
        "good": 1_999,
        "bad": 1,
        "total": 2_000,
        "met": True,
        "database": None,
    }
    assert availability["worst_day"]["day"] == (QUIET + timedelta(days=5)).isoformat()
    present = json.loads(run(args=["slo", "report", "--format", "json"]).output)
    assert present["month"] == f"{PRESENT:%Y-%m}"


def test_bad_months_are_refused(database: Flask) -> None:
    run = database.test_cli_runner().invoke
    for month in ("2026", "2026-13", "now", f"{month_after(PRESENT):%Y-%m}"):
        answer = run(args=["slo", "report", "--month", month])
        assert answer.exit_code == 2
        assert "Error" in answer.output


def test_without_graphite_there_is_an_error_and_no_report(database: Flask) -> None:
    from app.settings import load_settings

    before = os.environ["EUCORA_GRAPHITE_URL"]
    os.environ["EUCORA_GRAPHITE_URL"] = "http://127.0.0.1:9"
    load_settings.cache_clear()
    try:
        answer = database.test_cli_runner().invoke(args=["slo", "report"])
    finally:
        os.environ["EUCORA_GRAPHITE_URL"] = before
        load_settings.cache_clear()
    assert answer.exit_code == 2
    assert "graphite-web" in answer.output
    assert "%" not in answer.output


@given(st.integers(0, 400), st.integers(0, 40 * DAY_SECONDS), st.integers(0, 40 * DAY_SECONDS))
def test_the_parts_of_a_window_are_the_window(first: int, length: int, ago: int) -> None:
    start = first * DAY_SECONDS
    end = start + length
    found = list(parts(start, end, end + ago))
    assert found[0][0] == start
    assert found[-1][1] == end
    assert all(until == since for (_, until), (since, _) in pairwise(found))
    for since, until in found[1:]:
        assert since // DAY_SECONDS == (until - 1) // DAY_SECONDS
        assert end + ago - since <= 3_000
    assert all(since % COARSEST_SECONDS == 0 for since, _ in found)


def test_a_series_is_found_as_graphite_finds_it() -> None:
    completed = m.APPLICATION_DEPLOYMENTS.series("count", app="vpn", status="completed")
    assert matches(DEPLOYMENT_SUCCESS.total, completed)
    assert not matches(DEPLOYMENT_SUCCESS.bad, completed)
    assert not matches(DEPLOYMENT_SUCCESS.total, completed.replace("deployments", "rollbacks"))
    assert not matches(DEPLOYMENT_SUCCESS.total, completed.replace("completed", "aborted"))
    late = m.COMPLIANCE_TOTAL.series("count", ring="lab", site_class="online", result="late")
    assert matches(COMPLIANCE_IN_TIME.bad, late)
    assert matches(COMPLIANCE_IN_TIME.total, late)
    assert matches(API_LATENCY.bad, SLOW)
    assert matches(API_LATENCY.total, GOOD)
    assert not matches(API_LATENCY.bad, SLOW.replace("bin_inf", "bin_1000"))
    assert matches(API_AVAILABILITY.bad, BAD)
