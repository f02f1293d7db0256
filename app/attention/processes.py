"""What Redis knows: queues without workers or behind, and whether a scheduler runs. Redis down is an item too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from redis.exceptions import RedisError

from app import queue, scheduling
from app.attention.items import Item, Kind, Listing, Turn
from app.deployments.rules import outlook
from app.identity.roles import Role
from app.queue import ROLLOUTS, QueueName

DOCTOR = "`flask doctor` says what to do"


@dataclass(frozen=True)
class Processes:
    """What needs a person, and the queues of rollouts that are behind."""

    listing: Listing
    behind: Mapping[QueueName, float] = field(default_factory=dict)


def look(now: datetime) -> Processes:
    """Ask Redis, which has half a second for each answer."""
    try:
        redis = queue.connection()
        waits = queue.behind(queue.waiting_seconds(redis, now))
        served = queue.served(redis, now)
        schedulers = scheduling.schedulers(redis)
    except RedisError:
        return Processes(_listing([_item("Redis", f"it does not respond; jobs wait, and nothing is lost: {DOCTOR}")]))
    items = []
    if schedulers.acting is None and not schedulers.standing_by:
        items.append(_item("scheduler", f"none is running, so rollouts make no progress: {DOCTOR}"))
    unserved = [name for name, workers in served.items() if not workers]
    if unserved:
        what = "rollouts make no progress" if set(unserved) & set(ROLLOUTS) else "drift waits"
        items.append(_item("workers", f"no worker serves the queue {' or '.join(unserved)}, so {what}: {DOCTOR}"))
    for name in waits:
        if name not in unserved:
            items.append(_item(f"queue {name}", outlook.behind(name, waits[name]).reason))
    return Processes(_listing(items), {name: seconds for name, seconds in waits.items() if name in ROLLOUTS})


def _item(title: str, reason: str) -> Item:
    turn, page = Turn(Role.OPERATOR, "whoever runs the hosts"), "/dashboards/eucora-jobs"
    return Item(kind=Kind.PROCESS, title=title, reason=reason, since=None, turn=turn, call=None, page=page)


def _listing(items: list[Item]) -> Listing:
    return Listing(Kind.PROCESS, len(items), items, None)
