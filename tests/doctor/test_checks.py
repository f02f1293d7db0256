"""Each check on a real part that is well, and on one that is down or wrong."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis
from rq import Queue, Worker
from rq.job import Job as RQJob
from rq.utils import now, utcformat

from app import queue, scheduling
from app.doctor import logins, pipeline, reading, services
from app.doctor.check import Check, CheckContext, CheckResult, CheckState
from app.metrics import foreign
from app.queue import BEHIND, Job, QueueName
from ops.local.stack import Stack
from tests.support.browser import settings
from tests.support.carbon import send
from tests.support.forger import forger
from tests.support.waiting import PATIENCE, eventually
from workers.schedule import SteadyScheduler

Make = Callable[..., CheckContext]

WELL: tuple[Check, ...] = (
    services.settings,
    services.database,
    services.migrations,
    services.redis,
    pipeline.udp_path,
    pipeline.external_port,
    pipeline.statsd,
    pipeline.carbon,
    pipeline.carbon_losses,
    reading.render,
    reading.find,
    reading.functions,
    reading.datasource,
    reading.dashboards,
    reading.clocks,
)


@pytest.mark.parametrize("check", WELL, ids=lambda check: check.__name__)
def test_what_is_well(app: Flask, context: Make, check: Check) -> None:
    result = check(context(patience=PATIENCE))
    assert result.state is CheckState.OK, result
    assert result.detail
    assert not result.fix


def test_a_canary_reports_how_long_it_took(app: Flask, context: Make) -> None:
    assert pipeline.udp_path(context(patience=PATIENCE)).detail.startswith("a canary was found in Graphite after ")


def failing(result: CheckResult, *words: str) -> None:
    """A fault that says what to do."""
    assert result.state is CheckState.FAIL, result
    assert result.fix
    for word in words:
        assert word in f"{result.detail} {result.fix}"


def test_no_database(context: Make, closed: int) -> None:
    nowhere = context(database_url=f"postgresql+psycopg://nobody@127.0.0.1:{closed}/none")
    failing(services.database(nowhere), "EUCORA_DATABASE_URL")
    failing(services.migrations(nowhere), "database")
    failing(services.database(context(database_url="no address at all")), "EUCORA_DATABASE_URL")
    clocks = reading.clocks(nowhere)
    assert clocks.state is CheckState.WARN
    assert "the database does not respond" in clocks.detail


def test_a_database_without_tables(stack: Stack, context: Make) -> None:
    address = stack.environment()["EUCORA_DATABASE_URL"].replace("/eucora?", "/postgres?")
    failing(services.migrations(context(database_url=address)), "db upgrade")


def test_no_redis(context: Make, closed: int) -> None:
    for url in (f"redis://127.0.0.1:{closed}/0", "unix:///nowhere/redis.sock", "nonsense"):
        nowhere = context(redis_url=url)
        failing(services.redis(nowhere), "EUCORA_REDIS_URL")
        failing(services.workers(nowhere), "redis")
        failing(services.queues(nowhere), "redis")
        failing(services.scheduler(nowhere), "redis")


def test_no_workers_and_no_scheduler(database: Flask, context: Make) -> None:
    failing(services.workers(context()), "workers.worker control bulk drift", "0 on control")
    failing(services.scheduler(context()), "workers.schedule")


def test_a_queue_without_a_worker_is_a_fault(database: Flask, context: Make, stack: Stack) -> None:
    connection = Redis(unix_socket_path=str(stack.layout.redis_socket))
    bulk = Worker([Queue(name, connection=connection) for name in ("bulk", "drift")], connection=connection)
    bulk.register_birth()  # type: ignore[no-untyped-call]  # RQ leaves it without types
    failing(services.workers(context()), "workers.worker control`", "1 on bulk")
    control = Worker([Queue(QueueName.CONTROL, connection=connection)], connection=connection)
    control.register_birth()  # type: ignore[no-untyped-call]  # RQ leaves it without types
    assert services.workers(context()).state is CheckState.OK
    for not_now in ("2020-01-01T00:00:00.000000Z", "2900-01-01T00:00:00.000000Z"):
        connection.hset(bulk.key, "last_heartbeat", not_now)
        failing(services.workers(context()), "0 on bulk")


@pytest.mark.parametrize("name", QueueName)
def test_a_queue_that_is_behind_is_a_warning(database: Flask, context: Make, name: QueueName) -> None:
    assert services.queues(context()).detail == "oldest job: 0 s on control, 0 s on bulk, 0 s on drift"
    job = next(job for job in Job if job.queue is name and job.every is None)
    queue.enqueue(job, 1)
    assert services.queues(context()).state is CheckState.OK
    (job_id,) = queue.queue(name).get_job_ids()
    long_ago = utcformat(now() - timedelta(seconds=BEHIND[name] + 1))
    queue.connection().hset(RQJob.key_for(job_id), "enqueued_at", long_ago)
    behind = services.queues(context())
    assert behind.state is CheckState.WARN
    assert f"{BEHIND[name] + 1} s on {name}" in behind.detail
    assert f"workers.worker {name}`" in behind.fix


def test_the_scheduler_that_acts_and_those_that_stand_by(database: Flask, context: Make) -> None:
    acting, other = (SteadyScheduler(queue.connection()) for _ in range(2))

    def detail(*turns: SteadyScheduler) -> str:
        for scheduler in turns:
            scheduler.enqueue_jobs()
        return services.scheduler(context()).detail

    own = f"{acting.hostname}:{acting.pid}"
    eventually(lambda: detail(acting) == f"{own} acts, none on standby")
    eventually(lambda: detail(acting, other) == f"{own} acts, 1 on standby ({own})")
    for scheduler in (acting, other):
        scheduling.release(queue.connection(), scheduler.name)
    failing(services.scheduler(context()), "workers.schedule", "none acts")


def test_the_sweep_beats_or_not(context: Make, stack: Stack) -> None:
    looking = context()
    if services.sweep(looking).state is CheckState.FAIL:
        failing(services.sweep(looking), "scheduler")
    send(stack.ports.carbon, [("stats.counters.eucora.sweep.heartbeat.count", 1, int(time.time()))])
    eventually(lambda: services.sweep(looking).state is CheckState.OK)


def test_no_statsd(context: Make, closed: int) -> None:
    failing(pipeline.udp_path(context(statsd_port=closed)), "not found within 1 s", "EUCORA_STATSD_PORT")
    failing(pipeline.external_port(context(statsd_external_port=closed)), "EUCORA_STATSD_EXTERNAL_PORT")
    failing(pipeline.statsd(context(statsd_admin_port=closed)), "EUCORA_STATSD_ADMIN_PORT")
    failing(pipeline.udp_path(context(statsd_host="no-such-host.invalid")), "EUCORA_STATSD_HOST")
    failing(pipeline.external_port(context(statsd_host="no-such-host.invalid")), "could not be sent")


def test_a_statsd_that_stands_still(context: Make, stack: Stack) -> None:
    """Its ports are open and it does not respond: each check ends by itself."""
    pid = stack.pid("statsd")
    os.kill(pid, signal.SIGSTOP)
    try:
        failing(pipeline.statsd(context()), "EUCORA_STATSD_ADMIN_PORT")
        failing(pipeline.udp_path(context()), "not found within 1 s")
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_statsd_that_says_it_is_down(context: Make, stack: Stack) -> None:
    address = ("127.0.0.1", stack.ports.statsd_admin)
    pipeline._ask_statsd(address, "health down", 2)
    try:
        failing(pipeline.statsd(context()), "health: down", "health up")
    finally:
        pipeline._ask_statsd(address, "health up", 2)


def test_no_carbon(context: Make, closed: int, stack: Stack) -> None:
    failing(pipeline.carbon(context(carbon_port=closed)), "EUCORA_CARBON_PORT")
    # StatsD's admin port accepts the line but stores nothing.
    failing(pipeline.carbon(context(carbon_port=stack.ports.statsd_admin)), "not found within 1 s")


def test_no_graphite(context: Make, closed: int) -> None:
    nowhere = context(graphite_url=f"http://127.0.0.1:{closed}")
    failing(reading.render(nowhere), "EUCORA_GRAPHITE_URL")
    for check in (reading.find, reading.functions, pipeline.carbon, pipeline.udp_path, pipeline.external_port):
        failing(check(nowhere), "graphite render")
    for check in (pipeline.carbon_losses, pipeline.statsd_losses, services.sweep, reading.clocks):
        assert check(nowhere).state is CheckState.WARN


def test_what_carbon_lost_is_a_fault_and_what_statsd_lost_a_warning(context: Make, stack: Stack) -> None:
    lost = (
        foreign.CARBON_DROPPED_CREATES.series.replace("*", "other-host"),
        "stats.counters.statsd.bad_lines_seen.count",
    )
    at = int(time.time()) - 30

    def write(value: int) -> None:
        send(stack.ports.carbon, [(series, value, at) for series in lost])

    looking = context()
    write(3)
    try:
        eventually(lambda: pipeline.carbon_losses(looking).state is CheckState.FAIL)
        assert "3 new series rejected" in pipeline.carbon_losses(looking).detail
        eventually(lambda: pipeline.statsd_losses(looking).state is CheckState.WARN)
        assert "unreadable values" in pipeline.statsd_losses(looking).detail
    finally:
        write(0)


def test_lines_that_statsd_rejected_are_shown_with_the_reason(context: Make, stack: Stack) -> None:
    looking = context()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for line in (
            "eucora.external.shop.orders:many|c",
            "eucora.external.shop.orders:1|c|#shop:7",
            "shop.orders:1|c",
        ):
            client.sendto(line.encode(), ("127.0.0.1", stack.ports.statsd_external))
    eventually(lambda: "`shop.orders:1|c` on port" in pipeline.statsd_losses(looking).detail)
    summary, *examples = pipeline.statsd_losses(looking).detail.splitlines()
    assert "lines rejected on the external port" in summary
    reasons = ["the name does not begin with eucora.external.", "tags are not supported", "the value is not a number"]
    assert len(examples) == len(reasons)
    for example, reason in zip(examples, reasons, strict=True):
        assert f": {reason} (" in example
        assert " UTC from 127.0.0.1)" in example


@pytest.mark.parametrize(
    ("text", "state"), [("4194304", CheckState.OK), ("212992", CheckState.WARN), (None, CheckState.OK)]
)
def test_rmem_max(context: Make, tmp_path: Path, text: str | None, state: CheckState) -> None:
    file = tmp_path / "rmem_max"
    if text is not None:
        file.write_text(text)
    result = pipeline.rmem_max(context(), file)
    assert result.state is state
    assert ("sysctl" in result.fix) == (state is CheckState.WARN)


# -- Grafana's files


@pytest.fixture
def grafana(tmp_path: Path) -> Path:
    """A copy of what is committed, to be spoilt."""
    copied = tmp_path / "grafana"
    shutil.copytree("ops/grafana", copied)
    return copied


def spoil(folder: Path, target: str) -> None:
    panel = {"datasource": {"type": "graphite", "uid": "graphite"}, "targets": [{"refId": "A", "target": target}]}
    (folder / "dashboards" / "spoilt.json").write_text(json.dumps({"uid": "spoilt", "panels": [panel]}))


@pytest.mark.parametrize(
    "target",
    [
        "sumSeries(stats.counters.eucora.deployment.totals.*.passed.count)",
        "stats.gauges.eucora.breaker.state",
        "stats.gauges.eucora.breaker.state.*.count",
        "carbon.agents.*.noSuchThing",
    ],
)
def test_a_panel_that_names_what_nobody_writes(context: Make, grafana: Path, target: str) -> None:
    spoil(grafana, target)
    failing(reading.dashboards(context(), grafana), "spoilt.json", "make dashboards")


@pytest.mark.parametrize(
    "target",
    [
        "sumSeries(stats*.counters.eucora.deployment.total.{lab,pilot}.passed.count)",
        "aliasByNode(stats.gauges.eucora.breaker.state.${connector}, 5)",
        "stats.timers.eucora.db.query.*.histogram.bin_*",
        "stats.counters.eucora.external.shop.orders.count",
        "carbon.agents.*.memUsage",
    ],
)
def test_a_panel_that_names_what_somebody_writes(context: Make, grafana: Path, target: str) -> None:
    spoil(grafana, target)
    assert reading.dashboards(context(), grafana).state is CheckState.OK


def test_grafanas_files_that_cannot_be_read(context: Make, grafana: Path) -> None:
    (grafana / "dashboards" / "spoilt.json").write_text("{")
    failing(reading.dashboards(context(), grafana), "spoilt.json")
    failing(reading.datasource(context(), grafana), "version control")


def test_a_data_source_of_another_uid(context: Make, grafana: Path) -> None:
    file = grafana / "provisioning" / "datasources" / "graphite.yaml"
    file.write_text(file.read_text().replace("uid: graphite", "uid: other"))
    failing(reading.datasource(context(), grafana), "uid")


def test_without_grafanas_files_there_is_nothing_to_say(context: Make, tmp_path: Path) -> None:
    assert reading.datasource(context(), tmp_path / "none").state is CheckState.OK
    assert reading.dashboards(context(), tmp_path / "none").state is CheckState.OK


def test_a_container_with_only_the_dashboards_does_not_check_grafanas_sources(context: Make, grafana: Path) -> None:
    shutil.rmtree(grafana / "provisioning")
    assert reading.datasource(context(), grafana).detail.startswith("not checked")


def test_the_identity_provider_is_asked_if_people_log_in(context: Make) -> None:
    assert logins.logins(context()).state is CheckState.OK
    with forger() as provider:
        well = CheckContext(settings(provider.issuer))
        assert logins.logins(well).detail == f"{provider.issuer}, 1 keys, 3 groups with a role"
        provider.issues = "https://evil.example"
        wrong = logins.logins(well)
    assert (wrong.state, "EUCORA_OIDC_ISSUER" in wrong.detail) == (CheckState.FAIL, True)
    down = logins.logins(well)
    assert (down.state, "does not respond" in down.detail) == (CheckState.FAIL, True)
