"""How measures are folded and packed: one datagram, more only when it must; read back from a real StatsD."""

from __future__ import annotations

import contextvars

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from app.metrics import catalogue as m, emitter
from app.metrics.emitter import MAX_DATAGRAM, Emitter
from app.metrics.projection import Measure
from tests.support.graphite import Seen
from tests.support.statsd import Receiver
from tests.support.threads import together
from tests.support.waiting import settled


def received(count: int = 1) -> Measure:
    return Measure(m.REPORT_TOTAL, m.REPORT_TOTAL(result="received"), count)


def dispatched(connector: str, count: int = 1) -> Measure:
    return Measure(m.DISPATCH_TOTAL, m.DISPATCH_TOTAL(ring="lab", connector=connector), count)


def waited(milliseconds: float) -> Measure:
    return Measure(m.JOB_WAIT, m.JOB_WAIT(queue="bulk"), milliseconds)


def test_a_small_batch_is_one_datagram_with_its_counters_folded(installed: Emitter, receiver: Receiver) -> None:
    with emitter.batch():
        for _ in range(10):
            emitter.emit(received(2), dispatched("jamf"))
        emitter.emit(waited(1.5), waited(2.5))
        depth = m.QUEUE_DEPTH(queue="bulk")
        emitter.emit(Measure(m.QUEUE_DEPTH, depth, 7), Measure(m.QUEUE_DEPTH, depth, 3))
    assert sorted(receiver.lines(4)) == [
        "eucora.dispatch.lab.jamf:10|c",
        "eucora.job.wait.bulk:1.500|ms:2.500|ms",
        "eucora.queue.depth.bulk:3|g",
        "eucora.report.received:20|c",
    ]
    assert len(receiver.datagrams) == 1


def test_a_large_batch_is_packed_into_datagrams_that_fit(installed: Emitter, receiver: Receiver) -> None:
    with emitter.batch():
        for number in range(500):
            emitter.emit(dispatched(f"connector-{number}", number + 1))
    lines = receiver.lines(500)
    assert len(lines) == 500
    assert all(len(datagram) <= MAX_DATAGRAM for datagram in receiver.datagrams)
    assert len(receiver.datagrams) <= 1 + sum(len(line) + 1 for line in lines) // (MAX_DATAGRAM - 64)
    assert receiver.counters(500).total() == 500 * 501 // 2


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.text(max_size=80), min_size=1, max_size=5))
def test_no_text_raises_and_each_is_one_clean_node(installed: Emitter, receiver: Receiver, names: list[str]) -> None:
    receiver.forget()
    with emitter.batch():
        emitter.emit(*(dispatched(name) for name in names))
    for line in receiver.lines(len({m.label(name) for name in names})):
        path, _, value = line.partition(":")
        assert len(path.split(".")) == 4
        assert value.endswith("|c")
        assert line.isascii()


def test_threads_lose_nothing(installed: Emitter, receiver: Receiver) -> None:
    def work(number: int) -> None:
        for _ in range(12):  # no more than a receive buffer takes
            with emitter.batch():
                emitter.emit(received(), dispatched(f"thread-{number}"))
            emitter.emit(received())

    together(*[lambda number=number: work(number) for number in range(8)])
    counted = receiver.counters(8 * 12 * 3)
    assert counted["report.received"] == 8 * 12 * 2
    assert all(counted[f"dispatch.lab.thread-{number}"] == 12 for number in range(8))


def test_a_batch_leaves_though_its_block_raises(installed: Emitter, receiver: Receiver) -> None:
    def view() -> None:
        with emitter.batch():
            emitter.emit(received())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        view()
    assert receiver.counters() == {"report.received": 1}
    assert emitter.current() is None


def test_a_batch_is_sent_once(installed: Emitter, receiver: Receiver) -> None:
    with emitter.batch():
        emitter.emit(received())
        emitter.flush()
        emitter.emit(dispatched("jamf"))
    assert receiver.counters(2) == {"report.received": 1, "dispatch.lab.jamf": 1}


def test_without_a_batch_a_measure_leaves_at_once(installed: Emitter, receiver: Receiver) -> None:
    emitter.emit(received())
    assert receiver.lines() == ["eucora.report.received:1|c"]


