"""The totals beside the log: whatever advances them, how often and however it ends, they are what a recount says."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import text

from app.db import db
from app.events.followers import Follower
from app.events.unit import unit_of_work
from app.metrics.following import totals
from app.metrics.models import EventTotal
from tests.support.log import of_the_log, reports, write
from tests.support.threads import together
from tests.support.waiting import eventually

LONG = 60.0
RECEIVED = "stats.counters.eucora.report.received.count"


def batches_of(size: int) -> Follower:
    return replace(totals.FOLLOWER, batch=size)


def proven() -> None:
    """What is stored is what the whole log adds up to."""
    db.session.rollback()
    counted = totals.stored()
    assert counted.behind == 0
    assert counted.totals == of_the_log()
    assert totals.differences()[1] == []


def reached() -> int:
    """Where the cursor is now."""
    db.session.rollback()
    return totals.stored().event_id


def has_passed(event_id: int) -> bool:
    """Whether the cursor is behind that event."""
    return reached() > event_id


@pytest.fixture
def uncounted(database: Flask) -> Flask:
    """A log of which nothing is counted."""
    write(600)
    return database


def test_nothing_adds_up_to_nothing(database: Flask) -> None:
    assert totals.up_to_date() == totals.CountedTotals(0, 0, {})
    assert totals.stored().behind == 0
    assert totals.differences()[1] == []


def test_they_are_caught_up_before_they_are_read(uncounted: Flask) -> None:
    assert totals.stored().behind == 600
    assert totals.up_to_date().behind == 0
    proven()
    write(1)
    assert totals.up_to_date().event_id == 601
    proven()


def test_events_of_no_metric_move_the_cursor(database: Flask) -> None:
    with unit_of_work("test") as unit:
        unit.record("deployment.planned", {})
    assert totals.up_to_date() == totals.CountedTotals(1, 1, {})


def test_without_time_they_say_how_far_behind_they_are(uncounted: Flask) -> None:
    assert totals.advance(0, batches_of(100)) == 100
    counted = totals.stored()
    assert (counted.event_id, counted.behind) == (100, 500)
    assert counted.totals == totals.recount(100)
    assert totals.advance(LONG, batches_of(100)) == 500
    proven()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["write", "advance"]), st.integers(1, 60)), max_size=12), st.integers())
def test_any_steps_lead_to_the_same(database: Flask, steps: list[tuple[str, int]], seed: int) -> None:
    for what, size in steps:
        if what == "write":
            write(size, seed)
        else:
            totals.advance(0, batches_of(size))
    last = totals.stored()
    assert last.totals == totals.recount(last.event_id, follower=batches_of(7))
    totals.advance(LONG)
    proven()


def test_many_at_once_count_everything_once(uncounted: Flask) -> None:
    """Four that count and one that writes: each of the threads has its own session, as requests have."""

    def go(seed: int) -> None:
        with uncounted.app_context():
            rng = random.Random(seed)
            for _ in range(8):
                totals.advance(LONG, batches_of(rng.randint(1, 90)))

    def append() -> None:
        with uncounted.app_context():
            write(300, seed=9)

    together(append, *(lambda seed=seed: go(seed) for seed in range(4)))
    totals.advance(LONG)
    assert totals.stored().event_id == 900
    proven()


def test_one_that_is_held_up_answers_with_what_there_is(uncounted: Flask) -> None:
    totals.advance(0, batches_of(200))
    with db.engine.connect() as other:
        other.execute(text("SELECT * FROM event_cursors FOR UPDATE"))
        counted = totals.up_to_date()
    assert (counted.event_id, counted.behind) == (200, 400)
    assert totals.up_to_date().behind == 0
    proven()


COUNTING = """
import os
from dataclasses import replace
from functools import partial
from app.factory import create_app
from app.metrics.following import totals

parent = os.getpid()
while True:
    counting = os.fork()  # one start of Python for all of them
    if not counting:
        with create_app().app_context():
            while os.getppid() == parent:
                totals.advance(60, replace(totals.FOLLOWER, batch=3))
        os._exit(0)
    print(counting, flush=True)
    os.waitpid(counting, 0)
"""


@pytest.fixture
def counting() -> Iterator[subprocess.Popen[str]]:
    """A program that keeps a process counting: it names each, and follows it with another."""
    command = [sys.executable, "-c", COUNTING]
    with subprocess.Popen(command, cwd=Path(__file__).parents[3], stdout=subprocess.PIPE, text=True) as program:
        yield program
        program.kill()


def test_a_process_that_is_killed_loses_and_doubles_nothing(uncounted: Flask, counting: subprocess.Popen[str]) -> None:
    assert counting.stdout is not None
    write(3_000, seed=2)
    for more in (0.0, 0.011, 0.023, 0.037, 0.059):
        before, process = reached(), int(counting.stdout.readline())
        eventually(partial(has_passed, before))
        time.sleep(more)
        os.kill(process, signal.SIGKILL)
        db.session.rollback()
        counted = totals.stored()
        assert counted.totals == totals.recount(counted.event_id)
    totals.advance(LONG)
    proven()


def test_a_step_that_fails_moves_nothing(uncounted: Flask) -> None:
    totals.advance(LONG)
    before = totals.stored()
    with unit_of_work("test") as unit:
        unit.record("reports.ingested", reports(random.Random(5)))
        unit.record("of.the.future", {})
    with pytest.raises(KeyError):
        totals.advance(LONG)
    db.session.rollback()
    after = totals.stored()
    assert (after.event_id, after.totals) == (before.event_id, before.totals)


def test_the_command_proves_and_rebuilds(uncounted: Flask) -> None:
    command = uncounted.test_cli_runner()
    totals.advance(LONG)
    write(5, seed=3)
    proof = command.invoke(args=["metrics", "recount"])
    assert proof.exit_code == 0, proof.output
    assert "600 events" in proof.output
    assert "5 events are not counted yet" in proof.output
    right = totals.stored().totals[RECEIVED]
    with unit_of_work("test") as unit:
        unit.session.execute(text("UPDATE event_totals SET total = total + 1 WHERE series = :it"), {"it": RECEIVED})
        unit.session.add(EventTotal(series="stats.counters.eucora.report.strange.count", total=4))
    broken = command.invoke(args=["metrics", "recount"])
    assert broken.exit_code == 1
    assert f"{RECEIVED}: {right + 1:,} stored, {right:,} in the events" in broken.output
    assert "stats.counters.eucora.report.strange.count: 4 stored, 0 in the events" in broken.output
    assert "--rebuild" in broken.output
    assert command.invoke(args=["metrics", "recount", "--rebuild"]).exit_code == 0
    assert totals.stored().totals[RECEIVED] == right
    assert command.invoke(args=["metrics", "recount"]).exit_code == 0
    totals.advance(LONG)
    proven()
