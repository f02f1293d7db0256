"""Devices that leave and devices that join, also while a rollout runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.support.clock import Clock
from tests.support.database import nothing_written, rows
from tests.support.http import Client, refused
from tests.support.moments import state_at
from tests.support.threads import together

COUNTERS = ("pending", "succeeded", "failed", "silent", "excluded")


@pytest.fixture
def mute(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[float], None]]:
    """Have that share of the simulated devices never say anything."""
    from app.settings import load_settings

    def change(share: float) -> None:
        monkeypatch.setenv("EUCORA_SIMULATED_PROFILE", f'{{"silent": {share}, "failure": 0, "already_compliant": 0}}')
        load_settings.cache_clear()

    yield change
    monkeypatch.undo()
    load_settings.cache_clear()


def retire(client: Client, *external_ids: str) -> list[str]:
    """Retire them, prove that every counter equals a recount; the status of each."""
    status, body = client.post("/devices/retire", {"external_ids": list(external_ids)})
    assert status == 200, body
    assert [item["external_id"] for item in body["items"]] == list(external_ids)
    assert_counters()
    return [item["status"] for item in body["items"]]


def assert_counters() -> None:
    from app.deployments.queries import recount

    for deployment in rows("SELECT id FROM deployments"):
        counted = recount(deployment.id)
        for ring in rows("SELECT * FROM rings WHERE deployment_id = :id", id=deployment.id):
            kept = {name: getattr(ring, name) for name in COUNTERS}
            assert kept == counted.get(ring.key, dict.fromkeys(COUNTERS, 0))
            assert ring.targeted == ring.eligible + ring.excluded
            unclaimed = rows(
                "SELECT count(*) FROM assignments WHERE ring_id = :id AND state = 'pending' AND command_id IS NULL",
                id=ring.id,
            )[0].count
            assert sum(ring.waiting.values()) + ring.sending == unclaimed


def ring(client: Client, position: int = 0) -> Any:
    return client.get("/deployments/1/rings")["items"][position]


def of_ring(client: Client, key: str, status: str) -> list[str]:
    found = client.get(f"/deployments/1/assignments?ring={key}&status={status}&limit=500")["items"]
    return [str(item["external_id"]) for item in found]


def test_a_device_retires_and_comes_back(client: Client) -> None:
    client.register(3)
    with nothing_written(events=1):
        assert retire(client, "dev-00001", "dev-00000") == ["retired", "retired"]
    gone = client.get("/devices?order=oldest&retired=true")["items"]
    assert [it["external_id"] for it in gone] == ["dev-00000", "dev-00001"]
    assert all(it["retired_at"] == it["changed_at"] > it["registered_at"] for it in gone)
    assert [it["external_id"] for it in client.get("/devices?retired=false")["items"]] == ["dev-00002"]
    assert len(client.get("/devices")["items"]) == 3

    _, body = client.post("/devices", [{"external_id": "dev-00001", "platform": "windows", "connector": "simulated"}])
    assert body["items"] == [{"external_id": "dev-00001", "status": "updated"}]
    (back,) = client.get("/devices?external_id=dev-00001")["items"]
    assert back["retired_at"] is None
    assert back["changed_at"] > gone[1]["changed_at"]


def test_retiring_is_recorded_once(client: Client) -> None:
    client.register(3)
    retire(client, "dev-00000")
    with nothing_written():
        assert retire(client, "dev-00000") == ["unchanged"]
    with nothing_written(events=1):
        assert retire(client, "dev-00002", "dev-00000", "dev-00002") == ["retired", "unchanged", "retired"]
    payloads = [row.payload["tallies"] for row in rows("SELECT payload FROM events WHERE type = 'devices.retired'")]
    assert payloads == [[{"connector": "simulated", "count": 1}]] * 2


def test_an_unknown_device_refuses_all(client: Client) -> None:
    client.register(2)
    with nothing_written():
        answer = client.raw(
            "POST", "/devices/retire", json={"external_ids": ["dev-00000", "lost", "dev-00001", "gone"]}
        )
        problem = refused(answer, 422, "unknown-devices", "external_ids.1", "external_ids.3")
    assert "lost, gone" in problem["detail"]
    assert client.get("/devices?retired=true")["items"] == []


@pytest.mark.parametrize("body", [{}, {"external_ids": []}, {"external_ids": [""]}, {"external_ids": ["a"], "why": 1}])
def test_a_body_that_names_nobody_is_refused(client: Client, body: dict[str, Any]) -> None:
    with nothing_written():
        refused(client.raw("POST", "/devices/retire", json=body), 422, "invalid")


def test_retiring_and_registering_at_once_do_not_deadlock(database: Flask, token: str, client: Client) -> None:
    ids = client.register(200)

    def retiring(turn: int) -> None:
        own = Client(database.test_client(), token)
        for _ in range(5):
            assert own.post("/devices/retire", {"external_ids": ids[turn:] + ids[:turn]})[0] == 200

    def registering(turn: int) -> None:
        own = Client(database.test_client(), token)
        for _ in range(5):
            own.register(200, business_unit=f"b{turn}")

    together(*[lambda n=n: retiring(n * 50) for n in range(2)], *[lambda n=n: registering(n) for n in range(2)])


def test_retired_devices_leave_the_denominators_and_the_ring_passes(
    mute: Callable[[float], None], client: Client, drive: Callable[..., None]
) -> None:
    mute(0.5)
    client.register(500)
    client.deploy()
    drive(12)
    silent, heard = of_ring(client, "lab", "dispatched"), of_ring(client, "lab", "succeeded")
    assert len(silent) + len(heard) == 20
    assert 2 < len(silent) < 18
    assert ring(client)["state"] == "deploying"  # too few have answered

    # One of them has its outcome, and keeps it; the others are not waited for.
    assert retire(client, *silent, heard[-1]) == ["retired"] * (len(silent) + 1)
    after = ring(client)
    assert (after["targeted"], after["eligible"], after["excluded"]) == (20, len(heard), len(silent))
    assert (after["succeeded"], after["pending"]) == (len(heard), 0)
    drive(15, until=lambda: ring(client)["state"] == "passed")
    assert ring(client)["state"] == "passed", ring(client)["verdict_reason"]
    assert_counters()


def test_a_retired_device_that_waits_for_its_ring_is_never_dispatched(
    client: Client, drive: Callable[..., None]
) -> None:
    client.register(500)
    client.deploy()
    drive(1)
    last = of_ring(client, "global", "pending")
    kept, gone = last[::2], last[1::2]
    retire(client, *gone)
    drive(120, until=lambda: state_at("/deployments/1") == "completed")
    ended = ring(client, 4)
    assert (ended["targeted"], ended["eligible"], ended["excluded"]) == (len(last), len(kept), len(gone))
    assert (ended["dispatched"], ended["state"]) == (len(kept), "passed")
    assert sorted(of_ring(client, "global", "retired")) == sorted(gone)
    assert_counters()


def test_a_whole_ring_may_retire(mute: Callable[[float], None], client: Client, drive: Callable[..., None]) -> None:
    mute(1)
    client.register(500)
    client.deploy()
    drive(3)
    retire(client, *of_ring(client, "lab", "dispatched"))
    drive(3)
    assert ring(client)["eligible"] == 0
    assert ring(client)["state"] != "passed"  # no data is never success
    assert_counters()


def test_a_new_deployment_leaves_retired_devices_out(client: Client, drive: Callable[..., None]) -> None:
    ids = client.register(500)
    retire(client, *ids[:100])
    client.deploy()
    drive(1)
    assert sum(it["targeted"] for it in client.get("/deployments/1/rings")["items"]) == 400


def test_devices_registered_meanwhile_join_the_ring_of_their_tag_or_the_last_open_one(
    client: Client, drive: Callable[..., None]
) -> None:
    from app.deployments import membership

    ids = client.register(500)
    client.deploy()
    drive(2)
    before = ring(client, 4)["targeted"]
    retire(client, ids[0])
    client.register(510)  # ten are new, one of them for the lab; one comes back, to its own ring
    client.post("/devices", [{"external_id": "mac", "platform": "macos", "connector": "simulated"}])
    membership.join_all()
    assert ring(client, 4)["targeted"] == before + 9
    assert (ring(client)["targeted"], ring(client)["excluded"]) == (21, 0)
    assert_counters()
    membership.join_all()
    assert ring(client, 4)["targeted"] == before + 9
    drive(120, until=lambda: state_at("/deployments/1") == "completed")
    assert client.get("/deployments/1")["state"] == "completed"
    assert ring(client, 4)["succeeded"] == before + 9
    assert_counters()


@pytest.mark.parametrize("dispatched", [False, True])
def test_a_retired_device_that_comes_back_gets_the_release(
    mute: Callable[[float], None], client: Client, drive: Callable[..., None], dispatched: bool
) -> None:
    """D1: a laptop that is re-imaged in the middle of a rollout; what was sent to it before does not count."""
    from app.deployments import membership, progress

    mute(1)
    ids = client.register(500)
    client.deploy()
    progress.plan(1)
    if dispatched:
        drive(3)
        assert ring(client)["dispatched"] == 20
    retire(client, ids[0], ids[25])
    assert ring(client)["excluded"] == 2
    client.register(1)
    with nothing_written(events=1):  # no new risk: it was targeted all the time; its tick waits already
        membership.join_all()
    (event,) = rows("SELECT payload FROM events WHERE type = 'assignments.joined'")
    assert (event.payload["ring"], event.payload["devices"], event.payload["returned"]) == ("lab", 1, 1)
    assert (ring(client)["targeted"], ring(client)["excluded"], ring(client)["eligible"]) == (20, 1, 19)
    assert of_ring(client, "lab", "retired") == [ids[25]]
    drive(3)
    assert ids[0] in of_ring(client, "lab", "dispatched")
    assert ring(client)["dispatched"] == 19 + dispatched  # the one that stays away counts if it was dispatched to
    assert_counters()


def test_a_retired_device_whose_ring_is_over_rejoins_the_last_one(client: Client, drive: Callable[..., None]) -> None:
    from app.deployments import membership

    ids = client.register(500)
    client.deploy()
    drive(2)
    retire(client, ids[0])
    drive(60, until=lambda: ring(client)["state"] == "passed")
    client.register(1)
    membership.join_all()
    assert (ring(client)["targeted"], ring(client)["excluded"]) == (19, 0)
    assert ids[0] in of_ring(client, "global", "pending")
    assert_counters()


def test_a_device_that_comes_back_without_its_rings_tag_rejoins_the_last_ring(client: Client) -> None:
    from app.deployments import membership, progress

    ids = client.register(500)
    client.deploy()
    progress.plan(1)
    retire(client, ids[0])
    client.post("/devices", [{"external_id": ids[0], "platform": "windows", "connector": "simulated"}])
    membership.join_all()
    assert ids[0] in of_ring(client, "global", "pending")
    assert_counters()


def test_a_device_that_comes_back_elsewhere_does_not_rejoin(client: Client) -> None:
    from app.deployments import membership, progress

    ids = client.register(500)
    client.deploy()
    progress.plan(1)
    retire(client, ids[0])
    client.post("/devices", [{"external_id": ids[0], "platform": "macos", "connector": "simulated"}])
    membership.join_all()
    assert of_ring(client, "lab", "retired") == [ids[0]]


def test_joiners_are_found_by_the_databases_clock(client: Client, clock: Clock) -> None:
    """Whatever the clock of the machine that registers them, or that looks for them, says."""
    from app.deployments import membership, progress

    client.register(100)
    client.deploy()
    clock.advance(7_200)
    progress.plan(1)
    clock.advance(-3_600)
    client.register(103)
    client.post("/devices/retire", {"external_ids": ["dev-00000"]})
    membership.join_all()
    shown = client.get("/deployments/1")["rings"]
    assert (sum(ring["targeted"] for ring in shown), sum(ring["excluded"] for ring in shown)) == (103, 1)


def test_a_device_that_was_retired_while_a_deployment_was_planned_leaves_it(client: Client) -> None:
    """The plan and the retirement do not see each other; the next look for joiners does."""
    from app.db import db
    from app.deployments import membership, progress

    client.register(100)
    client.deploy()
    progress.plan(1)
    db.session.execute(text("UPDATE devices SET retired_at = now(), changed_at = now() WHERE id <= 3"))
    db.session.commit()
    membership.join_all()
    shown = client.get("/deployments/1")["rings"]
    assert (sum(ring["excluded"] for ring in shown), sum(ring["eligible"] for ring in shown)) == (3, 97)
    assert_counters()
