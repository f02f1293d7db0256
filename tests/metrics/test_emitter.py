"""The way out of the process: few datagrams, never an error, never a wait, and its own losses told."""

from __future__ import annotations

import os
import socket
import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from app.metrics import catalogue as m, emitter
from app.metrics.emitter import MAX_DATAGRAM, RESOLVE_EVERY, Batch, Emitter
from app.metrics.projection import Measure
from tests.metrics.conftest import Receiver


def received(count: int = 1) -> Measure:
    return Measure(m.REPORT_TOTAL, m.REPORT_TOTAL(result="received"), count)


def dispatched(connector: str, count: int = 1) -> Measure:
    return Measure(m.DISPATCH_TOTAL, m.DISPATCH_TOTAL(ring="lab", connector=connector), count)


def waited(milliseconds: float) -> Measure:
    return Measure(m.JOB_WAIT, m.JOB_WAIT(queue="bulk"), milliseconds)


def batch_of(*measures: Measure) -> Batch:
    batch = Batch()
    batch.add(measures)
    return batch


def test_a_small_batch_is_one_datagram_with_its_counters_folded(installed: Emitter, receiver: Receiver) -> None:
    with emitter.batch():
        for _ in range(10):
            emitter.emit(received(2), dispatched("jamf"))
        emitter.emit(waited(1.5), waited(2.5))
        depth = m.QUEUE_DEPTH(queue="bulk")
        emitter.emit(Measure(m.QUEUE_DEPTH, depth, 7), Measure(m.QUEUE_DEPTH, depth, 3))
    assert sorted(receiver.lines(5)) == [
        "eucora.dispatch.lab.jamf:10|c",
        "eucora.job.wait.bulk:1.500000|ms",
        "eucora.job.wait.bulk:2.500000|ms",
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


def test_a_path_that_cannot_be_sent_raises_nothing_and_is_told(installed: Emitter, receiver: Receiver) -> None:
    installed.send(batch_of(Measure(m.REPORT_TOTAL, "report.café", 1), received()))
    installed.send(batch_of(Measure(m.REPORT_TOTAL, "report.café", 1)))
    installed.send(batch_of(received()))
    assert receiver.counters(2) == {"emitter.dropped": 3, "report.received": 1}


def test_an_unresolvable_host_costs_no_time_and_is_made_up_for(receiver: Receiver) -> None:
    began = time.monotonic()
    unheard = Emitter("statsd.invalid", receiver.port)
    for _ in range(100):
        unheard.send(batch_of(received(), waited(1)))
    assert time.monotonic() - began < 0.5
    unheard.refresh()  # waits for the resolver that is at it
    unheard._host, unheard._resolved = "127.0.0.1", unheard._resolved - RESOLVE_EVERY
    unheard.send(batch_of(received()))
    assert receiver.counters(2) == {"emitter.dropped": 200, "report.received": 1}
    unheard.send(batch_of(received()))
    assert receiver.counters(3) == {"emitter.dropped": 200, "report.received": 2}


@pytest.mark.parametrize("host", ["", "a" * 80 + ".example", "no such host", "999.1.1.1"])
def test_a_nonsensical_host_raises_nothing(host: str) -> None:
    odd = Emitter(host, 8125)
    odd.refresh()
    odd.send(batch_of(received()))


def test_a_name_is_resolved_before_the_first_batch(receiver: Receiver) -> None:
    named = Emitter("localhost", receiver.port)
    named.refresh()
    named.send(batch_of(received()))
    assert receiver.counters() == {"report.received": 1}


def test_nothing_listening_costs_nothing() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    lonely = Emitter("127.0.0.1", port)
    began = time.monotonic()
    for _ in range(1_000):
        lonely.send(batch_of(received(), dispatched("jamf"), waited(3)))
    assert time.monotonic() - began < 1


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # the resolver's thread has ended, or is not ours
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_forked_child_sends_its_first_batch(host: str, receiver: Receiver, keep_emitter: None) -> None:
    emitter.install(Emitter(host, receiver.port))
    emitter.refresh()
    child = os.fork()
    if not child:
        emitter.after_fork()
        with emitter.batch():
            emitter.emit(received(5))
        os._exit(0)
    os.waitpid(child, 0)
    emitter.emit(received(2))
    assert receiver.counters(2) == {"report.received": 7}


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_forked_while_its_parent_resolves_can_resolve_too(receiver: Receiver, keep_emitter: None) -> None:
    parents = Emitter("127.0.0.1", receiver.port)
    emitter.install(parents)
    parents._client, parents._dropped = None, 9
    with parents._resolving:
        child = os.fork()
        if not child:
            emitter.after_fork()
            emitter.emit(received())
            os._exit(0)
    os.waitpid(child, 0)
    assert receiver.counters() == {"report.received": 1}  # the parent's losses are the parent's to tell


def test_threads_lose_nothing(installed: Emitter, receiver: Receiver) -> None:
    def work(number: int) -> None:
        for _ in range(12):  # no more than a receive buffer takes
            with emitter.batch():
                emitter.emit(received(), dispatched(f"thread-{number}"))
            emitter.emit(received())

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = receiver.counters(8 * 12 * 3)
    assert counted["report.received"] == 8 * 12 * 2
    assert all(counted[f"dispatch.lab.thread-{number}"] == 12 for number in range(8))


def test_threads_lose_no_count_of_what_was_dropped(receiver: Receiver) -> None:
    unheard = Emitter("statsd.invalid", receiver.port)
    unheard.refresh()

    def work() -> None:
        for _ in range(500):
            unheard.send(batch_of(received()))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert unheard._dropped == 4_000


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
