"""The scope in planning, in drift and in a sentence: three spellings of one rule, compared device by device."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import text

from app.db import db
from app.deployments.planning import in_scope
from app.drift.comparing import IN_SCOPE
from tests.support.http import Client

UNITS, TAGS, SITES = ("", "sales", "legal"), ("lab", "desk", "kiosk"), ("online", "intermittent", "air_gapped")
_DECIDED = f"FROM devices AS device, (SELECT CAST(:scope AS jsonb) AS scope) AS decided WHERE {IN_SCOPE}"
NAMES = tuple(f"dev-{n}" for n in range(60))


def is_in(device: Mapping[str, Any], scope: Mapping[str, list[str]]) -> bool:
    """The rule as people say it."""
    own = {"business_units": {device["business_unit"]}, "site_classes": {device["site_class"]}}
    own.update(tags=set(device["tags"]), devices={device["external_id"]})
    selected = all(own[kind] & set(scope[kind]) for kind in own if scope.get(kind))
    left_out = {kind: set(scope.get(f"exclude_{kind}", ())) for kind in ("tags", "devices")}
    return selected and not any(own[kind] & left_out[kind] for kind in left_out)


def a_scope(chance: random.Random) -> dict[str, list[str]]:
    def some(values: tuple[str, ...], most: int) -> list[str]:
        return chance.sample(values, chance.randint(0, most))

    kinds = {"business_units": (UNITS, 2), "tags": (TAGS, 2), "site_classes": (SITES, 2), "exclude_tags": (TAGS, 1)}
    names = {"devices": (NAMES, 30), "exclude_devices": (NAMES, 10)}  # as they are registered below
    given = {kind: some(*of) for kind, of in {**kinds, **names}.items()}
    return {kind: values for kind, values in given.items() if chance.random() < 0.5}


def test_planning_and_drift_mean_the_same_devices(client: Client) -> None:
    chance = random.Random(7)
    devices = [
        {
            "external_id": name,
            "platform": "windows",
            "connector": "simulated",
            "business_unit": chance.choice(UNITS),
            "site_class": chance.choice(SITES),
            "tags": chance.sample(TAGS, chance.randint(0, 3)),
        }
        for name in NAMES
    ]
    assert client.post("/devices", devices)[0] == 200
    of_drift = text(f"SELECT external_id {_DECIDED}")
    sizes = set()
    for _ in range(150):
        scope = a_scope(chance)
        expected = {device["external_id"] for device in devices if is_in(device, scope)}
        condition, parameters = in_scope("windows", scope)
        planned = text(f"SELECT external_id FROM devices AS device WHERE {condition}")
        with db.engine.connect() as connection:
            assert set(connection.execute(planned, parameters).scalars()) == expected, scope
            found = connection.execute(of_drift, {"scope": json.dumps(scope)}).scalars()
            assert set(found) == expected, scope
        sizes.add(len(expected))
    assert len(sizes) > 10


@pytest.mark.parametrize("stored", [{}, {"tags": []}, {"tags": None, "devices": None}])
def test_what_an_older_version_stored_is_everyone(client: Client, stored: dict[str, Any]) -> None:
    client.register(5)
    statement = f"SELECT count(*) {_DECIDED}"
    with db.engine.connect() as connection:
        assert connection.execute(text(statement), {"scope": json.dumps(stored)}).scalar_one() == 5
