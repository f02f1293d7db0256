"""Repairs on a real whisper: at every tier, after outages in the middle of work, and never of what is too many."""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.devices import service as devices
from app.devices.schemas import DeviceIn
from app.events.unit import unit_of_work
from app.metrics import catalogue as m, emitter
from app.metrics.emitter import Emitter
from app.metrics.proof import repairing
from app.metrics.proof.carbon import Carbon, CarbonPoint
from app.metrics.proof.outcome import Reconciliation
from app.metrics.proof.reconcile import REPAIR_LOCK, Patience, RepairRunning, reconcile
from app.metrics.reading.graphite import Graphite, GraphiteUnavailable
from app.settings import load_settings
from ops.local import processes
from ops.local.stack import Stack
from tests.support.waiting import PATIENCE, eventually, settled

HURRIED = Patience(quiet=2, closed=2, shown=PATIENCE)
CALM = Patience(quiet=2, closed=5, shown=PATIENCE)
"""Where StatsD has to be in time: a busy machine lets it flush late."""
RECEIVED = m.REPORT_TOTAL.series("count", result="received")
LATE = m.REPORT_TOTAL.series("count", result="late")
REGISTERED = m.DEVICE_REGISTERED.series("count", connector="simulated", result="created")
COMMAND = ("metrics", "reconcile")
MINUTE, HOUR, DAY = 60, 3_600, 86_400


@contextmanager
def unheard() -> Iterator[None]:
    """Metrics go to a port where nobody listens."""
    before = emitter._emitter
    assert before is not None
    emitter.install(Emitter("127.0.0.1", 9))
    yield
    emitter.install(before)


def happened(at: float, received: int = 1, **more: int) -> None:
    """Store an event of reports as of `at`, of which Graphite hears nothing."""
    counts = {**dict.fromkeys(m.REPORT_TOTAL.labels["result"], 0), "received": received, **more}
    record(at, "reports.ingested", {**counts, "tallies": []})


def record(at: float, type: str, payload: dict[str, Any]) -> None:
    with unheard(), clock.replaced(lambda: datetime.fromtimestamp(at, UTC)), unit_of_work("test") as unit:
        unit.record(type, payload)


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def total(graphite: Graphite, name: str, start: int, end: int, now: int = 0) -> float:
    """What Graphite says a series adds up to in [start, end); with a later `now`, from a coarser tier."""
    options = {"now": now} if now else {}
    return sum(found.total for found in graphite.render([name], start - 1, end - 1, **options))


def shown(graphite: Graphite, name: str, start: int, end: int, wanted: float) -> None:
    assert settled(lambda: total(graphite, name, start, end), wanted) == wanted


def differences(outcome: Reconciliation) -> dict[str, float]:
    return {row.series: row.difference for row in outcome.rows}


AGES = {
    "in the 1 s tier": 10 * MINUTE,
    "just behind the edge of the 1 s tier": 61 * MINUTE + 5,
    "in the 10 s tier": 83 * MINUTE,
    "in the 60 s tier": 30 * HOUR,
    "in the 10 min tier": 40 * DAY,
}


