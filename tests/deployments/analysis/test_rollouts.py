"""Rollouts under gates that ask Graphite: what it says stops a ring or lets it go, silence does neither."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.analysis import Written, analysis
from tests.support.api import Api
from tests.support.clock import Clock
from tests.support.jobs import Drive

GATE = {"target": 0.9, "min_reported": 1, "min_coverage": 0.5, "soak_seconds": 1, "error_ceiling": 0.2}


@pytest.fixture
def roll_out(api: Api, drive: Drive) -> Callable[..., Any]:
    """Roll out under one ring with these analyses for a while; answers with the deployment."""
    from app.deployments.analysis import service

    def run(*analyses: dict[str, Any], beats: int = 3) -> Any:
        api.register(20)
        plan = {"rings": [{"name": "all", "gate": {**GATE, "analyses": list(analyses)}}]}
        answer = api.raw("PUT", "/ring-plans/asking", json=plan)
        assert answer.status_code == 201, answer.text
        path = f"/deployments/{api.deploy(plan='asking')['id']}"
        for _ in range(beats):
            drive(10)
            service.due()
        drive(3)
        return api.get(path)

    return run


def test_a_good_figure_lets_the_ring_pass_and_is_kept_with_the_verdict(
    roll_out: Callable[..., Any], write: Written, api: Api
) -> None:
    folder = write({"errors": [1] * 20})
    ended = roll_out(analysis(f"{folder}.errors", success={"op": "<", "value": 2}, interval_seconds=10), beats=2)
    assert ended["state"] == "completed"
    last = api.get(f"/deployments/{ended['id']}/gates?order=oldest&limit=500")["items"][-1]
    assert last["verdict"] == "pass"
    assert last["inputs"]["findings"][0]["successes"] == 1


def test_a_bad_figure_fails_the_ring(roll_out: Callable[..., Any], write: Written) -> None:
    folder = write({"errors": [3] * 20})
    stopped = roll_out(analysis(f"{folder}.errors", success={"op": "<", "value": 2}, interval_seconds=10), beats=2)
    assert stopped["state"] == "paused"
    assert stopped["rings"][0]["verdict_code"] == "guardrail"
    assert "3 is not < 2" in stopped["rings"][0]["verdict_reason"]


def test_a_ring_without_figures_waits(roll_out: Callable[..., Any]) -> None:
    waiting = roll_out(analysis("no.such", interval_seconds=10))
    assert (waiting["state"], waiting["rings"][0]["verdict"]) == ("running", "wait")
    assert "no data" in waiting["rings"][0]["verdict_reason"]


def test_a_dead_graphite_is_an_error_that_neither_passes_nor_fails(
    roll_out: Callable[..., Any], graphite_at: Callable[[str], None], api: Api, clock: Clock
) -> None:
    graphite_at("http://127.0.0.1:9")
    held = roll_out(analysis("no.such", interval_seconds=10, error_limit=1))
    assert (held["state"], held["rings"][0]["verdict"]) == ("running", "error")
    assert held["rings"][0]["succeeded"] == 20  # it held nothing else up
