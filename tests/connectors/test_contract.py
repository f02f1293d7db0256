"""What every connector promises, whatever stands behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import count

import pytest
from flask import Flask

from app.connectors.protocol import (
    Connector,
    ConnectorError,
    DeviceResult,
    ErrorClass,
    Publication,
    ReleaseRef,
    ResultPage,
)
from app.connectors.simulated import SimulatedConnector
from app.deployments.rules.states import OUTCOMES
from app.settings import SimulatedProfile
from tests.conftest import Clock

PROFILE = SimulatedProfile(seed="one", failure=0.3, silent=0.2, already_compliant=0.2)
CONNECTORS: dict[str, Callable[[], Connector]] = {"simulated": lambda: SimulatedConnector(PROFILE)}
LONG = 60.0
"""Seconds after which every connector here has told all there is."""

_numbers = count(1)


def test_every_connector_of_the_program_is_under_this_contract(database: Flask) -> None:
    from app.connectors.service import names

    assert set(CONNECTORS) == set(names())


@pytest.fixture(params=CONNECTORS)
def connector(request: pytest.FixtureRequest, database: Flask, clock: Clock) -> Connector:
    return CONNECTORS[request.param]()


def publication(devices: int = 50, release: str = "a", ring: str = "lab") -> Publication:
    ref = ReleaseRef("vpn", "1.0", "windows", "sha256:" + release * 64)
    return Publication(f"key-{next(_numbers)}", ring, ref, [f"device-{n}" for n in range(devices)])


def pages(connector: Connector, ref: str, limit: int, cursor: int = 0) -> list[ResultPage]:
    """Every page that can be read now."""
    found = [connector.results(ref, cursor, limit)]
    while found[-1].results:
        found.append(connector.results(ref, found[-1].cursor, limit))
    return found


def told(connector: Connector, ref: str, limit: int = 1_000) -> list[DeviceResult]:
    return [result for page in pages(connector, ref, limit) for result in page.results]


def test_publishing_twice_changes_nothing(connector: Connector, clock: Clock) -> None:
    wanted = publication()
    ref = connector.publish(wanted)
    clock.advance(LONG)
    before = told(connector, ref)
    assert connector.publish(wanted) == ref
    assert told(connector, ref) == before


def test_what_was_published_is_found_by_its_key(connector: Connector) -> None:
    wanted = publication()
    assert connector.find(wanted.key) is None
    ref = connector.publish(wanted)
    assert connector.find(wanted.key) == ref
    assert connector.find(wanted.key + "x") is None
    assert connector.publish(publication()) != ref


@pytest.mark.parametrize("limit", [1, 7, 1_000])
def test_results_come_page_by_page_in_order_and_each_once(connector: Connector, clock: Clock, limit: int) -> None:
    ref = connector.publish(publication())
    clock.advance(LONG)
    found = pages(connector, ref, limit)
    assert all(len(page.results) <= limit for page in found)
    results = [result for page in found for result in page.results]
    assert results == told(connector, ref)
    assert [it.occurred_at for it in results] == sorted(it.occurred_at for it in results)
    assert len({(it.external_id, it.sequence) for it in results}) == len(results) > 0
    assert {it.outcome for it in results} <= {state.value for state in OUTCOMES}
    assert {it.external_id for it in results} <= {f"device-{n}" for n in range(50)}


def test_a_page_read_again_is_the_same(connector: Connector, clock: Clock) -> None:
    ref = connector.publish(publication())
    clock.advance(LONG)
    first = connector.results(ref, 0, 10)
    assert connector.results(ref, 0, 10) == first
    assert connector.results(ref, first.cursor, 10) == connector.results(ref, first.cursor, 10)


def test_results_are_exhausted_only_when_all_is_told(connector: Connector, clock: Clock) -> None:
    ref = connector.publish(publication())
    seen: list[DeviceResult] = []
    cursor, exhausted = 0, False
    for _ in range(int(LONG) * 5):
        page = connector.results(ref, cursor, 9)
        assert not (exhausted and page.results)
        seen, cursor, exhausted = [*seen, *page.results], page.cursor, page.exhausted
        clock.advance(0.2)
    assert exhausted
    assert seen == told(connector, ref)


def test_nothing_is_told_before_it_happens(connector: Connector, clock: Clock) -> None:
    ref = connector.publish(publication())
    for _ in range(20):
        assert all(result.occurred_at <= clock.time for result in told(connector, ref))
        clock.advance(0.2)


def test_sequences_grow_for_each_device_over_all_publications(connector: Connector, clock: Clock) -> None:
    sequences: dict[str, list[int]] = defaultdict(list)
    for release in "abc":
        ref = connector.publish(publication(release=release))
        clock.advance(LONG)
        for result in told(connector, ref):
            sequences[result.external_id].append(result.sequence)
    assert any(len(of_device) > 2 for of_device in sequences.values())
    for of_device in sequences.values():
        assert of_device == sorted(set(of_device))
        assert of_device[0] > 0


@pytest.mark.parametrize("ref", ["4711", "", "no-such-thing", "-1", "9" * 30, "1; DROP TABLE devices", "²"])
def test_an_unknown_reference_is_a_permanent_error(connector: Connector, ref: str) -> None:
    with pytest.raises(ConnectorError) as refused:
        connector.results(ref, 0, 10)
    assert refused.value.error_class is ErrorClass.PERMANENT


def test_a_connector_that_works_is_well(connector: Connector) -> None:
    assert connector.health() is True


# The simulated one


def fates(profile: SimulatedProfile, clock: Clock, **fields: str) -> dict[str, list[str]]:
    connector = SimulatedConnector(profile)
    ref = connector.publish(publication(devices=200, **fields))
    clock.advance(LONG)
    found: dict[str, list[str]] = defaultdict(list)
    for result in told(connector, ref):
        found[result.external_id].append(result.outcome)
    return found


def test_the_simulated_fate_follows_from_seed_release_and_device(database: Flask, clock: Clock) -> None:
    first = fates(PROFILE, clock)
    assert fates(PROFILE, clock) == first
    assert fates(PROFILE.model_copy(update={"seed": "two"}), clock) != first
    assert fates(PROFILE, clock, release="b") != first


def test_the_simulated_failures_are_as_many_as_the_profile_says(database: Flask, clock: Clock) -> None:
    never = PROFILE.model_copy(update={"failure": 0.0, "silent": 0.0, "already_compliant": 0.0})
    assert {tuple(fate) for fate in fates(never, clock).values()} == {("installing", "succeeded")}
    in_lab = never.model_copy(update={"failure_in_ring": {"lab": 1.0}})
    assert {tuple(fate) for fate in fates(in_lab, clock).values()} == {("installing", "failed")}
    assert {tuple(fate) for fate in fates(in_lab, clock, ring="canary").values()} == {("installing", "succeeded")}
    compliant = never.model_copy(update={"already_compliant": 1.0})
    assert {tuple(fate) for fate in fates(compliant, clock).values()} == {("already_compliant",)}


def test_silence_is_exhausted_at_once(database: Flask, clock: Clock) -> None:
    silent = SimulatedConnector(PROFILE.model_copy(update={"silent": 1.0}))
    page = silent.results(silent.publish(publication()), 0, 10)
    assert (page.results, page.cursor, page.exhausted) == ([], 0, True)


def test_a_device_that_takes_no_time_tells_its_story_in_order(database: Flask, clock: Clock) -> None:
    instant = PROFILE.model_copy(update={"fastest_seconds": 0.0, "slowest_seconds": 0.0, "silent": 0.0})
    connector = SimulatedConnector(instant)
    last: dict[str, int] = {}
    for result in told(connector, connector.publish(publication()), limit=3):
        assert result.sequence > last.get(result.external_id, 0)
        last[result.external_id] = result.sequence
    assert len(last) == 50