@pytest.mark.parametrize("age", AGES.values(), ids=AGES.keys())
def test_what_was_lost_is_added_where_it_was_lost_and_reaches_every_coarser_tier(
    here: Graphite, carbon: Carbon, age: int
) -> None:
    now = int(time.time())
    begun = (now - age) // 600 * 600 - 600
    step = next(tier.step for tier in repairing.TIERS if tier.retention >= age)
    for number in range(40):  # of each event's 3 counts Graphite has those of the first and the last ten
        happened(begun + 200 + number, received=3)
    first, last = begun + 200, begun + 230
    sums: dict[int, float] = {}
    for second in (*range(first, first + 10), *range(last, last + 10)):
        sums[second // step * step] = sums.get(second // step * step, 0) + 3
    carbon.send(CarbonPoint(RECEIVED, at, value) for at, value in sums.items())
    start, end = begun, begun + 1200 if step > 1 else begun + 600
    shown(here, RECEIVED, start, end, 60)

    seen = reconcile(here, moment(start), moment(end), patience=HURRIED)
    assert (differences(seen), seen.equal, seen.events) == ({RECEIVED: 60}, False, 40)
    assert total(here, RECEIVED, start, end) == 60  # looking changes nothing
    done = reconcile(here, moment(start), moment(end), carbon=carbon, patience=HURRIED)
    assert [(row.database, row.graphite, row.repaired, row.left) for row in done.rows] == [(120, 60, 60, 0)]
    assert done.equal
    for later in (0, HOUR, DAY, 30 * DAY):  # as tomorrow's and next month's queries will see it
        seen_at = now + later + 700 if later else 0
        # carbon writes its cache in its own time, and whisper fills the coarser tiers then
        assert settled(partial(total, here, RECEIVED, start, end, seen_at), 120.0) == 120
    for carbons in (None, carbon):
        again = reconcile(here, moment(start), moment(end), carbon=carbons, patience=HURRIED)
        assert (again.rows, again.equal) == ((), True)


def test_one_look_over_several_tiers_repairs_in_each(here: Graphite, carbon: Carbon) -> None:
    now = int(time.time())
    ages = (50 * DAY, 3 * DAY, 2 * HOUR, HOUR + 30, HOUR - 30, 20 * MINUTE)
    for number, age in enumerate(ages, start=1):
        happened(now - age, received=0, late=10**number)
    since = now - 51 * DAY
    seen = reconcile(here, moment(since), moment(now), patience=HURRIED)
    before = differences(seen)
    assert before[LATE] == 1_111_110
    assert seen.start is not None
    assert since <= seen.start < since + 1_200
    done = reconcile(here, moment(since), moment(now), carbon=carbon, patience=HURRIED)
    assert {row.series: row.repaired for row in done.rows} == before
    assert done.equal
    shown(here, LATE, now - 51 * DAY, now, 1_111_110)
    assert total(here, LATE, now - 40 * MINUTE, now - 60) == 1_000_000
    assert reconcile(here, moment(since), moment(now), carbon=carbon, patience=HURRIED).rows == ()


def test_timers_are_repaired_with_their_sums_and_bins(here: Graphite, carbon: Carbon) -> None:
    at = int(time.time()) - 25 * MINUTE
    for score in (9.25, 10, 100, 42.1234567):
        record(at, "deployment.assessed", {"score": score})
    passed = {"ring": "lab", "next_ring": None, "duration_ms": 4_999.0, "kind": "rollout"}
    record(at, "ring.passed", passed)
    done = reconcile(here, moment(at - 60), moment(at + 60), carbon=carbon, patience=HURRIED)
    risk, duration = m.RISK_SCORE.series, m.DEPLOYMENT_DURATION.series
    assert differences(done) == {
        risk("count"): 4,
        risk("sum"): 161.373,
        risk("histogram.bin_10"): 1,  # bounds are excluded, as StatsD counts
        risk("histogram.bin_25"): 1,
        risk("histogram.bin_50"): 1,
        risk("histogram.bin_inf"): 1,
        duration("count", ring="lab", status="passed"): 1,
        duration("sum", ring="lab", status="passed"): 4_999,
        duration("histogram.bin_5000", ring="lab", status="passed"): 1,
        m.DEPLOYMENT_TOTAL.series("count", ring="lab", status="passed"): 1,
    }
    assert done.equal
    assert not reconcile(here, moment(at - 60), moment(at + 60), carbon=carbon, patience=HURRIED).rows


def test_several_instances_of_statsd_are_one_sum_and_the_repair_goes_to_one(here: Graphite, carbon: Carbon) -> None:
    at = int(time.time()) - 35 * MINUTE
    name = m.REPORT_TOTAL.series("count", result="duplicate")
    another = name.replace("stats.", "stats_another.", 1)
    happened(at, received=0, duplicate=10)
    carbon.send([CarbonPoint(name, at, 3), CarbonPoint(another, at, 4)])
    shown(here, name, at - 60, at + 60, 3)
    shown(here, another, at - 60, at + 60, 4)
    done = reconcile(here, moment(at - 60), moment(at + 60), carbon=carbon, patience=HURRIED)
    assert (differences(done), done.equal) == ({name: 3}, True)
    assert [total(here, each, at - 60, at + 60) for each in (name, another)] == [6, 4]


def test_graphite_above_the_events_is_reported_and_left_alone(
    here: Graphite, carbon: Carbon, app_of_its_own: Flask
) -> None:
    at = int(time.time()) - 45 * MINUTE
    name = m.REPORT_TOTAL.series("count", result="rejected")
    happened(at, received=0, rejected=2)
    carbon.send([CarbonPoint(name, at, 5)])
    shown(here, name, at - 60, at + 60, 5)
    done = reconcile(here, moment(at - 60), moment(at + 60), carbon=carbon, patience=HURRIED)
    assert (differences(done), done.equal, done.rows[0].repaired) == ({name: -3}, False, 0)
    assert total(here, name, at - 60, at + 60) == 5
    span = ["--since", moment(at - 60).isoformat(), "--until", moment(at + 60).isoformat()]
    run = app_of_its_own.test_cli_runner().invoke
    result = run(args=[*COMMAND, *span, "--repair"])
    assert result.exit_code == 1
    assert "report.rejected" in result.output
    assert "above the events, which is never repaired" in result.output
    as_json = json.loads(run(args=[*COMMAND, *span, "--json"]).output)
    assert [(row["database"], row["graphite"], row["left"]) for row in as_json["differing"]] == [(2, 5, -3)]
    before = ["--since", moment(at - 240).isoformat(), "--until", moment(at - 120).isoformat()]
    assert run(args=[*COMMAND, *before]).exit_code == 0


def test_what_cannot_be_read_is_another_exit(
    app_of_its_own: Flask, keep_emitter: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.factory import create_app

    run = app_of_its_own.test_cli_runner().invoke
    wrong = run(args=[*COMMAND, "--since", "yesterday"])
    assert (wrong.exit_code, "30m, 6h, 7d" in wrong.output) == (2, True)
    turned = run(args=[*COMMAND, "--since", "5m", "--until", "1h"])
    assert (turned.exit_code, "before --until" in turned.output) == (2, True)
    settings = load_settings()
    try:
        monkeypatch.setenv("EUCORA_GRAPHITE_URL", "http://127.0.0.1:9")
        load_settings.cache_clear()
        blind = run(args=[*COMMAND, "--since", "5m"])
        assert (blind.exit_code, "graphite-web" in blind.output) == (2, True)
        nowhere = settings.model_copy(update={"database_url": "postgresql+psycopg://nobody@127.0.0.1:9/none"})
        lost = create_app(nowhere).test_cli_runner().invoke(args=[*COMMAND])
        assert (lost.exit_code, "database cannot be read" in lost.output) == (2, True)
    finally:
        monkeypatch.undo()
        load_settings.cache_clear()


def test_a_repair_that_carbon_does_not_accept_is_reported(here: Graphite) -> None:
    at = int(time.time()) - 55 * MINUTE
    happened(at)
    nobody = Carbon("127.0.0.1", 9)
    done = reconcile(here, moment(at - 60), moment(at + 60), carbon=nobody, patience=HURRIED)
    assert (done.equal, done.rows[0].repaired) == (False, 0)
    assert "carbon at 127.0.0.1:9" in done.notes[-1]


def test_a_cut_file_is_moved_aside_and_its_series_repaired(
    here: Graphite, carbon: Carbon, own: Stack, app_of_its_own: Flask
) -> None:
    at = int(time.time()) - 30 * MINUTE
    name = m.REPORT_TOTAL.series("count", result="duplicate")
    happened(at, received=0, duplicate=7)
    carbon.send([CarbonPoint(name, at, 7)])
    file = own.layout.graphite / "whisper" / f"{name.replace('.', '/')}.wsp"
    eventually(file.exists)
    os.truncate(file, 100)
    run = app_of_its_own.test_cli_runner().invoke
    span = ["--since", moment(at - 60).isoformat(), "--until", moment(at + 60).isoformat()]
    assert f"{file} is damaged" in run(args=[*COMMAND, *span]).output
    repaired = run(args=[*COMMAND, *span, "--repair"])
    assert f"{file} was damaged" in repaired.output
    assert repaired.exit_code == 0, repaired.output
    shown(here, name, at - 60, at + 60, 7)
    assert len(list(file.parent.glob("count.wsp.damaged-*"))) == 1


def test_two_repairs_at_once_would_add_twice(here: Graphite, carbon: Carbon) -> None:
    from sqlalchemy import func, select

    from app.db import db

    now = datetime.now(UTC)
    with db.engine.connect() as connection:
        connection.execute(select(func.pg_advisory_xact_lock(REPAIR_LOCK)))
        with pytest.raises(RepairRunning):
            reconcile(here, now - timedelta(minutes=5), now, carbon=carbon, patience=HURRIED)


def test_work_that_goes_on_is_compared_up_to_the_last_quiet_point(here: Graphite, carbon: Carbon) -> None:
    """Events every second from three minutes ago until now, and some before them."""
    first = now = int(time.time()) - 180
    happened(first - 60, received=7)
    while now < int(time.time()):  # storing them takes its time, too
        happened(now)
        now += 1
    seen = reconcile(here, moment(first - 120), moment(now), patience=HURRIED)
    assert differences(seen)[RECEIVED] == 7
    assert seen.end is not None
    assert first - 2 <= seen.end <= first
    assert f"{now - first} events after" in seen.notes[0]
    nothing = reconcile(here, moment(now - 100), moment(now), patience=HURRIED)
    assert (nothing.start, nothing.equal, nothing.rows) == (None, False, ())
    assert "no quiet points" in nothing.notes[0]
    assert reconcile(here, moment(first - 120), moment(now + 4), carbon=carbon, patience=HURRIED).equal


def test_totals_are_equal_again_after_parts_were_killed_in_the_middle_of_work(
    here: Graphite, carbon: Carbon, own: Stack, app_of_its_own: Flask
) -> None:
    time.sleep(CALM.quiet + 1)
    since, stop, stored = datetime.now(UTC) - timedelta(seconds=3), threading.Event(), list[str]()

    def work() -> None:
        for number in itertools.takewhile(lambda _: not stop.is_set(), itertools.count()):
            one = DeviceIn(external_id=f"dev-{number}", platform="windows", connector="simulated")
            with app_of_its_own.app_context():
                stored.extend(devices.register("test", [one]))
            time.sleep(0.01)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for program in ("statsd", "carbon", "graphite"):
            time.sleep(1)
            kill(own, program)
        time.sleep(1)
    finally:
        stop.set()
        worker.join(PATIENCE)
    assert set(stored) == {"created"}
    time.sleep(CALM.quiet + CALM.closed + 1)
    until = datetime.now(UTC)
    seen = reconcile(here, since, until, patience=CALM)
    assert set(differences(seen)) == {REGISTERED}
    assert 0 < differences(seen)[REGISTERED] < len(stored)
    done = reconcile(here, since, until, carbon=carbon, patience=CALM)
    assert (done.equal, done.events) == (True, len(stored))
    shown(here, REGISTERED, int(since.timestamp()), int(until.timestamp()), len(stored))
    assert reconcile(here, since, until, carbon=carbon, patience=CALM).rows == ()


def kill(own: Stack, program: str) -> None:
    """Kill a program and its children without warning and wait until the supervisor has it running again."""
    before = own.pid(program)
    for pid in (before, *processes.descendants(before)):
        processes.send(pid, signal.SIGKILL)
    if program == "graphite":
        with pytest.raises(GraphiteUnavailable):
            reconcile(Graphite(f"http://127.0.0.1:{own.ports.graphite}"), *the_last_hour(), patience=CALM)
    eventually(lambda: own.pid(program) not in (0, before), f"{program} does not come back")
    eventually(lambda: ready(own), f"{program} takes no connections")


def the_last_hour() -> tuple[datetime, datetime]:
    return datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC)


def ready(own: Stack) -> bool:
    """Whether every part of the pipeline takes connections."""
    for port in (own.ports.statsd_admin, own.ports.carbon, own.ports.graphite):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return False
    return True


def test_a_time_whose_events_a_restore_lost_is_left_out(here: Graphite, carbon: Carbon) -> None:
    at = int(time.time()) - 25 * MINUTE
    name = m.REPORT_TOTAL.series("count", result="conflict")
    happened(at - 120, received=0, conflict=1)
    carbon.send([CarbonPoint(name, at - 120, 1), CarbonPoint(name, at, 5)])  # the database has lost the five
    shown(here, name, at - 180, at + 60, 6)
    record(at + 60, "events.restored", {"last": 1, "hash": "", "since": moment(at - 120).isoformat()})
    happened(at + 120, received=0, conflict=2)
    carbon.send([CarbonPoint(name, at + 120, 2)])
    shown(here, name, at - 180, at + 180, 8)
    done = reconcile(here, moment(at - 180), moment(at + 180), patience=HURRIED)
    assert (differences(done).get(name), "restore" in done.notes[0]) == (None, True)
    before = reconcile(here, moment(at - 180), moment(at - 121), patience=HURRIED)
    assert not any("restore" in note for note in before.notes)
