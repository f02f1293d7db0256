"""The cost of metrics for a request with ten measures, relative to one bare send of the StatsD client."""

from __future__ import annotations

import socket
import time
import timeit
from collections.abc import Callable
from typing import Protocol

from statsd import StatsClient

from app.metrics import catalogue as m, emitter
from app.metrics.emitter import Batch, Emitter
from app.metrics.projection import Measure

CALLS, REPEATS = 5_000, 9


class Seams(Protocol):
    """The points at which a request or a job is measured; each is one call."""

    def begin(self) -> None: ...
    def statement(self, milliseconds: float) -> None: ...
    def checkout(self) -> None: ...
    def event(self) -> None: ...
    def request_ends(self, milliseconds: float) -> None: ...
    def job_begins(self, waited: float) -> None: ...
    def job_ends(self, milliseconds: float) -> None: ...


class Off:
    """Measures nothing, so only the calls remain."""

    def begin(self) -> None: ...
    def statement(self, milliseconds: float) -> None: ...
    def checkout(self) -> None: ...
    def event(self) -> None: ...
    def request_ends(self, milliseconds: float) -> None: ...
    def job_begins(self, waited: float) -> None: ...
    def job_ends(self, milliseconds: float) -> None: ...


class Ours:
    """Does what `app/instrumentation.py` does at each seam, and the projection for each event."""

    SELECT, SIZE, CHECKED_OUT = m.DB_QUERY(verb="select"), m.DB_POOL_SIZE(), m.DB_POOL_CHECKED_OUT()
    REQUEST = m.HTTP_REQUEST(endpoint="deployments.show", method="GET", status_class="2xx")
    batch: Batch

    def begin(self) -> None:
        self.batch = emitter.batch()
        self.batch.__enter__()

    def statement(self, milliseconds: float) -> None:
        emitter.emit_time(self.SELECT, milliseconds)

    def checkout(self) -> None:
        emitter.emit_peak(self.SIZE, 8)
        emitter.emit_peak(self.CHECKED_OUT, 1)

    def event(self) -> None:
        emitter.emit(
            Measure(m.REPORT_TOTAL, m.REPORT_TOTAL(result="received"), 100),
            Measure(m.REPORT_TOTAL, m.REPORT_TOTAL(result="duplicate"), 3),
            Measure(m.GATE_VERDICT, m.GATE_VERDICT(ring="lab", verdict="pass"), 1),
        )

    def request_ends(self, milliseconds: float) -> None:
        self.batch.time(self.REQUEST, milliseconds)
        self.batch.__exit__(None, None, None)

    def job_begins(self, waited: float) -> None:
        self.begin()
        emitter.emit(Measure(m.JOB_WAIT, m.JOB_WAIT(queue="bulk"), waited))

    def job_ends(self, milliseconds: float) -> None:
        emitter.emit(Measure(m.JOB_DURATION, m.JOB_DURATION(job="collect", outcome="ok"), milliseconds))
        self.batch.__exit__(None, None, None)


def request(seams: Seams) -> None:
    """Ten measures: four statements, two samples of the pool, three counters, the request itself."""
    seams.begin()
    seams.checkout()
    for _ in range(4):
        seams.statement(1.234)
    seams.event()
    seams.request_ends(5.5)


def job(seams: Seams) -> None:
    """Ten measures: the wait, three statements, two samples of the pool, three counters, the job itself."""
    seams.job_begins(12.5)
    seams.checkout()
    for _ in range(3):
        seams.statement(1.234)
    seams.event()
    seams.job_ends(55.5)


def measure() -> list[tuple[str, str, str]]:
    """The figures as (what, measured, goal)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        port = receiver.getsockname()[1]
        client = StatsClient("127.0.0.1", port, prefix="eucora")
        emitter.install(Emitter("127.0.0.1", port))
        ours = Ours()
        with_ten, bare = fastest(lambda: request(ours), lambda: client.incr("bench"))
    return [
        (
            "metrics of a request with ten measures, relative to one bare send of a counter",
            f"{with_ten / bare:.1f} × ({with_ten:.1f} µs, {bare:.1f} µs)",
            "≤ 3 ×",
        ),
    ]


def fastest(*actions: Callable[[], object]) -> list[float]:
    """Microseconds of processor time per call of each action, in turns; the best repetition: other load only adds."""
    taken = [
        [timeit.timeit(action, timer=time.process_time, number=CALLS) for action in actions] for _ in range(REPEATS)
    ]
    return [min(of_one) / CALLS * 1e6 for of_one in zip(*taken, strict=True)]
