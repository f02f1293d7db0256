"""The simulated connector's devices: what becomes of them, and how they drift, depends only on the profile."""

from __future__ import annotations

import dataclasses
import tracemalloc
from collections import defaultdict

from flask import Flask
from sqlalchemy import text

from app.connectors.simulated.connector import SimulatedConnector
from app.connectors.simulated.fates import STRAY
from app.connectors.simulated.profile import SimulatedProfile
from app.db import db
from tests.support.api import Api
from tests.support.clock import Clock
from tests.support.connectors import LONG, PROFILE, compliant, installed, publication, reported, withdrawal


def fates(profile: SimulatedProfile, clock: Clock, **fields: str) -> dict[str, list[str]]:
    connector = SimulatedConnector(profile)
    ref = connector.publish(publication(devices=200, **fields))
    clock.advance(LONG)
    found: dict[str, list[str]] = defaultdict(list)
    for result in reported(connector, ref):
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
    page = silent.results(silent.publish(publication()), "", 10)
    assert (page.results, page.cursor, page.exhausted) == ([], "0", True)


def test_the_reported_an_instant_device_are_in_order(database: Flask, clock: Clock) -> None:
    instant = PROFILE.model_copy(update={"fastest_seconds": 0.0, "slowest_seconds": 0.0, "silent": 0.0})
    connector = SimulatedConnector(instant)
    last: dict[str, int] = {}
    for result in reported(connector, connector.publish(publication()), limit=3):
        assert result.sequence > last.get(result.external_id, 0)
        last[result.external_id] = result.sequence
    assert len(last) == 50


# Drift

FLAWLESS = SimulatedProfile(failure=0.0, silent=0.0)


def drifting(clock: Clock, **shares: float) -> SimulatedConnector:
    """A vendor that published version `1.0-a` to 200 devices a while ago."""
    connector = SimulatedConnector(FLAWLESS.model_copy(update=shares), faults=True)
    connector.publish(publication(devices=200))
    clock.advance(LONG)
    return connector


def test_some_devices_lose_what_they_were_given(database: Flask, clock: Clock) -> None:
    connector = drifting(clock, drift_missing=0.2)
    found = installed(connector, limit=17)
    assert 140 <= len(found) <= 180
    assert installed(connector) == found
    assert len(installed(drifting(clock, drift_missing=1.0))) == 0


def test_some_devices_have_another_version(database: Flask, clock: Clock) -> None:
    found = installed(drifting(clock, drift_version=0.2), limit=17)
    assert len(found) == 200
    assert set(found.values()) == {"1.0-a", STRAY}
    assert 20 <= list(found.values()).count(STRAY) <= 60


def test_a_drifted_device_may_come_back_when_it_is_instructed_again(database: Flask, clock: Clock) -> None:
    connector = drifting(clock, drift_missing=0.2)
    lost = {f"device-{n}" for n in range(200)} - installed(connector).keys()
    connector.publish(publication(devices=200))
    clock.advance(LONG)
    assert len(lost & installed(connector).keys()) > len(lost) / 2


def test_some_devices_have_it_though_it_was_never_given_to_them(api: Api, clock: Clock) -> None:
    registered = api.register(100)
    api.register(1, external_id="of-another-platform", platform="macos")
    found = installed(drifting(clock, drift_extra=0.2), limit=17)
    strays = found.keys() & set(registered)
    assert 8 <= len(strays) <= 35
    assert len(found) == 200 + len(strays)
    assert set(found.values()) == {"1.0-a"}
    everyone = installed(drifting(clock, drift_extra=1.0), limit=17)
    assert everyone.keys() == {*registered, *(f"device-{n}" for n in range(200))}


def test_a_stray_that_is_withdrawn_is_gone(api: Api, clock: Clock) -> None:
    registered = api.register(20)
    connector = drifting(clock, drift_extra=1.0)
    wanted = publication()
    connector.withdraw(withdrawal(dataclasses.replace(wanted, devices=registered[:5])))
    clock.advance(LONG)
    assert installed(connector).keys() & set(registered) == set(registered[5:])


def test_nothing_drifts_unless_faults_are_allowed(api: Api, clock: Clock) -> None:
    api.register(20)
    drifting(clock)
    shares = {"drift_missing": 1.0, "drift_extra": 1.0, "drift_version": 1.0}
    connector = SimulatedConnector(FLAWLESS.model_copy(update=shares))
    assert installed(connector) == dict.fromkeys((f"device-{n}" for n in range(200)), "1.0-a")


def test_a_withdrawal_leaves_another_release_alone(database: Flask, clock: Clock) -> None:
    connector = SimulatedConnector(FLAWLESS)
    old, new = publication(release="a"), publication(release="b")
    for wanted in (old, new):
        connector.publish(wanted)
        clock.advance(LONG)
    ref = connector.withdraw(withdrawal(old))
    clock.advance(LONG)
    assert compliant(reported(connector, ref)) == set(old.devices)
    assert set(installed(connector).values()) == {"1.0-b"}


def test_a_page_of_a_great_inventory_keeps_little(database: Flask, clock: Clock) -> None:
    """100,000 devices in 20 publications: a page of a hundred keeps its hundred, not the fleet."""
    with db.engine.begin() as connection:
        connection.execute(
            text("""
                INSERT INTO simulated_publications (connector, key, verb, ring, application, version, platform,
                                                    artifact_hash, published_at, devices)
                SELECT 'simulated', 'great-' || n, 'publish', 'lab', 'vpn', '1.0', 'windows', 'sha256:a',
                       now() - interval '1 day',
                       array(SELECT 'pc-' || lpad((d * 20 + n)::text, 6, '0') FROM generate_series(0, 4999) AS d)
                  FROM generate_series(0, 19) AS n
            """)
        )
    connector = SimulatedConnector(FLAWLESS)
    tracemalloc.start()
    try:
        page = connector.inventory("vpn", "windows", "pc-050000", 100)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [item.external_id for item in page.items] == [f"pc-{n:06d}" for n in range(50_001, 50_101)]
    assert (page.cursor, page.exhausted) == ("pc-050100", False)
    assert peak < 2_000_000