def test_an_empty_batch_sends_nothing(installed: Emitter, receiver: Receiver) -> None:
    with emitter.batch():
        pass
    assert receiver.lines(1, seconds=0.2) == []


def test_many_times_of_one_path_are_split_where_a_datagram_is_full(installed: Emitter, receiver: Receiver) -> None:
    times = [number + 0.25 for number in range(1_000)]
    with emitter.batch():
        emitter.emit(received(7), *(waited(time) for time in times))

    def found() -> list[float]:
        return [
            float(value.removesuffix("|ms"))
            for line in receiver.lines(len(receiver.datagrams) + 2, seconds=0.1)
            if line.startswith("eucora.job.wait.bulk:")
            for value in line.split(":")[1:]
        ]

    assert settled(found, times) == times
    size = sum(len(datagram) for datagram in receiver.datagrams)
    assert all(len(datagram) <= MAX_DATAGRAM for datagram in receiver.datagrams)
    assert len(receiver.datagrams) <= 1 + size // (MAX_DATAGRAM - 64)
    assert receiver.counters() == {"report.received": 7}


def test_of_a_level_only_the_highest_sample_leaves_and_only_at_the_end(installed: Emitter, receiver: Receiver) -> None:
    path = m.DB_POOL_CHECKED_OUT()
    with emitter.batch():
        emitter.emit_peak(path, 2)
        emitter.emit_peak(path, 5)
        emitter.emit(received())
        emitter.flush()  # as a commit in a long job does
        emitter.emit_peak(path, 3)
    emitter.emit_peak(path, 1)  # outside of a batch
    assert receiver.lines(3) == [
        "eucora.report.received:1|c",
        "eucora.db.pool.checked_out:5.000|ms",
        "eucora.db.pool.checked_out:1.000|ms",
    ]


def test_a_gauge_below_zero_is_set_and_not_changed(installed: Emitter, receiver: Receiver) -> None:
    depth = m.QUEUE_DEPTH(queue="bulk")
    emitter.emit(Measure(m.QUEUE_DEPTH, depth, -3), Measure(m.EVENT_HEAD, m.EVENT_HEAD(), 2**40))
    assert receiver.lines(2) == ["eucora.queue.depth.bulk:0|g:-3|g", f"eucora.event.head:{2**40}|g"]


def test_a_batch_in_a_batch_is_its_own(installed: Emitter, receiver: Receiver) -> None:
    with emitter.batch() as outer:
        emitter.emit(received())
        with emitter.batch():
            emitter.emit(dispatched("jamf"))
        assert emitter.current() is outer
    assert receiver.lines(2) == ["eucora.dispatch.lab.jamf:1|c", "eucora.report.received:1|c"]


def test_a_batch_may_end_in_another_context(installed: Emitter, receiver: Receiver) -> None:
    started = emitter.batch()
    contextvars.copy_context().run(started.__enter__)
    started.add([received()])
    started.__exit__(None, None, None)
    assert receiver.lines() == ["eucora.report.received:1|c"]
    assert emitter.current() is None


def test_statsd_reads_packed_lines(seen: Seen) -> None:
    """Through the real StatsD with our server module, into Graphite: each value of a line counts."""
    with emitter.batch():
        emitter.emit(*(waited(number) for number in range(1, 301)))  # more than one datagram
        emitter.emit_time(m.CONNECTOR_OPERATION(connector="packed", operation="publish", outcome="ok"), 7.5)
        emitter.emit_time(m.CONNECTOR_OPERATION(connector="packed", operation="publish", outcome="ok"), 2_000)
        emitter.emit(dispatched("packed", 3), dispatched("packed", 4))
    operation = {"connector": "packed", "operation": "publish", "outcome": "ok"}
    wanted = {
        m.JOB_WAIT.series("count", queue="bulk"): 300.0,
        m.JOB_WAIT.series("sum", queue="bulk"): 300 * 301 / 2,
        m.CONNECTOR_OPERATION.series("count", **operation): 2.0,
        m.CONNECTOR_OPERATION.series("sum", **operation): 2_007.5,
        m.CONNECTOR_OPERATION.series("histogram.bin_10", **operation): 1.0,
        m.DISPATCH_TOTAL.series("count", ring="lab", connector="packed"): 7.0,
    }
    assert seen.finally_(wanted) == wanted
