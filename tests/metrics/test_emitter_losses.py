"""Sending measures: never an error, never a wait, and losses are reported."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from math import inf, nan
from typing import Any

import pytest

from app.metrics import catalogue as m, emitter
from app.metrics.emitter import RESOLVE_EVERY, Batch, Emitter
from app.metrics.projection import Measure
from ops.local.ports import Ports
from ops.local.stack import Stack
from tests.support.graphite import Seen
from tests.support.ipv6 import needs_ipv6
from tests.support.statsd import Receiver
from tests.support.threads import together
from tests.support.waiting import PATIENCE


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


def test_a_path_that_cannot_be_sent_raises_nothing_and_is_reported(installed: Emitter, receiver: Receiver) -> None:
    installed.send(batch_of(Measure(m.REPORT_TOTAL, "report.café", 1), received()))
    installed.send(batch_of(Measure(m.REPORT_TOTAL, "report.café", 1)))
    installed.send(batch_of(received()))
    assert receiver.counters(3) == {"emitter.dropped": 2, "report.received": 2}


def test_an_unresolvable_host_costs_no_time_and_is_made_up_for(receiver: Receiver) -> None:
    unheard = Emitter("statsd.invalid", receiver.port)
    unheard.refresh()  # waits for the resolver that is at it

    def send() -> None:
        for _ in range(100):
            unheard.send(batch_of(received(), waited(1)))

    with unheard._resolving:  # as if the next one never had an answer
        unheard._resolved -= RESOLVE_EVERY
        together(send)
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


@needs_ipv6
def test_an_ipv6_address_is_sent_to_and_found_again_after_a_failure(keep_emitter: None) -> None:
    receiver = Receiver(address="::1")
    emitter.install(Emitter("::1", receiver.port))
    emitter.emit(received())
    emitter.after_fork()
    emitter.emit(received())
    emitter._emitter._resolved -= RESOLVE_EVERY  # type: ignore[union-attr]  # installed above
    emitter.emit(received())
    assert receiver.counters(3) == {"report.received": 3}
    receiver.close()


def test_nothing_listening_costs_nothing() -> None:
    lonely = Emitter("127.0.0.1", Ports.free().statsd)
    began = time.thread_time()
    for _ in range(1_000):
        lonely.send(batch_of(received(), dispatched("jamf"), waited(3)))
    assert time.thread_time() - began < 1


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
    assert receiver.counters() == {"report.received": 1}  # the parent reports its own losses


def test_threads_lose_no_count_of_what_was_dropped(receiver: Receiver) -> None:
    unheard = Emitter("statsd.invalid", receiver.port)
    unheard.refresh()

    def work() -> None:
        for _ in range(500):
            unheard.send(batch_of(received()))

    together(*[work] * 8)
    assert unheard._dropped == 4_000


def test_a_statsd_that_restarts_is_sent_to_again_and_what_it_missed_is_reported() -> None:
    """The kernel says that a port is closed with the next send, which then goes out all the same."""
    first = Receiver()
    sender = Emitter("127.0.0.1", first.port)
    sender.send(batch_of(received()))
    assert first.counters() == {"report.received": 1}
    first.close()
    for _ in range(5):
        sender.send(batch_of(received(), waited(1), waited(2)))
    again = Receiver(first.port)
    sender.send(batch_of(received(10)))  # learns that the fifth found nobody
    sender.send(batch_of(received(20)))
    assert again.counters(3) == {"report.received": 30, "emitter.dropped": 15}
    again.close()


def test_losses_that_no_statsd_received_are_reported_again() -> None:
    first = Receiver()
    sender = Emitter("127.0.0.1", first.port)
    first.close()
    sender.send(batch_of(Measure(m.REPORT_TOTAL, "report.café", 1), received()))
    sender.send(batch_of(received()))
    again = Receiver(first.port)
    sender.send(batch_of(received()))
    sender.send(batch_of(received()))
    assert again.counters(3) == {"report.received": 2, "emitter.dropped": 3}
    again.close()


def test_a_full_socket_buffer_blocks_nobody() -> None:
    """On a real socket whose reader does not read: one of UDP would need a slow network card."""
    reading, writing = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    sender = Emitter("127.0.0.1", 8125)
    assert sender._client is not None
    assert sender._client._sock.getblocking() is False
    writing.setblocking(False)
    sender._client.close()
    sender._client._sock = writing
    for _ in range(2_000):
        sender.send(batch_of(received(), waited(1)))
    lost = sender._dropped
    assert lost > 0
    reading.setblocking(False)
    arrived = []
    with suppress(BlockingIOError):
        while True:
            arrived.append(reading.recv(2_000))
    reported = sum(int(datagram.split(b"|")[0].split(b":")[1]) for datagram in arrived if b"dropped" in datagram)
    assert 2 * sum(b"received" in datagram for datagram in arrived) + lost + reported == 4_000
    sender.send(batch_of(received()))
    assert reading.recv(2_000).splitlines() == [b"eucora.emitter.dropped:%d|c" % lost, b"eucora.report.received:1|c"]
    for end in (reading, writing):
        end.close()


@pytest.mark.parametrize("value", [nan, inf, -inf, "many", None])
def test_a_value_that_is_no_number_raises_nothing_and_is_reported(
    value: Any, installed: Emitter, receiver: Receiver
) -> None:
    with emitter.batch():
        emitter.emit(Measure(m.REPORT_TOTAL, m.REPORT_TOTAL(result="received"), value))
        emitter.emit(waited(value))
        emitter.emit(Measure(m.QUEUE_DEPTH, m.QUEUE_DEPTH(queue="bulk"), value))
        emitter.emit_time(m.JOB_WAIT(queue="bulk"), value)
    emitter.emit(received())
    assert receiver.lines(2) == ["eucora.emitter.dropped:4|c", "eucora.report.received:1|c"]


def test_what_was_lost_shows_in_graphite(stack: Stack, seen: Seen) -> None:
    real = Emitter("127.0.0.1", stack.ports.statsd)
    real.send(batch_of(Measure(m.REPORT_TOTAL, "report.café", 1), Measure(m.REPORT_TOTAL, "report.naïve", 1)))
    real.send(batch_of(waited(1)))
    wanted = {m.EMITTER_DROPPED.series("count"): 2.0}
    assert seen.finally_(wanted) == wanted


def test_a_negative_time_is_reported_as_lost(installed: Emitter, receiver: Receiver) -> None:
    """StatsD would refuse it as a bad line, of which nobody would hear."""
    emitter.emit(waited(-1), waited(1))
    emitter.emit(received())
    assert receiver.lines(3) == [
        "eucora.job.wait.bulk:1.000|ms",
        "eucora.emitter.dropped:1|c",
        "eucora.report.received:1|c",
    ]


def test_a_name_that_moves_is_followed(receiver: Receiver) -> None:
    """What the name means is looked up every so often; the socket stays while the answer stays."""
    named = Emitter("localhost", receiver.port)
    named.refresh()
    before = named._client
    named._resolved -= RESOLVE_EVERY
    named.refresh()
    assert named._client is before
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
        elsewhere.bind(("127.0.0.2", receiver.port))
        named._host, named._resolved = "127.0.0.2", named._resolved - RESOLVE_EVERY
        named.send(batch_of(received()))
        elsewhere.settimeout(PATIENCE)
        assert elsewhere.recv(2_000) == b"eucora.report.received:1|c"
    named._host, named._resolved = "gone.invalid", named._resolved - RESOLVE_EVERY
    named.refresh()
    assert named._client is not None  # the last address that was known


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("keep_socket", [True, False])
def test_a_forked_child_is_heard_also_after_its_parent_was_refused(keep_socket: bool, keep_emitter: None) -> None:
    """Of another process's datagram on the same socket one knows only that it was lost."""
    first = Receiver()
    emitter.install(Emitter("127.0.0.1", first.port))
    first.close()
    emitter.emit(received())
    again = Receiver(first.port)
    child = os.fork()
    if not child:
        emitter.after_fork(keep_socket)
        emitter.emit(received(2))
        emitter.emit(received(3))
        os._exit(0)
    os.waitpid(child, 0)
    lines = 3 if keep_socket else 2
    assert again.counters(lines) == {"report.received": 5} | ({"emitter.dropped": 1} if keep_socket else {})
    again.close()
