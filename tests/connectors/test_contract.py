"""What every connector promises, whatever system is behind it. `kinds.py` says how a vendor joins."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator

import pytest
from flask import Flask

from app.connectors import registry
from app.connectors.protocol import Connector, ConnectorError, DeviceResult, ErrorClass
from app.deployments.rules.states import OUTCOMES
from tests.connectors.kinds import CANNOT_UNINSTALL, KINDS, WAITS_FOR_THE_SILENT
from tests.support.clock import Clock
from tests.support.connectors import LONG, compliant, installed, pages, publication, reported, withdrawal


def test_every_kind_of_connector_is_under_this_contract() -> None:
    assert set(KINDS) == set(registry.KINDS)


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def connector(kind: str, database: Flask, clock: Clock) -> Iterator[Connector]:
    with KINDS[kind](clock) as made:
        yield made


def test_publishing_twice_changes_nothing(connector: Connector, clock: Clock) -> None:
    instruction = publication()
    ref = connector.publish(instruction)
    clock.advance(LONG)
    before = reported(connector, ref)
    assert connector.publish(instruction) == ref
    assert reported(connector, ref) == before


def test_a_publication_is_found_by_its_key(connector: Connector) -> None:
    instruction = publication()
    assert connector.find(instruction.key) is None
    ref = connector.publish(instruction)
    assert connector.find(instruction.key) == ref
    assert connector.find(instruction.key + "x") is None
    assert connector.publish(publication()) != ref


@pytest.mark.parametrize("limit", [1, 7, 1_000])
def test_results_come_page_by_page_in_order_and_each_once(connector: Connector, clock: Clock, limit: int) -> None:
    ref = connector.publish(publication())
    clock.advance(LONG)
    found = pages(connector, ref, limit)
    assert all(len(page.results) <= limit for page in found)
    results = [result for page in found for result in page.results]
    assert results == reported(connector, ref)
    assert [result.occurred_at for result in results] == sorted(result.occurred_at for result in results)
    assert len({(result.external_id, result.sequence) for result in results}) == len(results) > 0
    assert {result.outcome for result in results} <= {state.value for state in OUTCOMES}
    assert {result.external_id for result in results} <= {f"device-{n}" for n in range(50)}


def test_a_page_read_again_is_the_same(connector: Connector, clock: Clock) -> None:
    ref = connector.publish(publication())
    clock.advance(LONG)
    first = connector.results(ref, "", 10)
    assert connector.results(ref, "", 10) == first
    assert connector.results(ref, first.cursor, 10) == connector.results(ref, first.cursor, 10)


def test_results_are_exhausted_only_after_the_last_one(kind: str, connector: Connector, clock: Clock) -> None:
    ref = connector.publish(publication())
    seen: list[DeviceResult] = []
    cursor, exhausted = "", False
    for _ in range(int(LONG) * 5):
        page = connector.results(ref, cursor, 9)
        assert not (exhausted and page.results)
        seen, cursor, exhausted = [*seen, *page.results], page.cursor, page.exhausted
        clock.advance(0.2)
    assert exhausted is (kind not in WAITS_FOR_THE_SILENT)
    assert seen == reported(connector, ref)


def test_no_result_is_reported_before_it_occurred(connector: Connector, clock: Clock) -> None:
    ref = connector.publish(publication())
    for _ in range(20):
        assert all(result.occurred_at <= clock.time for result in reported(connector, ref))
        clock.advance(0.2)


def test_sequences_grow_for_each_device_over_all_publications(connector: Connector, clock: Clock) -> None:
    sequences: dict[str, list[int]] = defaultdict(list)
    for release in "abc":
        ref = connector.publish(publication(release=release))
        clock.advance(LONG)
        for result in reported(connector, ref):
            sequences[result.external_id].append(result.sequence)
    assert any(len(of_device) > 2 for of_device in sequences.values())
    for of_device in sequences.values():
        assert of_device == sorted(set(of_device))
        assert of_device[0] > 0


def test_withdrawing_twice_changes_nothing_and_it_is_found_by_its_key(connector: Connector, clock: Clock) -> None:
    instruction = publication()
    published = connector.publish(instruction)
    back = withdrawal(instruction)
    assert connector.find(back.key) is None
    withdrawn = connector.withdraw(back)
    assert withdrawn != published
    clock.advance(LONG)
    before = reported(connector, withdrawn)
    assert connector.withdraw(back) == withdrawn == connector.find(back.key)
    assert reported(connector, withdrawn) == before


def test_a_withdrawals_results_are_newer_than_its_publications(kind: str, connector: Connector, clock: Clock) -> None:
    instruction = publication()
    first = connector.publish(instruction)
    clock.advance(LONG)
    second = connector.withdraw(withdrawal(instruction))
    clock.advance(LONG)
    highest = {result.external_id: result.sequence for result in reported(connector, first)}
    results = reported(connector, second, limit=7)
    reasons = {result.reason for result in results if result.outcome == "succeeded"}
    assert reasons == (set() if kind in CANNOT_UNINSTALL else {"withdrawn"})
    assert kind not in CANNOT_UNINSTALL or {result.reason for result in results} == {"cannot_uninstall"}
    assert {result.outcome for result in results} <= {"installing", "succeeded", "failed"}
    assert all(result.sequence > highest.get(result.external_id, 0) for result in results)


def test_a_publication_may_name_what_it_replaces(kind: str, connector: Connector, clock: Clock) -> None:
    newer, older = publication(release="b"), publication(release="a")
    connector.publish(newer)
    clock.advance(LONG)
    before = installed(connector)
    back = connector.publish(dataclasses.replace(older, replaces=newer.release))
    clock.advance(LONG)
    connector.withdraw(withdrawal(newer))
    clock.advance(LONG)
    returned = compliant(reported(connector, back))
    now = installed(connector)
    assert returned
    assert all(now[device] == older.release.version for device in returned)
    removed = [device for device in newer.devices if device in before and device not in now]
    assert bool(removed) is (kind not in CANNOT_UNINSTALL)


@pytest.mark.parametrize("limit", [1, 7, 1_000])
def test_the_inventory_is_what_the_results_say(kind: str, connector: Connector, clock: Clock, limit: int) -> None:
    assert installed(connector) == {}
    instruction = publication()
    published = connector.publish(instruction)
    clock.advance(LONG)
    have = compliant(reported(connector, published))
    assert installed(connector, limit) == dict.fromkeys(have, instruction.release.version)
    withdrawn = connector.withdraw(withdrawal(instruction))
    clock.advance(LONG)
    left = have - compliant(reported(connector, withdrawn))
    assert installed(connector, limit) == dict.fromkeys(left, instruction.release.version)
    assert left == have if kind in CANNOT_UNINSTALL else 0 < len(left) < len(have)


def test_what_is_cancelled_is_over_and_nothing_doubles(connector: Connector, clock: Clock) -> None:
    instruction = publication()
    ref = connector.publish(instruction)
    connector.cancel(ref)
    clock.advance(LONG)
    once = reported(connector, ref)
    connector.cancel(ref)
    clock.advance(LONG)
    assert reported(connector, ref) == once
    assert len({result.external_id for result in once if result.outcome == "not_applicable"}) in (0, 50)
    assert connector.find(instruction.key) == ref


def test_the_inventory_follows_what_happens(connector: Connector, clock: Clock) -> None:
    instruction = publication()
    published = connector.publish(instruction)
    sizes = []
    for _ in range(20):
        assert set(installed(connector, limit=9)) == compliant(reported(connector, published))
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


def test_a_working_connector_is_healthy(connector: Connector) -> None:
    assert connector.health() is True
