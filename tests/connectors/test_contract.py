"""What every connector promises, whatever stands behind it."""

from __future__ import annotations

import dataclasses
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
    InventoryItem,
    Publication,
    ReleaseRef,
    ResultPage,
    Withdrawal,
)
from app.connectors.simulated.connector import SimulatedConnector
from app.connectors.simulated.profile import SimulatedProfile
from app.deployments.rules.states import OUTCOMES
from tests.conftest import Clock

PROFILE = SimulatedProfile(seed="one", failure=0.3, silent=0.2, already_compliant=0.2)
CONNECTORS: dict[str, Callable[[], Connector]] = {"simulated": lambda: SimulatedConnector(PROFILE)}
LONG = 60.0
"""Seconds after which every connector here has told all there is."""

_numbers = count(1)


def test_every_connector_of_the_program_is_under_this_contract(database: Flask) -> None:
    from app.connectors.registry import names

    assert set(CONNECTORS) == set(names())


@pytest.fixture(params=CONNECTORS)
def connector(request: pytest.FixtureRequest, database: Flask, clock: Clock) -> Connector:
    return CONNECTORS[request.param]()


def ref(name: str) -> ReleaseRef:
    return ReleaseRef("vpn", f"1.0-{name}", "windows", "sha256:" + name * 64)


def publication(devices: int = 50, release: str = "a", ring: str = "lab") -> Publication:
    return Publication(f"key-{next(_numbers)}", ring, ref(release), [f"device-{n}" for n in range(devices)])


def withdrawal(wanted: Publication) -> Withdrawal:
    return Withdrawal(f"key-{next(_numbers)}", wanted.ring, wanted.release, wanted.devices)


def installed(connector: Connector, limit: int = 1_000, platform: str = "windows") -> dict[str, str]:
    """The whole inventory, page by page: by external id, each device once."""
    items: list[InventoryItem] = []
    cursor, exhausted = "", False
    while not exhausted:
        page = connector.inventory("vpn", platform, cursor, limit)
        assert len(page.items) <= limit
        assert page.exhausted or page.cursor > cursor
        items, cursor, exhausted = [*items, *page.items], page.cursor, page.exhausted
    ids = [item.external_id for item in items]
    assert ids == sorted(set(ids))
    return {item.external_id: item.version for item in items}


def compliant(results: list[DeviceResult]) -> set[str]:
    return {result.external_id for result in results if result.outcome in ("succeeded", "already_compliant")}


def pages(connector: Connector, ref: str, limit: int, cursor: str = "") -> list[ResultPage]:
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
    first = connector.results(ref, "", 10)
    assert connector.results(ref, "", 10) == first
    assert connector.results(ref, first.cursor, 10) == connector.results(ref, first.cursor, 10)


def test_results_are_exhausted_only_when_all_is_told(connector: Connector, clock: Clock) -> None:
    ref = connector.publish(publication())
    seen: list[DeviceResult] = []
    cursor, exhausted = "", False
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


def test_withdrawing_twice_changes_nothing_and_it_is_found_by_its_key(connector: Connector, clock: Clock) -> None:
    wanted = publication()
    published = connector.publish(wanted)
    back = withdrawal(wanted)
    assert connector.find(back.key) is None
    withdrawn = connector.withdraw(back)
    assert withdrawn != published
    clock.advance(LONG)
    before = told(connector, withdrawn)
    assert connector.withdraw(back) == withdrawn == connector.find(back.key)
    assert told(connector, withdrawn) == before


def test_a_withdrawals_results_are_newer_than_its_publications(connector: Connector, clock: Clock) -> None:
    wanted = publication()
    first = connector.publish(wanted)
    clock.advance(LONG)
    second = connector.withdraw(withdrawal(wanted))
    clock.advance(LONG)
    highest = {result.external_id: result.sequence for result in told(connector, first)}
    results = told(connector, second, limit=7)
    assert {(it.outcome, it.reason) for it in results if it.outcome == "succeeded"} == {("succeeded", "withdrawn")}
    assert {it.outcome for it in results} <= {"installing", "succeeded", "failed"}
    assert all(result.sequence > highest.get(result.external_id, 0) for result in results)


def test_a_publication_may_name_what_it_replaces(connector: Connector, clock: Clock) -> None:
    newer, older = publication(release="b"), publication(release="a")
    connector.publish(newer)
    clock.advance(LONG)
    before = installed(connector)
    back = connector.publish(dataclasses.replace(older, replaces=newer.release))
    clock.advance(LONG)
    connector.withdraw(withdrawal(newer))
    clock.advance(LONG)
    returned = compliant(told(connector, back))
    now = installed(connector)
    assert returned
    assert all(now[device] == older.release.version for device in returned)
    assert any(device in before and device not in now for device in newer.devices)


@pytest.mark.parametrize("limit", [1, 7, 1_000])
def test_the_inventory_is_what_the_results_say(connector: Connector, clock: Clock, limit: int) -> None:
    assert installed(connector) == {}
    wanted = publication()
    published = connector.publish(wanted)
    clock.advance(LONG)
    have = compliant(told(connector, published))
    assert installed(connector, limit) == dict.fromkeys(have, wanted.release.version)
    withdrawn = connector.withdraw(withdrawal(wanted))
    clock.advance(LONG)
    left = have - compliant(told(connector, withdrawn))
    assert installed(connector, limit) == dict.fromkeys(left, wanted.release.version)
    assert 0 < len(left) < len(have)


def test_the_inventory_follows_what_happens(connector: Connector, clock: Clock) -> None:
    wanted = publication()
    published = connector.publish(wanted)
    sizes = []
    for _ in range(20):
        assert set(installed(connector, limit=9)) == compliant(told(connector, published))
        sizes.append(len(installed(connector)))
        clock.advance(0.2)
    assert sizes[0] == 0 < sizes[-1]


def test_the_inventory_is_of_one_application_and_platform(connector: Connector, clock: Clock) -> None:
    connector.publish(publication())
    clock.advance(LONG)
    assert installed(connector, platform="macos") == {}
    page = connector.inventory("browser", "windows", "", 10)
    assert (page.items, page.exhausted) == ([], True)


@pytest.mark.parametrize("ref", ["4711", "", "no-such-thing", "-1", "9" * 30, "1; DROP TABLE devices", "²"])
def test_an_unknown_reference_is_a_permanent_error(connector: Connector, ref: str) -> None:
    with pytest.raises(ConnectorError) as refused:
        connector.results(ref, "", 10)
    assert refused.value.error_class is ErrorClass.PERMANENT


def test_a_connector_that_works_is_well(connector: Connector) -> None:
    assert connector.health() is True
