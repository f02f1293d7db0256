"""What StatsD was sent, read back from Graphite, with StatsD's flushes as the measure of time."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Mapping

from app.metrics.catalogue import PREFIX
from app.metrics.reading.graphite import Graphite
from tests.support.waiting import eventually, settled

_NAME = f"{PREFIX}.test.flush"
_number = itertools.count(1)


class Seen:
    """What series add up to in Graphite from here on: what StatsD was sent before does not count."""

    def __init__(self, graphite: Graphite, statsd_port: int) -> None:
        self.graphite, self._port = graphite, statsd_port
        self.before = self.flush()
        """The epoch second after which this begins."""

    def flush(self) -> int:
        """Return once Graphite shows what StatsD has been sent so far; the epoch second of StatsD's last flush."""
        number, began = next(_number), int(time.time()) - 2
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(f"{_NAME}:{number}|g".encode(), ("127.0.0.1", self._port))

        def at() -> int | None:
            found = self.graphite.render([f"stats.gauges.{_NAME}"], began, int(time.time()) + 2)
            return next((at for series in found for value, at in series.points if value == number), None)

        return eventually(at, "StatsD does not flush") or 0

    def totals(self, *series: str) -> dict[str, float]:
        """The sum of each series so far."""
        return self.graphite.totals(series, self.before, int(time.time()) + 2)

    def finally_(self, wanted: Mapping[str, float]) -> dict[str, float]:
        """The sums as soon as they are what is wanted, and once more a flush later: nothing may come twice."""
        settled(lambda: self.totals(*wanted), dict(wanted))
        self.flush()
        return self.totals(*wanted)
