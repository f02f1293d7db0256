"""What metrics cost a request of ten measures, beside one bare send of the StatsD client, in the same run."""

from __future__ import annotations

import socket
import timeit
from collections.abc import Callable

from statsd import StatsClient

from app.metrics import catalogue as m, emitter
from app.metrics.emitter import Emitter
from app.metrics.projection import Measure

CALLS, REPEATS = 5_000, 9


def measure() -> list[tuple[str, str, str]]:
    """The figures as (what, measured, goal)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        port = receiver.getsockname()[1]
        client = StatsClient("127.0.0.1", port, prefix="eucora")
        emitter.install(Emitter("127.0.0.1", port))
        request, bare = _fastest(_request), _fastest(lambda: client.incr("bench"))
    return [
        ("metrics of a request with ten measures, one datagram", f"{request:.1f} µs", "≤ 10 µs"),
        ("the same, in bare sends of one counter", f"{request / bare:.1f} ×", "≤ 8 ×"),
    ]


def _request() -> None:
    with emitter.batch():
        for _ in range(4):
            emitter.emit(Measure(m.DB_QUERY, m.DB_QUERY(verb="select"), 1.234))
        emitter.emit(
            Measure(m.DB_POOL_SIZE, m.DB_POOL_SIZE(), 8), Measure(m.DB_POOL_CHECKED_OUT, m.DB_POOL_CHECKED_OUT(), 1)
        )
        emitter.emit(Measure(m.REPORT_TOTAL, m.REPORT_TOTAL(result="received"), 100))
        emitter.emit(Measure(m.REPORT_TOTAL, m.REPORT_TOTAL(result="received"), 100))
        emitter.emit(Measure(m.GATE_VERDICT, m.GATE_VERDICT(ring="lab", verdict="pass"), 1))
        path = m.HTTP_REQUEST(endpoint="deployments.show", method="GET", status_class="2xx")
        emitter.emit(Measure(m.HTTP_REQUEST, path, 5.5))


def _fastest(action: Callable[[], None]) -> float:
    """Microseconds of one call, from the best repetition: what others do on the machine only adds."""
    return min(timeit.repeat(action, number=CALLS, repeat=REPEATS)) / CALLS * 1e6
