"""Previews of ring plans: they count as planning does, say what would stop a rollout, and store nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.connectors import registry
from app.connectors.protocol import Connector
from app.events.unit import unit_of_work
from app.identity.roles import Role
from tests.support.api import Api, deployment, make_token
from tests.support.clock import Clock
from tests.support.database import nothing_changed, rows, statements
from tests.support.http import Client, refused
from tests.support.plans import PLANS, gate, plan
from tests.support.previews import DRY, devices_of, mixed, of_plan, planned, previewed, put


@contextmanager
def without_connectors() -> Iterator[None]:
    """An installation that has lost the connector of its devices."""
    others: dict[str, Connector] = {"another": registry.connector("simulated")}
    with registry.replaced(others):
        yield


@pytest.mark.parametrize(
    ("scope", "query"),
    [
        ({"everyone": True}, ""),
        ({"everyone": True, "exclude_tags": ["lab", "desk"]}, "&exclude_tags=lab&exclude_tags=desk"),
        ({"tags": ["lab"]}, "&tags=lab"),
        ({"tags": ["lab", "desk"]}, "&tags=lab&tags=desk"),
        ({"site_classes": ["online", "air_gapped"]}, "&site_classes=online&site_classes=air_gapped"),
        ({"business_units": ["unit-1"], "tags": ["desk"]}, "&business_units=unit-1&tags=desk"),
    ],
)
@pytest.mark.parametrize("name", ["standard", "rotated"])
def test_the_rings_are_those_of_the_deployment_created_afterwards(
    client: Client, scope: dict[str, Any], query: str, name: str
) -> None:
    mixed(client)
    put(client, "rotated", {**plan(), "rotation": 4_321})
    by_query = of_plan(client, name, f"platform=windows{query}")
    by_request = previewed(client, plan=name, scope=scope)
    real = planned(client, plan=name, scope=scope)
    assert devices_of(by_query) == devices_of(by_request) == devices_of(real, "targeted")
    assert by_query["devices"] == sum(ring["targeted"] for ring in real["rings"]) > 0
    assert (by_request["plan"], by_request["plan_version"]) == (real["plan"], real["plan_version"])


def test_without_a_platform_every_registered_device_counts(client: Client) -> None:
    mixed(client)
    assert of_plan(client)["devices"] == 220
    assert of_plan(client)["excluded"] == [{"reason": "retired", "devices": 20}]
    linux, windows = (of_plan(client, query=f"platform={name}") for name in ("linux", "windows"))
    assert linux["devices"] + windows["devices"] == 220
    assert windows["excluded"] == [{"reason": "other_platform", "devices": 60}, {"reason": "retired", "devices": 20}]
    assert of_plan(client, query="platform=ios")["devices"] == 0


def test_a_number_of_devices_is_split_by_the_plan(client: Client) -> None:
    answer = of_plan(client, "standard", "devices=20000&tagged=lab:20")
    assert devices_of(answer) == [
        ("lab", 20),
        ("canary", 200),
        ("pilot", 999),
        ("department", 3_996),
        ("global", 14_785),
    ]
    assert answer["request"] is None
    assert (answer["excluded"], answer["not_installable"]) == ([], [])
    assert devices_of(of_plan(client, "standard", "devices=20000"))[0] == ("lab", 0)


def test_each_ring_ends_after_those_before_it(client: Client, clock: Clock) -> None:
    answer = of_plan(client, "standard", "devices=20000&tagged=lab:20")
    for kind in ("earliest", "typical"):
        total = 0.0
        for ring in answer["rings"]:
            total += ring[kind]["seconds"]
            ends = datetime.fromisoformat(ring[kind]["ends_at"])
            assert (ends - clock.time).total_seconds() == pytest.approx(total, abs=0.001)
        assert answer[kind] == {"seconds": total, "ends_at": answer["rings"][-1][kind]["ends_at"]}
    assert answer["earliest"]["seconds"] == (4 + 24 + 48 + 72 + 7 * 24) * 3_600


def test_an_end_beyond_a_century_has_no_time(client: Client) -> None:
    put(client, "slow", {"rings": [{"name": "all", "gate": gate(), "devices_per_minute": 1, "concurrency": 1}]})
    answer = of_plan(client, "slow", "devices=10000000")
    assert answer["typical"]["seconds"] > 100 * 366 * 86_400
    assert answer["typical"]["ends_at"] is None
    assert answer["earliest"]["ends_at"] is not None


def test_the_database_refuses_what_a_preview_would_store(database: Flask) -> None:
    from app.db import reading

    with pytest.raises(DBAPIError, match="read-only transaction"), reading() as session:
        session.execute(text("INSERT INTO applications (name) VALUES ('sneaked')"))
    with unit_of_work("test") as unit:
        unit.session.execute(text("INSERT INTO applications (name) VALUES ('open')"))
    assert [row.name for row in rows("SELECT name FROM applications")] == ["open"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("devices=0", "devices"),
        ("devices=10000001", "devices"),
        ("devices=ten", "devices"),
        ("devices=5&platform=windows", "devices"),
        ("devices=5&tags=lab", "devices"),
        ("tagged=lab:5", "tagged"),
        ("devices=5&tagged=lab:6", "tagged"),
        ("devices=5&tagged=office:1", "tagged"),
        ("devices=5&tagged=lab:1&tagged=lab:2", "tagged"),
        ("devices=5&tagged=lab", "tagged"),
        ("platform=toaster", "platform"),
        ("site_classes=moon", "site_classes"),
        ("scope=all", "scope"),
        ("version=0", "version"),
    ],
)
def test_a_query_that_fits_no_fleet_is_refused(client: Client, query: str, field: str) -> None:
    with nothing_changed():
        found = refused(client.raw("GET", f"/ring-plans/standard/preview?{query}"), 422, "invalid", field)
    assert "query" in found["detail"]


def test_an_unknown_plan_has_no_preview(client: Client) -> None:
    refused(client.raw("GET", "/ring-plans/nothing/preview"), 404, "no-such-ring-plan")
    refused(client.raw("GET", "/ring-plans/standard/preview?version=7"), 404, "no-such-ring-plan")


def test_an_older_version_can_be_previewed(database: Flask, client: Client) -> None:
    proposal = {"plan": plan(), "reason": "three rings are enough"}
    assert client.post("/ring-plans/standard/proposals", proposal)[0] == 201
    other = Client(database.test_client(), make_token("other"))
    assert other.post("/ring-plans/standard/proposals/1/confirm")[0] == 200
    assert len(of_plan(client, "standard", "devices=10")["rings"]) == 3
    assert len(of_plan(client, "standard", "devices=10&version=1")["rings"]) == 5


@pytest.mark.parametrize("role", Role)
def test_readers_may_preview_a_plan_and_only_requesters_a_request(database: Flask, client: Client, role: Role) -> None:
    client.register(10)
    person = Client(database.test_client(), make_token("person", role))
    assert person.raw("GET", "/ring-plans/standard/preview").status_code == 200
    allowed = role in (Role.OPERATOR, Role.ADMIN)
    assert person.raw("POST", DRY, json=deployment()).status_code == (200 if allowed else 403)
    assert database.test_client().get("/api/v1/ring-plans/standard/preview").status_code == 401


def test_holds_that_would_apply_are_named(client: Client, clock: Clock) -> None:
    client.register(10)
    put(client, "windows", PLANS["windows"])
    clock.advance((90 - clock.time.minute) * 60)  # half past, when the plan's windows are closed
    assert of_plan(client)["holds"] == []
    with unit_of_work("test") as unit:
        unit.session.execute(text("INSERT INTO applications (name) VALUES ('vpn')"))
    assert client.post("/freezes", {"reason": "the end of the year", "application": "vpn"})[0] == 201
    assert client.post("/connectors/simulated/breaker", {"state": "open", "reason": "maintenance"})[0] == 200
    names = {"freeze", "window", "breaker"}
    request = previewed(client, plan="windows")
    assert {hold["hold"] for hold in request["holds"]} == names
    assert {hold["hold"] for hold in of_plan(client, "windows", "application=vpn")["holds"]} == names
    assert {hold["hold"] for hold in of_plan(client, "windows")["holds"]} == names - {"freeze"}
    assert {hold["hold"] for hold in of_plan(client, "windows", "devices=10")["holds"]} == {"window"}
    real = planned(client, plan="windows")
    assert {(it["hold"], it["reason"]) for it in real["holds"]} == {
        (it["hold"], it["reason"]) for it in request["holds"]
    }
    assert client.post("/emergency-stop", {"reason": "all of it"})[0] == 201
    assert "emergency_stop" in {hold["hold"] for hold in of_plan(client)["holds"]}


def test_devices_of_a_connector_that_is_not_configured_cannot_be_installed(client: Client) -> None:
    client.register(10)
    assert of_plan(client)["not_installable"] == []
    with without_connectors():
        assert of_plan(client)["not_installable"] == [
            {"connector": "simulated", "devices": 10, "reason": "connector_not_configured"}
        ]


def test_a_preview_counts_in_the_database_however_many_devices_there_are(client: Client) -> None:
    def asked() -> int:
        with statements() as sent:
            assert client.raw("GET", "/ring-plans/standard/preview?platform=windows").status_code == 200
        return len(sent)

    client.register(10)
    few = asked()
    insert = """
        INSERT INTO devices (external_id, platform, connector, site_class, business_unit, tags, criticality, bucket,
                             registered_at, changed_at)
        SELECT 'mass-' || n, 'windows', 'simulated', 'online', '', '{}', 'normal', n % 10000, now(), now()
          FROM generate_series(1, 100000) AS n
    """
    with unit_of_work("test") as unit:
        unit.session.execute(text(insert))
    assert asked() == few
    answer = client.get("/ring-plans/standard/preview?platform=windows")
    assert answer["devices"] == 100_010
    assert devices_of(answer)[1][1] == pytest.approx(1_000, abs=10)


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["standard", "--devices", "20000", "--tagged", "lab:20"], 0, "14,785"),
        (["demo", "--platform", "windows", "--tag", "lab"], 0, "demo, version 1: 2 devices"),
        (["nothing"], 1, "does not exist"),
        (["standard", "--devices", "0"], 2, "devices: "),
        (["standard", "--devices", "5", "--tagged", "office:1"], 1, "its tags are lab"),
    ],
)
def test_the_command_shows_a_table(database: Flask, api: Api, args: list[str], code: int, said: str) -> None:
    api.register(50)
    with nothing_changed():
        done = database.test_cli_runner().invoke(args=["plans", "preview", *args])
    assert done.exit_code == code, done.output
    assert said in done.output
    if not code:
        assert "typical end in" in done.output
        assert "note: ring lab has" in done.output
