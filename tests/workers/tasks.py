"""Jobs that only tests run, by a real worker."""

from __future__ import annotations

import os
import signal
import time

AT_LEAST = 0.2
"""Seconds that a job that says it is at work has worked."""


def works_long() -> None:
    """Say so in Redis, once it has worked for a while."""
    from app import queue

    time.sleep(AT_LEAST)
    queue.connection().set("tests:at_work", 1)
    time.sleep(60)


def works_until_told() -> None:
    """Say so in Redis, wait for a word, and say that it is done."""
    from app import queue

    queue.connection().rpush("tests:told_at_work", 1)
    while not queue.connection().lpop("tests:go_on"):
        time.sleep(0.02)
    queue.connection().rpush("tests:done", 1)


def goes_wrong() -> None:
    raise RuntimeError("as it was meant to")


def goes_well() -> None:
    from app.instrumentation import record_heartbeat

    record_heartbeat()


def runs_too_long() -> None:
    time.sleep(60)


def hides_its_time_out() -> None:
    try:
        time.sleep(60)
    except Exception as error:
        raise ValueError("the connector did not answer") from error


def goes_wrong_each_time() -> None:
    raise RuntimeError("as it was meant to")


def is_killed_each_time() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def goes_well_the_second_time() -> None:
    """What it did before is in Redis, as no memory of the work-horse stays."""
    from app import queue

    if queue.connection().incr("tests:tries") < 2:
        raise RuntimeError("as it was meant to")


def says_how_nice_it_is() -> None:
    from app import queue

    queue.connection().rpush("tests:niceness", os.nice(0))
