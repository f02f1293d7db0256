"""When tokens were last used: noted in Redis at most once a minute for each, and written to the database by a job.

A request never writes a row for this, and never waits for Redis longer than once a minute. If Redis does not respond
or loses its data, the last minutes are missing; nothing decides by them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import structlog
from redis.exceptions import RedisError
from rq.utils import as_text
from sqlalchemy import text

from app.db import array_literal
from app.events.unit import SYSTEM, unit_of_work
from app.queue import connection

EVERY = timedelta(seconds=60)
_USED = "eucora:tokens:used"
_MOST = 10_000

log = structlog.get_logger()
_noted: dict[int, datetime] = {}
_WRITE = text("""
    UPDATE tokens SET last_used_at = used.at
      FROM unnest(CAST(:ids AS bigint[]), CAST(:times AS timestamptz[])) AS used(id, at)
     WHERE tokens.id = used.id AND (tokens.last_used_at IS NULL OR tokens.last_used_at < used.at)
""")


def note(token_id: int, written_at: datetime | None, now: datetime) -> None:
    """Note that a token was used, unless its use was noted or written less than a minute ago."""
    if any(at is not None and abs(now - at) < EVERY for at in (written_at, _noted.get(token_id))):
        return
    if len(_noted) >= _MOST:
        _noted.clear()
    _noted[token_id] = now  # also if Redis does not respond: the next attempt is a minute away
    try:
        connection().hset(_USED, str(token_id), now.timestamp())
    except RedisError:
        log.info("use of a token not noted, redis does not respond", token_id=token_id)


def write() -> None:
    """Write what was noted since the last time, in one statement."""
    with connection().pipeline() as pipeline:
        pipeline.hgetall(_USED)
        pipeline.delete(_USED)
        used, _ = pipeline.execute()
    if not used:
        return
    times = [datetime.fromtimestamp(float(at), UTC).isoformat() for at in used.values()]
    with unit_of_work(SYSTEM) as unit:
        ids = array_literal([as_text(id) for id in used])
        unit.session.execute(_WRITE, {"ids": ids, "times": array_literal(times)})
