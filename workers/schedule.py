"""The process that starts the periodic jobs of `app/queue.py` (RQ's cron scheduler)."""

from __future__ import annotations

from redis import Redis
from rq.cron import CronScheduler

from app.queue import FAILURE_TTL, JOB_TIMEOUT, RESULT_TTL, Job
from app.settings import load_settings
from workers import jobs

PERIODIC: dict[Job, int] = {job: job.every for job in Job if job.every is not None}
"""Seconds between two runs of a job."""


def main() -> None:
    """Run until stopped."""
    connection = Redis.from_url(load_settings().redis_url.get_secret_value())
    scheduler = CronScheduler(connection=connection, logging_level="WARNING")
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
    scheduler.start()  # type: ignore[no-untyped-call]  # RQ leaves it without types


if __name__ == "__main__":
    main()
