"""The process that starts the periodic jobs of `app/queue.py` (RQ's cron scheduler). Of several, one acts."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import structlog
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import WatchError
from rq import Queue
from rq.cron import CronJob, CronScheduler
from rq.exceptions import StopRequested
from rq.utils import now

from app import scheduling
from app.logs import configure_logging
from app.metrics import emitter
from app.metrics.emitter import Emitter
from app.queue import FAILURE_TTL, JOB_TIMEOUT, RESULT_TTL, Job, patient_connection
from app.scheduling import BEAT_SECONDS, Claim
from app.settings import load_settings
from workers import gauges, jobs

PERIODIC: dict[Job, int] = {job: job.every for job in Job if job.every is not None}
"""Seconds between two runs of a job."""
REDIS_SECONDS = 5.0
"""A Redis that does not answer for this long is asked again over a new connection."""

log = structlog.get_logger()


class SteadyScheduler(CronScheduler):
    """RQ's scheduler with a lease, on a clock that nobody sets: correcting a machine's clock changes no period.

    A resumed machine runs each job within one period, because this clock stands still while the machine does. Another
    scheduler that takes over learns from Redis when each job was started last, and goes on from there.
    """

    def __init__(self, connection: Redis, elapsed: Callable[[], float] = time.monotonic) -> None:
        super().__init__(connection=connection, logging_level="WARNING")
        self._elapsed = elapsed
        self._due: dict[str, float] = {}
        self._acts = False
        self._unsure = False
        """Whether the last transaction may or may not have been carried out."""
        self._look_again = 0.0
        """In how many seconds a scheduler that stands by looks at the lease again."""
        self._stops = False

    def enqueue_jobs(self) -> list[CronJob]:
        """If this scheduler acts, enqueue the jobs whose period is over, each at the start, and send the gauges."""
        if self._stops:
            raise StopRequested
        with self.connection.pipeline() as pipeline:
            try:
                return self._take_turn(pipeline)
            except WatchError:  # the lease changed hands, or the connection broke
                self._look_again = 0.0
                self._show(acts=False)
                return []

    def _take_turn(self, pipeline: Pipeline) -> list[CronJob]:
        claim = scheduling.claim(pipeline, self.name)
        if claim is Claim.STAND_BY:
            self._look_again = min(scheduling.lease_left(pipeline), BEAT_SECONDS)
            self._show(acts=False)
            return []
        if claim is Claim.TAKE_OVER or self._unsure:
            self._learn_periods(pipeline)
        began, wall = self._elapsed(), now()
        due = [job for job in self.get_jobs() if self._due.get(job.name, began) <= began]
        pipeline.multi()
        scheduling.keep(pipeline, self.name)
        for job in due:
            queue = Queue(job.queue_name, connection=self.connection)
            queue.enqueue(job.func_name, args=job.args, kwargs=job.kwargs, pipeline=pipeline, **job.job_options)
            scheduling.started(pipeline, job.name, job.interval or 0)
        gauges.take(pipeline)
        self._unsure = True
        *_, sample = pipeline.execute()
        self._unsure = False
        for job in due:
            job.set_enqueue_time(wall)  # what RQ shows of it; nothing is decided by it
            self._due[job.name] = began + (job.interval or 0)
        self._show(acts=True)
        gauges.send(sample)
        return due

    def _learn_periods(self, pipeline: Pipeline) -> None:
        """Go on where the last scheduler stopped. If Redis has lost that, this one's own periods count."""
        began = self._elapsed()
        for job in self.get_jobs():
            left = scheduling.period_left(pipeline, job.name, job.interval or 0)
            if left is not None:
                self._due[job.name] = began + left

    def _show(self, *, acts: bool) -> None:
        if acts != self._acts:
            self._acts = acts
            log.info("this scheduler acts" if acts else "another scheduler acts", scheduler=self.name)

    def calculate_sleep_interval(self) -> float:
        """Seconds until the next period is over or the lease needs attention."""
        if not self._acts:
            return self._look_again
        next_due = min(self._due.values(), default=0.0) - self._elapsed()
        return max(min(next_due, BEAT_SECONDS), 0.0)

    def _request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Stop now, or with the next turn: redis-py's own metrics swallow what a signal handler raises inside them."""
        self._stops = True
        super()._request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ's

    def register_death(self, pipeline: Pipeline | None = None) -> None:
        """Leave the lease to another scheduler at once."""
        try:
            scheduling.release(self.connection, self.name)
        except WatchError:
            log.info("another scheduler has already taken over", scheduler=self.name)
        super().register_death(pipeline)


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
    settings = load_settings()
    configure_logging(settings)
    logging.getLogger("rq").setLevel(logging.WARNING)
    emitter.install(Emitter(settings.statsd_host, settings.statsd_port))
    scheduler = SteadyScheduler(patient_connection(REDIS_SECONDS))
    register_all(scheduler)
    with suppress(StopRequested):  # RQ lets it through if it comes while the scheduler still registers
        scheduler.start()  # type: ignore[no-untyped-call]  # RQ leaves it without types


if __name__ == "__main__":
    main()
