"""Health of a container that listens on no port: `python -m ops.compose.alive worker|scheduler`.

Healthy means: Redis knows a worker or scheduler of this host's name, and its last heartbeat is recent.
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
    # An idle worker gives a sign of life only when it stops waiting for a job, every 405 s at the latest.
    "worker": (lambda redis: Worker.all(connection=redis), timedelta(seconds=450)),
    "scheduler": (lambda redis: CronScheduler.all(redis), timedelta(seconds=30)),
}


def trouble(kind: str, redis: Redis, host: str, now: datetime) -> str | None:
    """Say what is wrong with this host's worker or scheduler; None if nothing is."""
    members, longest_silence = MEMBERS[kind]
    try:
        heard = [member.last_heartbeat for member in members(redis) if member.hostname == host]
    except RedisError as error:
        return f"Redis does not answer: {error}"
    newest = max((at for at in heard if at is not None), default=None)
    if newest is None:
        return f"Redis knows no {kind} on {host}"
    if now - newest > longest_silence:
        return f"the {kind} on {host} has been silent since {newest:%H:%M:%S} UTC"
    return None


def main() -> int:
    """Check and say what is wrong; the exit code is 0 if nothing is."""
    if sys.argv[1:] not in [[kind] for kind in MEMBERS]:
        print(f"usage: python -m ops.compose.alive {'|'.join(MEMBERS)}", file=sys.stderr)
        return 2
    found = trouble(sys.argv[1], connection(), socket.gethostname(), datetime.now(UTC))
    if found:
        print(found, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
