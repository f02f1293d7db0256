"""Which of several schedulers acts: a lease in Redis, which the transaction that enqueues jobs checks and renews.

The lease ends by Redis' own clock, and no process compares its clock with another's. A scheduler that was paused, or
that Redis could not hear, cannot enqueue with a lease that has ended: its transaction fails. See docs/adr/0018.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from redis import Redis
from redis.client import Pipeline
from rq.utils import as_text

LEASE_SECONDS = 1.5
"""A lease that is not renewed ends after this time. With one beat, it is not longer than the shortest period."""
BEAT_SECONDS = 0.5
"""At least so often the acting scheduler renews its lease, and the others look whether it has ended."""
ALIVE_SECONDS = 5.0
"""A scheduler that was not heard of for this long is gone or paused."""
_ACTING = "eucora:scheduler:acting"
_LAST = "eucora:scheduler:last"
_ALIVE = "eucora:scheduler:alive:"
_STARTED = "eucora:scheduler:started:"


class Claim(Enum):
    """What a scheduler may do: stand by, act as it did before, or act after another one, or the first time."""

    STAND_BY = auto()
    GO_ON = auto()
    TAKE_OVER = auto()


@dataclass(frozen=True)
class Schedulers:
    """The schedulers that there are, by name."""

    acting: str | None
    standing_by: tuple[str, ...]


def claim(pipeline: Pipeline, name: str) -> Claim:
    """What the scheduler `name` may do. From now on, `pipeline` watches the lease, which fences its transaction."""
    pipeline.watch(_ACTING)  # type: ignore[no-untyped-call]  # redis leaves it without types
    holder = _text(pipeline.get(_ACTING))
    if holder not in (None, name):
        pipeline.set(_ALIVE + name, "", px=_milliseconds(ALIVE_SECONDS))
        return Claim.STAND_BY
    return Claim.GO_ON if _text(pipeline.get(_LAST)) == name else Claim.TAKE_OVER


def lease_left(pipeline: Pipeline) -> float:
    """Seconds until another scheduler's lease ends. One that ends too late shows that Redis' clock was set back."""
    left = int(pipeline.pttl(_ACTING))
    if left == -1 or left > _milliseconds(LEASE_SECONDS):
        pipeline.pexpire(_ACTING, _milliseconds(LEASE_SECONDS))
        return LEASE_SECONDS
    return max(left, 0) / 1_000


def keep(pipeline: Pipeline, name: str) -> None:
    """As a part of the transaction that acts: take the lease, or renew it."""
    pipeline.set(_ACTING, name, px=_milliseconds(LEASE_SECONDS))
    pipeline.set(_LAST, name)
    pipeline.set(_ALIVE + name, "", px=_milliseconds(ALIVE_SECONDS))


def release(redis: Redis, name: str) -> None:
    """End the lease of a scheduler that stops, if it is still its own."""
    with redis.pipeline() as pipeline:
        pipeline.watch(_ACTING)  # type: ignore[no-untyped-call]  # as above
        ours = _text(pipeline.get(_ACTING)) == name
        pipeline.multi()
        pipeline.delete(_ALIVE + name, *([_ACTING] if ours else []))
        pipeline.execute()


def started(pipeline: Pipeline, job: str, period: float) -> None:
    """As a part of the transaction that enqueues a periodic job: note that its period begins."""
    pipeline.set(_STARTED + job, "", px=_milliseconds(period))


def period_left(pipeline: Pipeline, job: str, period: float) -> float | None:
    """Seconds until a periodic job is due again, by what a scheduler noted; None if it is due, or nobody noted it."""
    left = int(pipeline.pttl(_STARTED + job))
    return min(left / 1_000, period) if left >= 0 else None


def schedulers(redis: Redis) -> Schedulers:
    """The acting scheduler, and those that would take over."""
    acting = _text(redis.get(_ACTING))
    alive = {str(as_text(key)).removeprefix(_ALIVE) for key in redis.scan_iter(match=f"{_ALIVE}*", count=1_000)}
    return Schedulers(acting, tuple(sorted(alive - {acting})))


def _text(value: bytes | str | None) -> str | None:
    return None if value is None else as_text(value)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1_000)
