"""Sampling: every gauge has one owner, the scheduler, which has this run every few seconds."""

from __future__ import annotations

from rq import Worker

from app import queue
from app.connectors import service as connectors
from app.controls import service as controls
from app.deployments import queries
from app.drift import queries as drift
from app.metrics import catalogue as m, emitter
from app.metrics.projection import Measure


def sample() -> None:
    """Read every level where it lives and send it."""
    depths = [Measure(m.QUEUE_DEPTH, m.QUEUE_DEPTH(queue=name), depth) for name, depth in queue.depths().items()]
    alive = Measure(m.WORKERS_ALIVE, m.WORKERS_ALIVE(), Worker.count(connection=queue.connection()))
    emitter.emit(*depths, alive, *connectors.levels(), *controls.levels(), *queries.levels(), *drift.levels())
