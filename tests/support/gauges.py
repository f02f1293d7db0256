"""A sample of the gauges as it reaches StatsD: a job takes it, and the acting scheduler sends it."""

from __future__ import annotations

from app import queue, scheduling
from tests.support.waiting import eventually
from workers import gauges
from workers.schedule import SteadyScheduler


def sample_and_send() -> None:
    """Take a sample, and have a scheduler without jobs send it."""
    gauges.sample()
    redis = queue.connection()
    scheduler = SteadyScheduler(redis)

    def acts() -> bool:
        scheduler.enqueue_jobs()
        return scheduling.schedulers(redis).acting == scheduler.name

    eventually(acts, "another scheduler keeps the lease")
    scheduling.release(redis, scheduler.name)
