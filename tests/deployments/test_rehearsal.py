"""Before the lab may be left, one of its devices has gone back and forth again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.deployments import silence
from tests.support.api import Api, make_token
from tests.support.clock import Clock
from tests.support.counters import assert_counters
from tests.support.database import rows
from tests.support.jobs import Drive
from tests.support.moments import first_ring_at
from tests.support.plans import gate

PATH = "/deployments/1"
DEVICE = {"platform": "windows", "connector": "simulated", "tags": ["lab"]}


@pytest.fixture
def profile(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Changes how the simulated devices behave, until the test is over."""
    from app.settings import load_settings

    def change(value: str) -> None:
        monkeypatch.setenv("EUCORA_SIMULATED_PROFILE", value)
        load_settings.cache_clear()

    yield change
    monkeypatch.undo()
    load_settings.cache_clear()


def types() -> list[str]:
    return [row.type for row in rows("SELECT type FROM events WHERE type LIKE 'validation.%' ORDER BY id")]


def test_one_device_of_the_lab_goes_back_and_forth_again(api: Api, drive: Drive) -> None:
    api.register(500)
    api.deploy()
    drive(60, until=lambda: first_ring_at(PATH) == "passed")
    assert types() == ["validation.began", "validation.passed"]
    told = rows(
        "SELECT verb, cardinality(devices) AS devices FROM simulated_publications WHERE key LIKE '1:lab:%' ORDER BY id"
    )
    assert [(row.verb, row.devices) for row in told] == [("publish", 20), ("withdraw", 1), ("publish", 1)]
    lab = api.get(PATH)["rings"][0]
    assert (lab["succeeded"], lab["validation"]) == (20, "validated")
    assert_counters()


def test_a_device_that_cannot_go_back_is_followed_by_others_and_then_by_a_person(
    profile: Callable[[str], None], api: Api, drive: Drive
) -> None:
    api.register(500)
    api.deploy()
    drive(1)
    profile('{"silent": 0, "failure": 1}')
    report = {"deployment_id": 1, "sequence": 10**6, "outcome": "succeeded"}
    lab = api.get(f"{PATH}/assignments?ring=lab&limit=50")["items"]
    connector = Api(api.client, make_token("simulated"))  # so that this is newer than what the simulation reports
    assert connector.post("/reports", [{**report, "external_id": item["external_id"]} for item in lab])[0] == 200
    drive(60, until=lambda: api.get(PATH)["rings"][0]["validation"] == "failed")
    lab = api.get(PATH)["rings"][0]
    assert (lab["state"], lab["validation"]) in (("soaking", "failed"), ("deploying", "failed"))
    assert types().count("validation.failed") == 3
    drive(10)
    stopped = api.get(PATH)
    assert (stopped["state"], stopped["reason"]) == ("paused", "rehearsal_failed:lab")
    assert {way["decision"] for way in stopped["next"]["ways"]} == {"resume", "waive", "abort", "rollback"}
    profile('{"silent": 0, "failure": 0}')
    assert api.post(f"{PATH}/resume")[0] == 200
    drive(60, until=lambda: first_ring_at(PATH) == "passed")
    assert api.get(PATH)["rings"][0]["state"] == "passed"


def test_a_device_that_says_nothing_is_followed_by_another(
    profile: Callable[[str], None], api: Api, drive: Drive
) -> None:
    api.register(500)
    api.deploy()
    drive(60, until=lambda: api.get(PATH)["rings"][0]["validation"] is not None)
    profile('{"silent": 1}')
    drive(30, step=3)
    silence.give_up()
    assert "validation.failed" in types()
    profile('{"silent": 0, "failure": 0}')
    drive(120, step=2, until=lambda: first_ring_at(PATH) == "passed")
    assert api.get(PATH)["rings"][0]["validation"] == "validated"


def test_a_device_gets_the_time_of_its_site_class_which_uses_up_no_patience(
    profile: Callable[[str], None], api: Api, drive: Drive, clock: Clock
) -> None:
    """An air-gapped device cannot answer as soon as one that is online; nobody could do anything about it."""
    lab = {"name": "lab", "tag": "lab", "gate": gate(validates_rollback=True, max_wait_seconds=50)}
    body = {
        "silent_after": {"online": 20, "intermittent": 20, "air_gapped": 900},
        "rings": [lab, {"name": "rest", "gate": gate()}],
    }
    assert api.raw("PUT", "/ring-plans/field", json=body).status_code == 201
    api.register(100, site_class="air_gapped")
    api.deploy(plan="field")
    drive(60, until=lambda: api.get(PATH)["rings"][0]["validation"] is not None)
    profile('{"silent": 1}')
    drive(800, step=20)
    silence.give_up()
    drive(3)
    waiting = api.get(PATH)
    assert (waiting["state"], waiting["rings"][0]["validation"]) == ("running", "withdrawing")
    assert [(each["what"], each["until"]) for each in waiting["next"]["awaits"]] == [("rehearsal", None)]
    clock.advance(101)
    silence.give_up()
    assert types() == ["validation.began", "validation.failed"]


