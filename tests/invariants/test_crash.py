"""The engine is killed at any moment, a hundred times and more, and nothing is lost, doubled or left half-done.

A child process does all the engine's work, for real but for its clock, which runs fast; it never lives longer than a
sixth of a second. The parent makes the decisions of people in between.
"""

from __future__ import annotations

import os
import random
import signal
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from flask import Flask

from app import clock, queue
from app.db import db
from app.deployments import membership, progress, silence
from app.metrics import emitter
from tests.support import laws
from tests.support.database import rows
from tests.support.http import Client
from tests.support.jobs import Work
from tests.support.plans import gate
from tests.support.simulation import Behave
from tests.support.tallies import totals_equal_the_tables
from tests.support.waiting import eventually
from workers import jobs as _preloaded  # noqa: F401  # no child shall spend its life on importing them

KILLS, MOST_KILLS = 110, 400
"""As many at least, and more until everything that people do has been done, however slow the machine is."""
A_SHORT_LIFE, A_LONGER_LIFE = (0.005, 0.150), (0.150, 0.800)
"""Seconds that a child may live, and one of those after so many kills."""
FASTER = 20
"""Times as fast as the real clock, so that leases and soaks cost no time."""
DEVICES = 45
LIVE = "state IN ('planning', 'running', 'paused')"


def _plan(on_fail: str) -> dict[str, Any]:
    patient = {"max_wait_seconds": 80_000, "on_fail": on_fail}
    return {
        "silent_after": {"online": 3_600},
        "rings": [
            {"name": "lab", "tag": "lab", "gate": gate(validates_rollback=True, **patient)},
            {
                "name": "some",
                "share": 40,
                "concurrency": 4,
                "gate": gate(soak_seconds=20, error_ceiling=0.25, **patient),
            },
            {"name": "rest", "concurrency": 15, "gate": gate(**patient)},
        ],
    }


class FastClock:
    """Begins at the present and runs ahead."""

    def __init__(self) -> None:
        self.start, self.origin = datetime.now(UTC), time.monotonic()

    def __call__(self) -> datetime:
        return self.start + FASTER * timedelta(seconds=time.monotonic() - self.origin)


def test_nothing_is_lost_or_doubled_by_kills(client: Client, database: Flask, work: Work, behave: Behave) -> None:
    behave(failure=0, silent=0, duplicates=0.1, out_of_order=0.1, timeouts=0.05, seed="crash")
    dice = random.Random(1)  # the same moments every time; what they meet is up to the machine
    with clock.replaced(FastClock()):
        people = People(client)
        _warm_up(people, work)
        people.begin()
        for kill in range(MOST_KILLS):
            people.act(kill)
            if kill >= KILLS and people.failed and people.rolled_back:
                break
            child, is_ready = _fork(work, _until_killed)
            assert os.read(is_ready, 1)
            os.close(is_ready)
            time.sleep(dice.uniform(*(A_SHORT_LIFE if kill < KILLS else A_LONGER_LIFE)))
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            assert os.WIFSIGNALED(status), f"child {kill} ended by itself: {status}"
        assert people.failed, f"no gate ever failed: {_left()}"
        assert people.rolled_back, "nothing was ever rolled back"
        last, _ = _fork(work, _until_nothing_is_left)
        _, status = os.waitpid(last, 0)
        assert status == 0, _left()
    _prove(people)


def _warm_up(people: People, work: Work) -> None:
    """There and back once in this process, so that no child spends its life on compiling statements."""
    first = people.roll_out("forward")

    def is_under_way() -> bool:
        _beat(work)
        return people.has_dispatched(first, "pilot")

    def has_ended() -> bool:
        _beat(work)
        return not _left()

    eventually(is_under_way, _left)
    assert people.client.post(f"/deployments/{first}/rollback")[0] == 201
    eventually(has_ended, _left)


