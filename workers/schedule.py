"""The process that starts the periodic jobs of `app/queue.py` (RQ's cron scheduler)."""

from __future__ import annotations

import time
from collections.abc import Callable

from redis import Redis
from rq.cron import CronJob, CronScheduler
from rq.utils import now

from app.queue import FAILURE_TTL, JOB_TIMEOUT, RESULT_TTL, Job, patient_connection
from workers import jobs

PERIODIC: dict[Job, int] = {job: job.every for job in Job if job.every is not None}
"""Seconds between two runs of a job."""


class SteadyScheduler(CronScheduler):
    """RQ's scheduler on a clock that nobody sets: correcting the machine's own clock neither delays nor repeats a job.

    A resumed machine runs each job within one period, because this clock stands still while the machine does.
    """

    def __init__(self, connection: Redis, elapsed: Callable[[], float] = time.monotonic) -> None:
        super().__init__(connection=connection, logging_level="WARNING")
        self._elapsed = elapsed
        self._due: dict[str, float] = {}

    def enqueue_jobs(self) -> list[CronJob]:
        """Enqueue the jobs whose period is over; each one at the start."""
        began, wall = self._elapsed(), now()
        enqueued = [job for job in self.get_jobs() if self._due.get(job.name, began) <= began]
        for job in enqueued:
            job.enqueue(self.connection)
            job.set_enqueue_time(wall)  # what RQ shows of it; nothing is decided by it
            self._due[job.name] = began + (job.interval or 0)
        return enqueued

    def calculate_sleep_interval(self) -> float:
        """Seconds until the next period is over."""
        return max(min(self._due.values(), default=0.0) - self._elapsed(), 0.0)


def register_all(scheduler: CronScheduler) -> None:
    """Register every periodic job."""
    for job, seconds in PERIODIC.items():
        scheduler.register(
            getattr(jobs, job.value),
            job.queue.value,
            interval=seconds,
            # A run that waited for several periods is obsolete: the next run does its work.
            ttl=max(seconds * 3, 10),
            job_timeout=JOB_TIMEOUT,
            result_ttl=RESULT_TTL,
            failure_ttl=FAILURE_TTL,
        )


def main() -> None:
    """Run until stopped."""
    scheduler = SteadyScheduler(patient_connection())
    register_all(scheduler)
    scheduler.start()  # type: ignore[no-untyped-call]  # RQ leaves it without types


if __name__ == "__main__":
    main()
