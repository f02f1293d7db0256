"""Jobs and queues: whether work is done, how long it waits, how long it takes, what of it fails."""

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
        "RQ workers that are registered.",
        g.level(m.WORKERS_ALIVE.series(""), "alive"),
        unit="none",
        steps=((1, p.WARN), (2, p.GOOD)),
        below=p.BAD,
        trend=True,
    )


def _busy() -> p.Panel:
    return p.figures(
        "Workers busy",
        "Workers that have a job at hand.",
        g.level(m.WORKERS_BUSY.series(""), "busy"),
        unit="none",
        trend=True,
    )


def _waiting() -> p.Panel:
    return p.figures(
        "Jobs waiting",
        "In both queues. Jobs wait at most a minute; the sweep asks again for what is due.",
        g.sum_of_levels(m.QUEUE_DEPTH.series(""), "waiting"),
        unit="none",
        steps=((50, p.WARN), (200, p.BAD)),
        trend=True,
    )


def _failed() -> p.Panel:
    return p.figures(
        "Jobs that failed",
        "Of the jobs of the range: those that raised, took too long, or whose process died.",
        g.alias(g.share(JOBS.series("count", outcome=FAILED_JOBS), JOBS.series("count")), "failed"),
        unit="percentunit",
        steps=((0.01, p.WARN), (0.05, p.BAD)),
        decimals=2,
    )


def _timeouts() -> p.Panel:
    return p.figures(
        "Time-outs",
        "Jobs of the range that ran too long and were stopped.",
        g.alias(g.total(JOBS.series("count", outcome="timeout"), HEARTBEAT), "time-outs"),
        unit="short",
        steps=((1, p.BAD),),
    )


def _retried() -> p.Panel:
    return p.figures(
        "Retries",
        "Jobs of the range that failed and went back to their queue.",
        g.alias(g.total(m.JOB_RETRIES.series("count"), HEARTBEAT), "retries"),
        unit="short",
        steps=((1, p.WARN), (20, p.BAD)),
    )


def _depth() -> p.Panel:
    return p.areas_by(
        "Queue depth",
        "Jobs waiting, by queue: `control` decides and stays short, `bulk` touches devices.",
        m.QUEUE_DEPTH,
        "queue",
    )


def _wait() -> p.Panel:
    return p.p95_by(
        "Waiting p95",
        "From a job's enqueueing to its start: StatsD's 95th percentile of each second, by queue.",
        WAIT,
        "queue",
    )


def _workers() -> p.Panel:
    return p.lines(
        "Workers",
        "Alive and busy. All busy for long: add workers.",
        g.level(m.WORKERS_ALIVE.series(""), "alive"),
        g.level(m.WORKERS_BUSY.series(""), "busy"),
        unit="none",
    )


def _done() -> p.Panel:
    return p.bars_by("Jobs done", "Jobs that ended, per minute, by name.", JOBS, "job")


def _ended() -> p.Panel:
    return p.bars_by(
        "How jobs ended", "Per minute. `killed`: the process died in the middle; the sweep asks again.", JOBS, "outcome"
    )


def _duration() -> p.Panel:
    return common.job_p95("Duration p95")


def _failing() -> p.Panel:
    return p.totals(
        "Failing jobs",
        "Of each job's runs in the range: the share that failed.",
        g.share_by(JOBS, "job", part={"outcome": FAILED_JOBS}, whole={}),
        unit="percentunit",
        steps=((0.01, p.WARN), (0.05, p.BAD)),
        most=1,
    )


def _runs() -> p.Panel:
    return p.table(
        "Runs by job",
        "How often each job ended how in the range.",
        g.totals_by(JOBS, "job", "outcome"),
        unit="short",
        rows="Job and outcome",
    )


def _retries() -> p.Panel:
    return p.bars_by(
        "Retries by job",
        "Jobs per minute that failed and go back to their queue for another try.",
        m.JOB_RETRIES,
        "job",
    )


def _sweeps() -> p.Panel:
    return p.lines(
        "Sweeps",
        "Per minute: 30 while the scheduler and a worker are well. Under 10 rollouts are slow, at 0 they stand still.",
        g.alias(g.total_per_minute(HEARTBEAT, HEARTBEAT), "sweeps"),
        unit="cpm",
        calcs=("lastNotNull", "min"),
    )


NOW = (_alive, _busy, _waiting, _failed, _timeouts, _retried)

BOARD = Board(
    uid="eucora-jobs",
    title="EUCORA jobs and queues",
    description="Whether background work is done: how much waits, how long it takes, what fails.",
    rows=(
        Row("Now", [Tile(make(), width=4, height=4) for make in NOW]),
        Row("Queues and workers", [Tile(make(), width=6) for make in (_depth, _wait, _workers, _sweeps)]),
        Row("Jobs", [Tile(_done()), Tile(_duration())]),
        Row("What fails", [Tile(make(), width=6) for make in (_ended, _failing, _retries, _runs)]),
    ),
)
