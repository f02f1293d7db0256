"""Health check of a container that listens on no port: `python -m ops.compose.alive worker|scheduler`.

It is healthy if a worker or scheduler with this host's name is registered in Redis and its last heartbeat is recent.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from rq.cron import CronScheduler
from rq.worker import BaseWorker

from app.queue import connection

Member = BaseWorker | CronScheduler
MEMBERS: dict[str, tuple[Callable[[Redis], Sequence[Member]], timedelta]] = {
    # An idle worker sends a heartbeat only when it stops waiting for a job, every 405 s at the latest.
    "worker": (lambda redis: Worker.all(connection=redis), timedelta(seconds=450)),
    "scheduler": (lambda redis: CronScheduler.all(redis), timedelta(seconds=30)),
}


def problem(kind: str, redis: Redis, host: str, now: datetime) -> str | None:
    """Return what is wrong with this host's worker or scheduler, None if it is healthy."""
    members, longest_silence = MEMBERS[kind]
    try:
        heartbeats = [member.last_heartbeat for member in members(redis) if member.hostname == host]
    except RedisError as error:
        return f"Redis does not respond: {error}"
    newest = max((at for at in heartbeats if at is not None), default=None)
    if newest is None:
        return f"no {kind} on {host} is registered in Redis"
    if now - newest > longest_silence:
        return f"the last heartbeat of the {kind} on {host} was at {newest:%H:%M:%S} UTC"
    return None


def main() -> int:
    """Print what is wrong. The exit code is 0 if the container is healthy."""
    if sys.argv[1:] not in [[kind] for kind in MEMBERS]:
        print(f"usage: python -m ops.compose.alive {'|'.join(MEMBERS)}", file=sys.stderr)
        return 2
    fault = problem(sys.argv[1], connection(), socket.gethostname(), datetime.now(UTC))
    if fault:
        print(fault, file=sys.stderr)
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main())
