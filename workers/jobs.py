"""The functions that RQ calls, `workers.jobs.<name>`: one for each job of `app/queue.py`.

All of them are imported at once, so that a work-horse forks with every job's code already loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import import_module

from app.queue import Job

JobFunction = Callable[..., object]


def function_of(job: Job) -> JobFunction:
    """The function of a job, under the job's own name in this module. It passes on ids and returns nothing."""
    module, _, name = job.does.rpartition(".")
    does: JobFunction = getattr(import_module(module), name)

    @wraps(does)
    def run(*ids: int) -> None:
        does(*ids)

    run.__module__, run.__name__, run.__qualname__ = __name__, job.value, job.value
    return run


globals().update({job.value: function_of(job) for job in Job})