def test_the_device_that_answers_soonest_is_tried_first(profile: Callable[[str], None], api: Api, drive: Drive) -> None:
    api.register(500, site_class="air_gapped")
    assert api.post("/devices", [{**DEVICE, "external_id": "dev-00300", "site_class": "online"}])[0] == 200
    profile('{"silent": 1}')
    api.deploy()
    drive(3)
    report = {"deployment_id": 1, "sequence": 1, "outcome": "succeeded"}
    lab = api.get(f"{PATH}/assignments?ring=lab&limit=50")["items"]
    assert api.post("/reports", [{**report, "external_id": item["external_id"]} for item in lab])[0] == 200
    drive(2)
    tried = rows("SELECT external_id FROM devices JOIN commands ON commands.device_id = devices.id")
    assert [row.external_id for row in tried] == ["dev-00300"]


WITHDRAWN = "SELECT 1 FROM commands WHERE verb = 'withdraw' AND state = 'confirmed'"


def told_last() -> Any:
    """The last instruction that reached the vendor about one device."""
    return rows("SELECT verb, key FROM simulated_publications WHERE cardinality(devices) = 1 ORDER BY id DESC LIMIT 1")


@pytest.mark.parametrize("stage", ["withdrawing", "reinstalling"])
def test_a_device_that_was_withdrawn_gets_its_release_back_after_an_abort(api: Api, drive: Drive, stage: str) -> None:
    api.register(500)
    api.deploy()
    drive(60, step=0.2, until=lambda: bool(rows(WITHDRAWN)))
    if stage == "reinstalling":
        assert api.post(f"{PATH}/pause")[0] == 200  # so the second command is not sent
        drive(20)
    assert api.get(PATH)["rings"][0]["validation"] == stage
    assert api.post(f"{PATH}/abort")[0] == 200
    drive(60)
    assert rows("SELECT id, state, error FROM commands WHERE due_at IS NOT NULL") == []
    assert [(row.sending, row.validation) for row in rows("SELECT * FROM rings WHERE key = 'lab'")] == [(0, None)]
    (last,) = told_last()
    assert (last.verb, last.key.split(":")[2]) == ("publish", "restored")
    assert types()[-1] == "validation.ended"
    assert_counters()


def test_nothing_is_restored_if_nothing_was_withdrawn(api: Api, drive: Drive) -> None:
    api.register(500)
    api.deploy()
    drive(1)
    assert api.post("/connectors/simulated/breaker", {"state": "open", "reason": "an upgrade"})[0] == 200
    lab = api.get(f"{PATH}/assignments?ring=lab&limit=50")["items"]
    report = {"deployment_id": 1, "sequence": 1, "outcome": "succeeded"}
    assert api.post("/reports", [{**report, "external_id": item["external_id"]} for item in lab])[0] == 200
    drive(5)
    assert api.get(PATH)["rings"][0]["validation"] == "withdrawing"
    assert api.post(f"{PATH}/abort")[0] == 200
    assert api.post("/connectors/simulated/breaker", {"state": "closed", "reason": "upgraded"})[0] == 200
    drive(60)
    assert told_last() == []
    (ended,) = rows("SELECT payload FROM events WHERE type = 'validation.ended'")
    assert ended.payload["restores"] is False
    assert api.get(PATH)["rings"][0]["validation"] is None


def test_a_newer_deployment_decides_what_the_device_gets(api: Api, drive: Drive) -> None:
    api.register(500)
    api.deploy()
    drive(60, step=0.2, until=lambda: bool(rows(WITHDRAWN)))
    assert api.post(f"{PATH}/rollback")[0] == 201
    drive(60)
    assert rows("SELECT 1 FROM commands WHERE key LIKE '%restored%'") == []
    (ended,) = rows("SELECT payload FROM events WHERE type = 'validation.ended'")
    assert ended.payload["restores"] is False
    assert rows("SELECT 1 FROM rings WHERE validation IN ('withdrawing', 'reinstalling') AND deployment_id = 1") == []


def test_a_rehearsal_that_an_older_version_left_behind_ends(api: Api, drive: Drive) -> None:
    from sqlalchemy import text

    from app.db import db

    api.register(500)
    api.deploy()
    drive(60, until=lambda: api.get(PATH)["rings"][0]["validation"] == "validated")
    assert api.post(f"{PATH}/abort")[0] == 200
    drive(5)
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE rings SET validation = 'reinstalling' WHERE key = 'lab'"))
    silence.give_up()
    assert [row.validation for row in rows("SELECT validation FROM rings WHERE key = 'lab'")] == [None]
    assert rows("SELECT 1 FROM commands WHERE key LIKE '%restored%'") == []  # it was installed again
