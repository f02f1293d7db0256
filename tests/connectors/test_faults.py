"""Injected faults: each really occurs, a rollout recovers from each, and none becomes a failure of a device."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.connectors.protocol import ConnectorError, DeviceResult
from app.connectors.simulated.connector import SimulatedConnector
from app.connectors.simulated.profile import SimulatedProfile
from app.settings import load_settings
from tests.support.api import Api
from tests.support.clock import Clock
from tests.support.connectors import LONG, pages, publication, reported
from tests.support.counters import assert_counters
from tests.support.database import rows

Behave = Callable[..., None]
FLAWLESS: dict[str, Any] = {"silent": 0, "failure": 0}
BEGINNING = datetime(2026, 3, 1, 12, tzinfo=UTC)
"""Which calls fail depends on the time too."""


@pytest.fixture
def behave(app: Flask) -> Iterator[Behave]:
    """Let the simulated vendor of the program behave as the profile says from now on."""
    before = os.environ["EUCORA_SIMULATED_PROFILE"]

    def change(**profile: Any) -> None:
        os.environ["EUCORA_SIMULATED_PROFILE"] = json.dumps({**FLAWLESS, **profile})
        load_settings.cache_clear()

    yield change
    os.environ["EUCORA_SIMULATED_PROFILE"] = before
    load_settings.cache_clear()


@pytest.mark.parametrize(
    "fault",
    [
        {"timeouts": 0.3},
        {"throttled": 0.3},
        {"outages": 0.3},
        {"duplicates": 0.5},
        {"out_of_order": 0.5},
        {"failures_first": True, "failure_in_ring": {"global": 0.005}, "seed": "three"},
        {"duplicates": 0.5, "out_of_order": 0.5, "outages": 0.3, "already_compliant": 0.2},
    ],
    ids=str,
)
def test_a_rollout_recovers_from_a_faulty_vendor(
    behave: Behave, api: Api, clock: Clock, drive: Callable[..., None], fault: dict[str, Any]
) -> None:
    clock.time = BEGINNING
    behave(**fault)
    api.register(400)
    path = f"/deployments/{api.deploy()['id']}"
    drive(900, step=4, until=lambda: api.get(path)["state"] == "completed")
    assert api.get(path)["state"] == "completed"
    assert_counters()
    # Without the one lab device that is rolled back and installed again on purpose.
    (sent,) = rows("""
        SELECT count(*) AS all, count(DISTINCT device) AS devices
          FROM simulated_publications AS publication JOIN commands USING (key), unnest(publication.devices) AS device
         WHERE commands.purpose = 'rollout'
    """)
    assert (sent.all, sent.devices) == (400, 400)
    failed_calls = rows("SELECT 1 FROM events WHERE type = 'connector.call_failed'")
    assert bool(failed_calls) == bool({"timeouts", "throttled", "outages"} & fault.keys())
    (statuses,) = rows("""
        SELECT sum((payload->>'duplicate')::int) AS duplicate, sum((payload->>'rejected')::int) AS rejected
          FROM events WHERE type = 'reports.ingested'
    """)
    assert statuses.rejected == 0
    assert bool(rows("SELECT 1 FROM assignments WHERE state = 'failed'")) == ("failures_first" in fault)
    assert (statuses.duplicate > 100) == ("duplicates" in fault)


def test_a_storm_of_faults_is_never_a_devices_failure(
    behave: Behave, api: Api, clock: Clock, drive: Callable[..., None]
) -> None:
    clock.time = BEGINNING
    api.register(500)
    path = f"/deployments/{api.deploy()['id']}"
    drive(4)  # the lab is dispatched
    behave(timeouts=0.5, throttled=0.2, outages=0.3)
    drive(200, step=4)
    assert rows("SELECT 1 FROM events WHERE type = 'breaker.changed' AND payload->>'to' = 'open'")
    assert rows("SELECT 1 FROM assignments WHERE state = 'failed'") == []
    assert rows("SELECT 1 FROM reports WHERE outcome = 'failed'") == []
    assert rows("SELECT 1 FROM rings WHERE failed > 0 OR state = 'failed'") == []
    assert rows("SELECT 1 FROM gate_evaluations WHERE verdict = 'fail'") == []
    assert api.get(path)["state"] == "running"
    assert_counters()
    behave()
    drive(1500, step=5, until=lambda: api.get(path)["state"] == "completed")
    assert api.get(path)["state"] == "completed"
    assert rows("SELECT 1 FROM rings WHERE succeeded <> eligible") == []
    assert_counters()


def test_faults_need_to_be_allowed(database: Flask, clock: Clock) -> None:
    always = SimulatedProfile(outages=1.0)
    with pytest.raises(ConnectorError, match="503"):
        SimulatedConnector(always, faults=True).results("1", "", 10)
    with pytest.raises(ConnectorError, match="unknown reference"):
        SimulatedConnector(always, faults=False).results("1", "", 10)


# How results arrive


def story(clock: Clock, faults: bool = True, **profile: Any) -> list[DeviceResult]:
    """All results of a publication to 200 devices, in the order in which they arrive."""
    connector = SimulatedConnector(SimulatedProfile.model_validate({**FLAWLESS, **profile}), faults)
    ref = connector.publish(publication(devices=200))
    clock.advance(LONG)
    return reported(connector, ref, limit=90)


def plain(results: list[DeviceResult]) -> set[tuple[str, str]]:
    return {(result.external_id, result.outcome) for result in results}


def test_some_results_arrive_twice(database: Flask, clock: Clock) -> None:
    results = story(clock, duplicates=0.25)
    times = Counter(results)
    assert set(times.values()) == {1, 2}
    assert 60 <= len(results) - len(times) <= 140  # of nearly 400
    assert plain(results) == plain(story(clock))
    assert set(Counter(story(clock, duplicates=1.0)).values()) == {2}


def test_some_results_arrive_in_the_wrong_order(database: Flask, clock: Clock) -> None:
    results = story(clock, out_of_order=0.25)
    sequences = defaultdict(list)
    for result in results:
        sequences[result.external_id].append(result.sequence)
    backwards = [of_device for of_device in sequences.values() if of_device != sorted(of_device)]
    assert 25 <= len(backwards) <= 75
    assert plain(results) == plain(story(clock))


def test_failures_take_half_the_time(database: Flask, clock: Clock) -> None:
    def seconds(**profile: Any) -> dict[str, float]:
        began = clock()
        results = story(clock, failure=0.5, already_compliant=0, **profile)
        return {
            result.external_id: (result.occurred_at - began).total_seconds()
            for result in results
            if result.outcome == outcome
        }

    outcome = "failed"
    late, early = seconds(), seconds(failures_first=True)
    assert late.keys() == early.keys() != set()
    assert all(early[device] == pytest.approx(late[device] / 2, abs=1e-5) for device in late)
    outcome = "succeeded"
    assert seconds() == pytest.approx(seconds(failures_first=True), abs=1e-5)


def test_results_arrive_once_and_in_order_unless_faults_are_allowed(database: Flask, clock: Clock) -> None:
    everything: dict[str, Any] = {"duplicates": 1.0, "out_of_order": 1.0, "failures_first": True, "failure": 0.5}
    began = clock()
    results = story(clock, faults=False, **everything)
    moments = [(result.external_id, result.outcome, result.occurred_at - began) for result in results]
    began = clock()
    plainly = story(clock, failure=0.5)
    assert moments == [(result.external_id, result.outcome, result.occurred_at - began) for result in plainly]


@pytest.mark.parametrize("limit", [1, 7, 1_000])
def test_pages_of_faulty_results_keep_to_their_cursor(database: Flask, clock: Clock, limit: int) -> None:
    profile = SimulatedProfile(failure=0.3, duplicates=0.3, out_of_order=0.3, failures_first=True)
    connector = SimulatedConnector(profile, faults=True)
    ref = connector.publish(publication(devices=30))
    read, cursor, exhausted = list[DeviceResult](), "", False
    while not exhausted:  # as it happens
        page = connector.results(ref, cursor, limit)
        assert all(result.occurred_at <= clock() for result in page.results)
        assert connector.results(ref, cursor, limit) == page
        assert int(page.cursor) == int(cursor or 0) + len(page.results)
        read, cursor, exhausted = [*read, *page.results], page.cursor, page.exhausted
        if len(page.results) < limit:
            clock.advance(0.3)
    assert read == reported(connector, ref)  # and afterwards
    assert not pages(connector, ref, limit, cursor)[0].results
