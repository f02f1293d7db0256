"""Rings measured against the real Graphite, and against one that is away."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as sqlalchemy_event, select

from app import queue
from app.db import db
from app.deployments.analysis import asking, service
from app.deployments.analysis.models import Measurement
from app.deployments.models import Deployment, Ring
from app.deployments.rules.analysis import Analysis, AnalysisResults, Phase, problems
from app.deployments.rules.states import DeploymentState, RingState
from app.events.models import Event
from app.events.unit import unit_of_work
from app.queue import Job, QueueName
from tests.support.analysis import Beat, MakeRing, Written, analysis
from tests.support.clock import Clock
from tests.support.imposter import Imposter, imposter
from tests.support.threads import together
from tests.support.waiting import PATIENCE
from workers.schedule import PERIODIC


def measurements(ring_id: int) -> dict[str, Measurement]:
    """The newest measurement of each analysis."""
    db.session.rollback()
    rows = db.session.execute(select(Measurement).where(Measurement.ring_id == ring_id).order_by(Measurement.id))
    return {row.analysis: row for row in rows.scalars()}


def found(ring_id: int, *names: str) -> dict[str, AnalysisResults]:
    db.session.rollback()
    return service.results(db.session(), ring_id, names)


def counted() -> Counter[str]:
    db.session.rollback()
    rows = db.session.execute(select(Event.payload).where(Event.type == "analysis.measured")).scalars()
    return Counter(payload["phase"] for payload in rows)


def test_what_graphite_says_is_measured_kept_and_told(make_ring: MakeRing, write: Written) -> None:
    folder = write({"failed": [0, 2, None, 1], "total": [10, 20, 30, 40], "idle": [0, 0, 0], "noise": [7, 7]})
    share = {"reducer": "sum", "denominator": f"{folder}.total"}
    ring_id = make_ring(
        analysis(f"{folder}.failed", "share", **share, success={"op": "<=", "value": 0.03}),
        analysis(f"{folder}.failed", "bad_share", **share, success={"op": "<", "value": 0.03}),
        analysis(f"{folder}.failed", "between", success={"op": "<", "value": 1}, failure={"op": ">", "value": 1}),
        analysis(f"{folder}.failed", "no_divisor", reducer="sum", denominator=f"{folder}.idle"),
        analysis(f"{folder}.nobody", "no_series"),
        analysis(f"{folder}.*", "many"),
        analysis(f"sumSeries({folder}.*)", "summed", reducer="max", success={"op": ">=", "value": 40}),
        analysis(f"noSuchFunction({folder}.failed)", "refused"),
        analysis(f"scale({folder}.noise,1e308)", "infinite", reducer="sum"),
    )
    service.run(ring_id)
    kept = measurements(ring_id)
    assert {name: (row.phase.value, row.value) for name, row in kept.items()} == {
        "share": ("success", 0.03),
        "bad_share": ("failure", 0.03),
        "between": ("inconclusive", 1.0),
        "no_divisor": ("inconclusive", None),
        "no_series": ("inconclusive", None),
        "many": ("error", None),
        "summed": ("success", 48.0),
        "refused": ("error", None),
        "infinite": ("error", None),
    }
    assert "4 series" in kept["many"].detail
    assert "Graphite" in kept["refused"].detail
    assert counted() == {"success": 2, "failure": 1, "inconclusive": 3, "error": 3}
    plan = db.session.get_one(Deployment, kept["share"].deployment_id).plan["rings"][0]["gate"]["analyses"]
    for given in plan:
        row = kept[given["name"]]
        if given["name"] != "refused":
            again = asking.again(Analysis.from_json(given), row.points)
            assert (again.phase, again.value, again.detail) == (row.phase, row.value, row.detail)


def test_the_answer_is_bounded(make_ring: MakeRing, write: Written) -> None:
    folder = write({f"s{n:02d}": [1] for n in range(asking.MOST_SERIES + 5)} | {"long": [2] * 300})
    ring_id = make_ring(
        analysis(f"{folder}.s*", "wide"),
        analysis(f"{folder}.long", "long", from_seconds=3_000, reducer="sum"),
    )
    service.run(ring_id)
    kept = measurements(ring_id)
    assert len(kept["wide"].points["numerator"]) == asking.MOST_SERIES
    [series] = kept["long"].points["numerator"]
    assert 2 < len(series["points"]) <= asking.MOST_POINTS
    assert kept["long"].value == pytest.approx(600, rel=0.05)  # fewer points, but of the same sum


def test_ring_and_application_are_filled_in(make_ring: MakeRing, write: Written) -> None:
    folder = write({"lab": [3, 3]})
    ring_id = make_ring(analysis(f"alias({folder}.{{ring}},'{{application}}')", success={"op": ">", "value": 2}))
    service.run(ring_id)
    measured = measurements(ring_id)["errors"]
    assert measured.phase is Phase.SUCCESS
    assert "vpn_client_" in measured.points["numerator"][0]["name"]


def test_the_example_of_the_documentation_counts_errors_that_never_happened(
    make_ring: MakeRing, write: Written
) -> None:
    text = Path("docs/api.md").read_text().partition("### Metric analyses")[2]
    example = json.loads(text.partition("```json")[2].partition("```")[0])
    assert problems(Analysis.from_json(example)) == []
    folder = write({"calls": [10, 10, 10]})
    for place in ("numerator", "denominator"):
        example[place] = example[place].replace("stats.counters.{application}", folder).replace(".count", "")
    ring_id = make_ring(example)
    service.run(ring_id)
    measured = measurements(ring_id)["error_share"]
    assert (measured.phase, measured.value) == (Phase.SUCCESS, 0.0)


def test_nothing_is_measured_twice_within_the_interval(make_ring: MakeRing, clock: Clock, beat: Beat) -> None:
    ring_id = make_ring(analysis("no.such", "often", interval_seconds=10), analysis("no.such", "seldom"))

    def measured() -> dict[str, int]:
        return {name: each.measured for name, each in found(ring_id, "often", "seldom").items()}

    assert beat(times=2) == ["analyse"]
    assert beat() == []
    assert measured() == {"often": 1, "seldom": 1}
    clock.advance(9.9)
    service.run(ring_id)
    assert beat() == []
    assert measured() == {"often": 1, "seldom": 1}
    clock.advance(0.1)
    assert beat() == ["analyse"]
    assert measured() == {"often": 2, "seldom": 1}
    assert [job.func_name for job in queue.queue(QueueName.CONTROL).jobs] == ["workers.jobs.advance"]


def test_measuring_goes_on_in_its_interval_after_the_clock_was_set_back(
    make_ring: MakeRing, clock: Clock, beat: Beat
) -> None:
    ring_id = make_ring(analysis("no.such", "often", interval_seconds=10))
    assert beat() == ["analyse"]
    clock.advance(-3_600)
    assert beat() == ["analyse"]
    clock.advance(9)
    service.run(ring_id)
    assert beat() == []
    clock.advance(1)
    assert beat() == ["analyse"]
    assert found(ring_id, "often")["often"].measured == 3


def test_two_that_measure_at_once_keep_one_measurement(make_ring: MakeRing, clock: Clock, database: Flask) -> None:
    ring_id = make_ring(analysis("no.such"))
    at_once = threading.Barrier(6)

    def measure() -> None:
        with database.app_context():
            at_once.wait(PATIENCE)
            service.run(ring_id)

    together(*[measure] * 6)
    assert found(ring_id, "errors")["errors"].measured == 1
    assert counted() == {"inconclusive": 1}


@pytest.mark.parametrize(
    ("state", "ring_state", "asked"),
    [
        ("running", "deploying", True),
        ("paused", "soaking", True),
        ("running", "pending", False),
        ("running", "passed", False),
        ("aborted", "deploying", False),
    ],
)
def test_only_rings_that_deploy_or_soak_are_measured(
    make_ring: MakeRing, clock: Clock, beat: Beat, state: str, ring_state: str, asked: bool
) -> None:
    ring_id = make_ring(analysis("no.such"), state=state, ring_state=ring_state)
    make_ring(state="running", ring_state="deploying")
    assert beat() == ["analyse"] * asked
    service.run(ring_id)
    assert bool(measurements(ring_id)) is asked


def test_a_ring_that_ended_while_graphite_was_asked_gets_nothing(
    make_ring: MakeRing, clock: Clock, database: Flask, slow: Imposter
) -> None:
    ring_id = make_ring(analysis("no.such"))

    def end() -> None:
        with database.app_context(), unit_of_work("test") as unit:
            ring = unit.session.get_one(Ring, ring_id, populate_existing=True)
            ring.state = RingState.PASSED
            deployment = unit.session.get_one(Deployment, ring.deployment_id)
            deployment.state = DeploymentState.COMPLETED

    slow.meanwhile = end
    service.run(ring_id)
    assert len(slow.asked) == 1
    assert measurements(ring_id) == {}


def test_a_graphite_that_is_away_is_an_error_and_asked_once(make_ring: MakeRing, clock: Clock, slow: Imposter) -> None:
    slow.hangs_up = True
    names = [f"a{n}" for n in range(10)]
    ring_id = make_ring(*(analysis("no.such", name, interval_seconds=10) for name in names))
    service.run(ring_id)
    assert len(slow.asked) == 1
    assert {row.phase for row in measurements(ring_id).values()} == {Phase.ERROR}
    assert counted() == {"error": 10}
    assert {each.consecutive_errors for each in found(ring_id, *names).values()} == {1}


def test_errors_in_a_row_end_with_the_next_answer(make_ring: MakeRing, clock: Clock, slow: Imposter) -> None:
    ring_id = make_ring(analysis("no.such", interval_seconds=10))
    seen = []
    for hangs_up in (False, True, True, False, True):
        slow.hangs_up = hangs_up
        service.run(ring_id)
        clock.advance(10)
        seen.append(found(ring_id, "errors")["errors"].consecutive_errors)
    assert seen == [0, 1, 2, 0, 1]
    assert found(ring_id, "errors")["errors"].measured == 5


def test_an_answer_that_is_no_list_of_series_is_an_error(make_ring: MakeRing, clock: Clock, slow: Imposter) -> None:
    slow.body = b'{"error": "no"}'
    ring_id = make_ring(analysis("no.such"))
    service.run(ring_id)
    assert measurements(ring_id)["errors"].phase is Phase.ERROR


def test_the_findings_of_a_tick_are_one_statement(make_ring: MakeRing, clock: Clock) -> None:
    names = [f"a{n}" for n in range(10)]
    ring_id = make_ring(*(analysis("no.such", name) for name in names))
    service.run(ring_id)
    statements: list[str] = []
    db.session.rollback()

    def note(*given: Any) -> None:
        statements.append(given[2])

    sqlalchemy_event.listen(db.engine, "before_cursor_execute", note)
    assert sorted(found(ring_id, *names)) == names
    sqlalchemy_event.remove(db.engine, "before_cursor_execute", note)
    assert len(statements) == 1
    assert found(ring_id) == found(ring_id + 1, *names) == {}


def test_the_due_analyses_are_asked_for_periodically() -> None:
    assert PERIODIC[Job.ANALYSE_DUE] <= 10
    assert Job.ANALYSE.queue is QueueName.BULK  # it waits for Graphite: never before a decision


@pytest.fixture
def slow(database: Flask, graphite_at: Callable[[str], None]) -> Iterator[Imposter]:
    """A Graphite of the test's own, as the configured one."""
    with imposter() as server:
        graphite_at(server.url)
        yield server
