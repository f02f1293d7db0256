"""Before the lab may be left, one of its devices has gone back and forth again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support.api import Api
from tests.support.counters import assert_counters
from tests.support.database import rows
from tests.support.jobs import Drive

PATH = "/deployments/1"


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
    drive(60, until=lambda: api.get(PATH)["rings"][0]["state"] == "passed")
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
    assert api.post("/reports", [{**report, "external_id": item["external_id"]} for item in lab])[0] == 200
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
    drive(60, until=lambda: api.get(PATH)["rings"][0]["state"] == "passed")
    assert api.get(PATH)["rings"][0]["state"] == "passed"


def test_a_device_that_says_nothing_is_followed_by_another(
    profile: Callable[[str], None], api: Api, drive: Drive
) -> None:
    from app.deployments import silence

    api.register(500)
    api.deploy()
    drive(60, until=lambda: api.get(PATH)["rings"][0]["validation"] is not None)
    profile('{"silent": 1}')
    drive(30, step=3)
    silence.give_up()
    assert "validation.failed" in types()
    profile('{"silent": 0, "failure": 0}')
    drive(120, step=2, until=lambda: api.get(PATH)["rings"][0]["state"] == "passed")
    assert api.get(PATH)["rings"][0]["validation"] == "validated"


def test_a_rehearsal_that_outlives_its_deployment_ends_with_it(api: Api, drive: Drive) -> None:
    """The device's withdrawal is answered after the end: nobody waits for it to be installed again."""
    withdrawn = "SELECT 1 FROM commands WHERE verb = 'withdraw' AND state = 'confirmed'"
    api.register(500)
    api.deploy()
    drive(60, step=0.2, until=lambda: bool(rows(withdrawn)))
    assert api.post(f"{PATH}/abort")[0] == 200
    drive(60)
    assert rows("SELECT id, state, error FROM commands WHERE due_at IS NOT NULL") == []
    assert [row.sending for row in rows("SELECT sending FROM rings WHERE key = 'lab'")] == [0]
    assert [row.failure for row in rows("SELECT failure FROM commands WHERE state = 'failed'")] == ["deployment_ended"]
