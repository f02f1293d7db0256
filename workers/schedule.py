"""The periodic jobs, as one list, and the process that keeps their time (RQ's cron scheduler)."""

from __future__ import annotations

from redis import Redis
from rq.cron import CronScheduler

from app.metrics.catalogue import SAMPLE_SECONDS
from app.queue import FAILURE_TTL, JOB_TIMEOUT, QUEUE_OF, RESULT_TTL, Job
from app.settings import load_settings
from workers import jobs

PERIODIC: dict[Job, int] = {
    Job.SWEEP: 2,
    Job.SAMPLE_GAUGES: SAMPLE_SECONDS,
    Job.GIVE_UP: 10,
    Job.JOIN: 10,
    Job.CONFIRM_GLASS: 60,
    Job.ANALYSE_DUE: 10,
    Job.ANNOTATE: 5,
    Job.RECONCILE: 300,
    Job.REMEDIATE: 60,
    Job.FORGET_KEYS: 3_600,
    Job.WRITE_HEAD: 3_600,
    Job.COUNT_TOTALS: 30,
}
"""Seconds between two runs of a job."""


def main() -> None:
    """Run until stopped."""
    connection = Redis.from_url(load_settings().redis_url.get_secret_value())
    scheduler = CronScheduler(connection=connection, logging_level="WARNING")
    for job, seconds in PERIODIC.items():
        scheduler.register(
            getattr(jobs, job.value),
            QUEUE_OF[job].value,
            interval=seconds,
            # A run that waited longer than a few beats has nothing left to do: the next one does it.
            ttl=max(seconds * 3, 10),
            job_timeout=JOB_TIMEOUT,
            result_ttl=RESULT_TTL,
            failure_ttl=FAILURE_TTL,
        )
    scheduler.start()  # type: ignore[no-untyped-call]  # RQ leaves it without types


if __name__ == "__main__":
    main()
