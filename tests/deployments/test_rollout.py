"""A rollout from the REST call to its end, on real parts, with the clock in our hands."""

from __future__ import annotations

from itertools import pairwise

from tests.support.api import Api
from tests.support.jobs import Drive
from tests.support.moments import state_at


def test_a_release_passes_five_rings(api: Api, drive: Drive) -> None:
    api.register(2_000)
    created = api.deploy()
    assert created["state"] == "planning"
    path = f"/deployments/{created['id']}"
    drive(120, until=lambda: state_at(path) == "completed")
    ended = api.get(path)
    assert ended["state"] == "completed"
    assert [ring["state"] for ring in ended["rings"]] == ["passed"] * 5
    assert sum(ring["targeted"] for ring in ended["rings"]) == 2_000


def test_the_counters_equal_a_recount(api: Api, drive: Drive) -> None:
    from app.deployments.queries import recount

    api.register(2_000)
    created = api.deploy()
    for _ in range(40):
        drive(1)
        counted = recount(created["id"])
        for ring in api.get(f"/deployments/{created['id']}/rings")["items"]:
            if ring["key"] in counted:
                kept = {name: ring[name] for name in counted[ring["key"]]}
                assert kept == counted[ring["key"]]


def test_nothing_is_dispatched_before_the_ring_before_has_passed(api: Api, drive: Drive) -> None:
    api.register(2_000)
    created = api.deploy()
    seen = 0
    while seen < 60:
        drive(1)
        seen += 1
        rings = api.get(f"/deployments/{created['id']}/rings")["items"]
        for before, after in pairwise(rings):
            assert before["state"] in ("passed", "skipped") or after["dispatched"] == 0
        if rings[-1]["state"] == "passed":
            return
    raise AssertionError("the rollout did not end")
