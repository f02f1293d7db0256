"""The RQ worker: each job runs in a forked work-horse, with its own app context and its own batch of metrics."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import Any

from flask import Flask
from redis import Redis
from redis.client import Pipeline
from rq import Queue, Worker, worker_registration
from rq.job import Job as RQJob
from rq.timeouts import JobTimeoutException

from app import queue
from app.db import db
from app.factory import create_app
from app.instrumentation import MeasuredJob, measured_job, record_job, record_retry
from app.metrics import emitter
from app.queue import QueueName
from workers import jobs as _preloaded  # noqa: F401  # a work-horse forks with every job's code already imported

IDLE_SECONDS = 30
"""How long an idle worker waits for a job before it sends another heartbeat; a busy one sends its own as often."""
YIELDS = 10
"""The niceness of work on drift, which must not take the processor away from rollouts."""


class ControlPlaneWorker(Worker):
    """An RQ worker for one Flask application."""

    max_connection_wait_time = 2.0
    """Seconds between attempts to reach Redis; RQ's default of a minute would hold rollouts up too long."""
    log_result_lifespan = False
    app: Flask
    measured: MeasuredJob | None = None
    """The current job, in its work-horse."""

    def __init__(self, queues: Sequence[Queue], connection: Redis) -> None:
        super().__init__(queues, connection=connection, worker_ttl=IDLE_SECONDS + 15)  # RQ waits 15 s less

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Send a heartbeat and register again: RQ registers a worker once, and Redis may have lost everything since."""
        super().heartbeat(timeout, pipeline=pipeline)
        (pipeline if pipeline is not None else self.connection).hset(self.key, mapping=self.serialize())
        worker_registration.register(self, pipeline)

    def perform_job(self, job: RQJob, queue: Queue, execution: Any) -> bool:
        """Run a job in the work-horse, which first drops the connections it inherited."""
        _leave_inherited(self.app)
        if queue.name == QueueName.DRIFT:
            os.nice(YIELDS)  # only this work-horse, which ends with the job
        with self.app.app_context(), measured_job(_name(job), queue.name, job.id, job.enqueued_at) as self.measured:
            succeeded = super().perform_job(job, queue, execution)
            if succeeded:
                self.measured.outcome = "ok"
        return succeeded

    def handle_exception(self, job: RQJob, *exc_info: Any) -> None:
        """Recognize a time-out: RQ raises it inside the job, which may have wrapped it in an error of its own."""
        if self.measured is not None and _ran_too_long(exc_info[1]):
            self.measured.outcome = "timeout"
        super().handle_exception(job, *exc_info)

    def handle_job_failure(self, job: RQJob, queue: Queue, *args: Any, **more: Any) -> None:
        """Count retries. Called in the work-horse or, if that was killed, in its parent."""
        left = job.retries_left
        super().handle_job_failure(job, queue, *args, **more)
        if job.retries_left != left:
            record_retry(_name(job))

    def _shutdown(self) -> None:
        """Stop now if idle, else after the job. See `SteadyScheduler._request_stop` for why this is noted first."""
        self._stop_requested = True
        super()._shutdown()  # type: ignore[no-untyped-call]  # RQ's

    def monitor_work_horse(self, job: RQJob, queue: Queue, execution: Any) -> None:
        """Resolve StatsD's address for the next work-horse while this one runs."""
        emitter.refresh()
        super().monitor_work_horse(job, queue, execution)

    def handle_work_horse_killed(self, job: RQJob, retpid: int, ret_val: int, rusage: Any) -> None:
        """Record how a job ended whose work-horse was killed and can no longer do so itself."""
        super().handle_work_horse_killed(job, retpid, ret_val, rusage)  # type: ignore[no-untyped-call]  # RQ's
        seconds = (job.ended_at - job.started_at).total_seconds() if job.ended_at and job.started_at else 0.0
        # RQ kills a work-horse that ignores its time-out.
        record_job(_name(job), "timeout" if job.timeout and seconds > job.timeout else "killed", seconds)


def _ran_too_long(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, JobTimeoutException):
        error = error.__cause__ or error.__context__
    return error is not None


def _name(job: RQJob) -> str:
    return (job.func_name or "unknown").rsplit(".", 1)[-1]


def _leave_inherited(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose(close=False)
    queue.forget_connection()
    emitter.after_fork(keep_socket=True)  # a worker has one work-horse at a time


def main(names: Sequence[str]) -> None:
    """Work on these queues, in order of priority, until stopped; without names, on all of them."""
    queue_names = [QueueName(name) for name in names] or list(QueueName)
    ControlPlaneWorker.app = create_app()
    emitter.refresh()
    connection = queue.patient_connection()
    queues = [Queue(name.value, connection=connection) for name in queue_names]
    gc.collect()
    gc.freeze()  # a work-horse's garbage collection then skips inherited objects, so their pages stay shared
    ControlPlaneWorker(queues, connection=connection).work(logging_level="WARNING")


if __name__ == "__main__":
    main(sys.argv[1:])
