"""When devices asked last: noted in memory, and written for many of them at once, at the latest a few seconds later.

So a poll writes nothing. A process that is killed loses the last seconds of notes; the next poll brings them back.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock, Timer

import structlog
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.connectors.pull.models import PullDevice
from app.db import array_literal

EVERY = timedelta(seconds=60)
"""How exact the time is."""
FLUSH_SECONDS = 5.0
MOST = 1_000
_MOST_KNOWN = 200_000

log = structlog.get_logger()
_WRITE = text(f"""
    INSERT INTO {PullDevice.__tablename__} AS known (connector, external_id, first_seen_at, seen_at)
    SELECT connector, device, at, at
      FROM unnest(CAST(:connectors AS text[]), CAST(:devices AS text[]), CAST(:times AS timestamptz[]))
           AS seen(connector, device, at)
     ORDER BY 1, 2
    ON CONFLICT (connector, external_id) DO UPDATE SET seen_at = greatest(known.seen_at, excluded.seen_at)
""")
Device = tuple[str, str]


class Seen:
    """The notes of this process."""

    def __init__(self) -> None:
        self._noted: dict[Device, datetime] = {}
        self._known: dict[Device, datetime] = {}
        self._lock = Lock()
        self._timer: Timer | None = None

    def note(self, engine: Engine, connector: str, external_id: str, now: datetime) -> None:
        """Note that a device asked, unless that was noted a moment ago."""
        device = (connector, external_id)
        known = self._known.get(device)
        if known is not None and abs(now - known) < EVERY:
            return
        with self._lock:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[device] = self._noted[device] = now
            is_full = len(self._noted) >= MOST
            if self._timer is None:
                self._timer = Timer(FLUSH_SECONDS, self.flush, (engine,))
                self._timer.daemon = True
                self._timer.start()
        if is_full:
            self.flush(engine)

    def flush(self, engine: Engine) -> None:
        """Write what was noted."""
        with self._lock:
            noted, self._noted = self._noted, {}
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
        if not noted:
            return
        connectors, devices = zip(*noted, strict=True)
        parameters = {
            "connectors": array_literal(connectors),
            "devices": array_literal(devices),
            "times": array_literal([at.isoformat() for at in noted.values()]),
        }
        try:
            with engine.begin() as connection:
                connection.execute(_WRITE, parameters)
        except SQLAlchemyError:
            log.warning("when devices asked last was not written", devices=len(noted), exc_info=True)


seen = Seen()
"""Of this process."""
