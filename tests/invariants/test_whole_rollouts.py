"""Whole rollouts of the plan `standard` in simulated time: a small slice of `python -m bench.rollouts_simulated`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from bench.rollback_simulated import DEVICES, FAILING, OFF, POLL, roll_back
from bench.simulation import BOARD, Fleet, World, roll_out, world
from tests.support import laws
from tests.support.database import rows

HEALTHY, BAD, SILENT = 0.005, 0.1, 0.03


@pytest.fixture
def simulated(database: Flask) -> Iterator[World]:
    """A world of its own; whatever happened in it, the laws hold."""
    with world() as created:
        yield created
        laws.rings_start_in_turn()
        laws.counters_equal_a_recount()
        laws.the_log_is_whole()
        laws.verdicts_can_be_repeated()


@pytest.mark.parametrize(
    ("name", "devices", "lab"),
    [
        pytest.param("slice-50-200", 50, 5, id="1 silent of 5 and 1 failure of 4"),
        pytest.param("slice-150k", 150, 5, id="2 silent of 5 and 1 failure of 9"),
        pytest.param("slice-500h", 500, 0, id="1 failure of 7 and 2 of 99"),
    ],
)
def test_a_healthy_rollout_completes_without_a_person(simulated: World, name: str, devices: int, lab: int) -> None:
    """Fleets whose chance is hard on a small ring; bare percentages stop each of these rollouts."""
    outcome = roll_out(simulated, Fleet.drawn(name, devices, lab), HEALTHY, SILENT)
    assert outcome.completed, outcome
    decisions = "SELECT actor FROM events WHERE type IN ('approval.given', 'deployment.resumed', 'ring.waived')"
    assert [row.actor for row in rows(decisions)] == [BOARD]


def test_a_release_that_breaks_devices_is_stopped_before_the_last_ring(simulated: World) -> None:
    outcome = roll_out(simulated, Fleet.drawn("slice-bad", 500, 10), BAD, SILENT)
    assert outcome.stopped_early, outcome
    assert (outcome.reason or "").startswith("gate_failed:"), outcome


def test_a_rollback_reaches_every_device_that_answers_whatever_the_others_do(simulated: World) -> None:
    result = roll_back(simulated)
    assert len(result.returned) == result.reachable - FAILING == DEVICES - OFF - FAILING
    assert max(result.returned.values()) <= POLL
    assert result.dispatched <= POLL
    assert len(result.left_behind) == FAILING + OFF
    assert result.state == "completed"


def test_a_lab_that_is_seldom_online_rehearses_in_its_own_time(simulated: World) -> None:
    devices = {f"mine-{number:05d}": "air_gapped" for number in range(20)}
    outcome = roll_out(simulated, Fleet("mine", devices, 5), HEALTHY, SILENT)
    assert outcome.completed, outcome
