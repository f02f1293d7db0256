"""Jobs and queues: throughput, wait times, durations, failures."""

from __future__ import annotations

from app.metrics import catalogue as m
from ops.grafana import graphite as g, panels as p
from ops.grafana.board import Board, Row, Tile
from ops.grafana.boards import common
from ops.grafana.boards.common import FAILED_JOBS, HEARTBEAT

JOBS, WAIT = m.JOB_DURATION, m.JOB_WAIT


def _alive() -> p.Panel:
    return p.figures(
        "Workers alive",
        "Registered RQ workers.",
        g.level(m.WORKERS_ALIVE.series(""), "alive"),
        unit="none",
        steps=((1, p.WARN), (2, p.GOOD)),
        below=p.BAD,
        trend=True,
    )


def _busy() -> p.Panel:
    return p.figures(
        "Workers busy",
        "Workers that are running a job.",
        g.level(m.WORKERS_BUSY.series(""), "busy"),
        unit="none",
        trend=True,
    )


def _waiting() -> p.Panel:
    return p.figures(
        "Jobs waiting",
        "Jobs in all queues. A job waits until a worker takes it, and what waits is not enqueued twice.",
        g.sum_of_levels(m.QUEUE_DEPTH.series(""), "waiting"),
        unit="none",
        steps=((50, p.WARN), (200, p.BAD)),
        trend=True,
    )


def _failed() -> p.Panel:
    return p.figures(
        "Failed jobs",
        "The share of jobs in this range that raised an error, timed out, or whose process died.",
        g.alias(g.share(JOBS.series("count", outcome=FAILED_JOBS), JOBS.series("count")), "failed"),
        unit="percentunit",
        steps=((0.01, p.WARN), (0.05, p.BAD)),
        decimals=2,
    )


def _timeouts() -> p.Panel:
    return p.figures(
        "Time-outs",
        "Jobs in this range that were stopped at their time-out.",
        g.alias(g.total(JOBS.series("count", outcome="timeout"), HEARTBEAT), "time-outs"),
        unit="short",
        steps=((1, p.BAD),),
    )


def _retried() -> p.Panel:
    return p.figures(
        "Retries",
        "Jobs in this range that failed and were enqueued again.",
        g.alias(g.total(m.JOB_RETRIES.series("count"), HEARTBEAT), "retries"),
        unit="short",
        steps=((1, p.WARN), (20, p.BAD)),
    )


def _depth() -> p.Panel:
    return p.areas_by(
        "Queue depth",
        "Jobs waiting, by queue: `control` makes decisions and stays short, `bulk` works on devices, `drift` can wait.",
        m.QUEUE_DEPTH,
        "queue",
    )


def _wait() -> p.Panel:
    return p.p95_by(
        "Wait time p95",
        "From enqueueing a job to its start: StatsD's 95th percentile for each second, by queue.",
        WAIT,
        "queue",
    )


def _oldest() -> p.Panel:
    return p.lines(
        "Oldest job",
        "For how long the oldest job in each queue has waited; 0 if none waits.",
        g.state(m.QUEUE_OLDEST, "queue", how="max"),
        unit="s",
    )


def _workers() -> p.Panel:
    return p.lines(
        "Workers",
        "Workers alive and busy. If all are busy for long, add workers.",
        g.level(m.WORKERS_ALIVE.series(""), "alive"),
        g.level(m.WORKERS_BUSY.series(""), "busy"),
        unit="none",
    )


def _done() -> p.Panel:
    return p.bars_by("Jobs by name", "Jobs that ended, per minute.", JOBS, "job")


def _ended() -> p.Panel:
    return p.bars_by(
        "Jobs by outcome",
        "Jobs that ended, per minute. `killed`: the process died while the job ran; the sweep enqueues it again.",
        JOBS,
        "outcome",
    )


def _duration() -> p.Panel:
    return common.job_p95("Duration p95")


def _failing() -> p.Panel:
    return p.totals(
        "Failure rate by job",
        "The share of each job's runs in this range that failed.",
        g.share_by(JOBS, "job", part={"outcome": FAILED_JOBS}, whole={}),
        unit="percentunit",
        steps=((0.01, p.WARN), (0.05, p.BAD)),
        most=1,
    )


def _runs() -> p.Panel:
    return p.table(
        "Runs by job",
        "Runs of each job in this range, by outcome.",
        g.totals_by(JOBS, "job", "outcome"),
        unit="short",
        rows="Job and outcome",
    )


def _retries() -> p.Panel:
    return p.bars_by(
        "Retries by job",
        "Jobs per minute that failed and were enqueued again.",
        m.JOB_RETRIES,
        "job",
    )


def _sweeps() -> p.Panel:
    return p.lines(
        "Sweeps",
        "Sweeps per minute: 30 while the scheduler and a worker are healthy. Below 10, rollouts are slow; at 0, "
        "they stop.",
        g.alias(g.total_per_minute(HEARTBEAT, HEARTBEAT), "sweeps"),
        unit="cpm",
        calcs=("lastNotNull", "min"),
    )


NOW = (_alive, _busy, _waiting, _failed, _timeouts, _retried)

BOARD = Board(
    uid="eucora-jobs",
    title="EUCORA jobs and queues",
    description="Whether background work gets done: how much waits, how long it takes, what fails.",
    rows=(
        Row("Now", [Tile(make(), width=4, height=4) for make in NOW]),
        Row("Queues", [Tile(make(), width=8) for make in (_depth, _oldest, _wait)]),
        Row("Workers and sweeps", [Tile(make(), width=12) for make in (_workers, _sweeps)]),
        Row("Jobs", [Tile(_done()), Tile(_duration())]),
        Row("Failures", [Tile(make(), width=6) for make in (_ended, _failing, _retries, _runs)]),
    ),
)