class People:
    """What they do between two lives of the engine: roll out, report failures, roll back."""

    def __init__(self, client: Client) -> None:
        self.client, self.made, self.failed, self.rolled_back = client, 0, False, False
        client.register(DEVICES, connector="simulated")
        for name, on_fail in (("forward", "pause"), ("guarded", "rollback")):
            answer = client.raw("PUT", f"/ring-plans/{name}", json=_plan(on_fail))
            assert answer.status_code == 201, answer.text

    def begin(self) -> None:
        """Three at once: one to complete, one to fail, one to be rolled back."""
        self.good, self.bad, self.regretted = (self.roll_out(it) for it in ("forward", "guarded", "forward"))

    def act(self, kill: int) -> None:
        """Keep the engine busy, and change their minds."""
        if kill % 10 == 9 and len(rows(f"SELECT 1 FROM deployments WHERE {LIVE}")) < 3:
            self.roll_out("forward")
        if not self.failed and self.has_reached(self.bad) and self.has_dispatched(self.bad, "canary"):
            self._report_failures(self.bad, "canary")
        may_wait = kill < 60 and not self.has_dispatched(self.regretted, "pilot")
        if not self.rolled_back and self.has_reached(self.regretted) and not may_wait:
            status, answer = self.client.post(f"/deployments/{self.regretted}/rollback", {"reason": "calls"})
            assert status == 201, answer
            self.rolled_back = True

    def roll_out(self, plan: str) -> int:
        self.made += 1
        return int(self.client.deploy(application=f"app-{self.made}", plan=plan)["id"])

    def has_dispatched(self, deployment_id: int, ring: str) -> bool:
        dispatched = "SELECT 1 FROM rings WHERE deployment_id = :id AND key = :ring AND dispatched > 0"
        return bool(rows(dispatched, id=deployment_id, ring=ring))

    def has_reached(self, deployment_id: int) -> bool:
        """Whether it has brought its release to a device; a rollback of one that has not is rightly rejected."""
        return bool(
            rows("SELECT 1 FROM assignments WHERE deployment_id = :id AND state = 'succeeded'", id=deployment_id)
        )

    def _report_failures(self, deployment_id: int, ring: str) -> None:
        path = f"/deployments/{deployment_id}/assignments?ring={ring}&limit=500"
        body = [
            {"deployment_id": deployment_id, "external_id": it["external_id"], "sequence": 1, "outcome": "failed"}
            for it in self.client.get(path)["items"]
            if it["status"] in ("pending", "dispatched", "installing")
        ]
        if len(body) > 8:
            assert self.client.post("/reports", body)[0] == 200
            self.failed = True


def _fork(work: Work, life: Callable[[Work], None]) -> tuple[int, int]:
    """A child that lives that life, and where it says that it begins."""
    db.session.remove()
    is_ready, ready = os.pipe()
    child = os.fork()
    if child == 0:
        _live(work, life, ready)
    os.close(ready)
    return child, is_ready


def _live(work: Work, life: Callable[[Work], None], ready: int) -> NoReturn:
    """Let go of what was inherited, as a worker's work-horse does, and live."""
    try:
        db.engine.dispose(close=False)
        queue.forget_connection()
        emitter.after_fork()
        rows("SELECT 1")
        os.write(ready, b".")
        life(work)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _beat(work: Work) -> None:
    progress.sweep()
    work()
    silence.give_up()
    membership.join_all()
    work()


def _until_killed(work: Work) -> None:
    while True:
        _beat(work)


def _until_nothing_is_left(work: Work) -> None:
    def has_ended() -> bool:
        _beat(work)
        return not _left()

    eventually(has_ended, _left, seconds=180)


def _left() -> list[Any]:
    """Deployments that have not ended and settled, and commands whose results are not all in."""
    return [
        *rows(f"SELECT id, state, reason, holds, due_at FROM deployments WHERE {LIVE} OR due_at IS NOT NULL"),
        *rows("SELECT id, key, state, error, due_at FROM commands WHERE due_at IS NOT NULL"),
    ]


def _prove(people: People) -> None:
    laws.rings_start_in_turn()
    laws.devices_are_in_one_ring()
    laws.counters_equal_a_recount()
    laws.the_program_recounts_alike()
    laws.silence_is_nothing()
    laws.the_log_is_whole()
    laws.verdicts_can_be_repeated()
    totals_equal_the_tables({})
    ends = {row.id: (row.kind, row.state) for row in rows("SELECT id, kind, state FROM deployments")}
    assert [ends[it][1] for it in (people.good, people.bad, people.regretted)] == ["completed", "failed", "aborted"]
    assert [state for kind, state in ends.values() if kind == "rollback"] == ["completed"] * 3
    assert rows("SELECT 1 FROM commands WHERE state NOT IN ('confirmed', 'failed')") == []
    assert rows("SELECT 1 FROM simulated_publications WHERE key NOT IN (SELECT key FROM commands)") == []
    twice = """
        SELECT c.deployment_id, c.verb, device, count(*)
          FROM simulated_publications p JOIN commands c ON c.key = p.key, unnest(p.devices) AS device
         WHERE c.purpose = 'rollout' GROUP BY 1, 2, 3 HAVING count(*) > 1
    """
    assert rows(twice) == []
    missed = """
        SELECT 1 FROM assignments a JOIN deployments d ON d.id = a.deployment_id
         WHERE d.state = 'completed' AND a.state IN ('pending', 'dispatched', 'installing')
    """
    assert rows(missed) == []
