"""A vendor's table of current states becomes results with a sequence, whoever dies or reads at the same time."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import islice, pairwise, permutations
from threading import Event as Signal
from time import monotonic, sleep
from typing import TypeVar

import pytest
from flask import Flask
from sqlalchemy import text

from app.connectors import snapshots
from app.connectors.protocol import ConnectorError, DeviceResult, ErrorClass
from app.connectors.snapshots import SEVERITY, Observation, Outcome, fold
from app.db import db
from app.deployments.rules.states import OUTCOMES
from tests.connectors.snapshot_support import NOON, VENDOR, everything, seen, states
from tests.support.clock import Clock

T = TypeVar("T")


# Changes


def test_what_is_new_or_changed_becomes_a_result(database: Flask) -> None:
    snapshots.take(*VENDOR, [seen("a", "installing"), seen("b")])
    first, cursor = snapshots.results_after(*VENDOR, "", 10)
    assert states(first) == {"a": "installing", "b": "succeeded"}
    snapshots.take(*VENDOR, [seen("a", "failed", "exit_1603"), seen("b"), seen("c")])
    second, after = snapshots.results_after(*VENDOR, cursor, 10)
    assert states(second) == {"a": "failed", "c": "succeeded"}
    assert next(it for it in second if it.external_id == "a").reason == "exit_1603"
    assert min(it.sequence for it in second) > max(it.sequence for it in first)
    assert snapshots.results_after(*VENDOR, after, 10) == ([], after)


def test_each_part_of_a_state_is_compared(database: Flask) -> None:
    known = seen("a", "failed", "error", detail="1603")
    changes = [
        replace(known, reason="not_detected"),
        replace(known, detail="1618"),
        replace(known, occurred_at=NOON + timedelta(seconds=1)),
        replace(known, occurred_at=None),
        replace(known, outcome="deferred"),
    ]
    sequences = []
    for change in changes:
        for observation in (known, change):
            snapshots.take(*VENDOR, [observation])
            sequences += [result.sequence for result in everything()]
    assert len(sequences) == 2 * len(changes)
    assert sequences == sorted(set(sequences))


def test_an_unchanged_table_is_not_written_and_takes_no_sequence(database: Flask) -> None:
    table = [seen(f"device-{n}") for n in range(500)]
    snapshots.take(*VENDOR, table)
    rows, last = versions(), everything()[-1].sequence
    snapshots.take(*VENDOR, reversed(table))
    assert versions() == rows
    snapshots.take(*VENDOR, [*table[:-1], replace(table[-1], outcome="failed")])
    assert [it.sequence for it in everything(str(last))] == [last + 1]
    assert len(versions() & rows) == 499


def versions() -> set[tuple[str, ...]]:
    """The rows' places and the transactions that wrote or locked them."""
    with db.engine.connect() as connection:
        found = connection.execute(text("SELECT ctid::text, xmin::text, xmax::text FROM snapshot_devices"))
        return {tuple(row) for row in found}


def test_devices_that_vanish_keep_their_state(database: Flask) -> None:
    snapshots.take(*VENDOR, [seen("a"), seen("b")])
    cursor = str(everything()[-1].sequence)
    snapshots.take(*VENDOR, [seen("b")])
    snapshots.take(*VENDOR, [])
    snapshots.take(*VENDOR, [seen("a"), seen("b")])
    assert everything(cursor) == []
    assert states(everything()) == {"a": "succeeded", "b": "succeeded"}


def test_a_state_without_a_time_has_the_time_at_which_it_was_first_seen(database: Flask, clock: Clock) -> None:
    timeless = Observation("a", "failed", "error")
    first_seen = clock()
    snapshots.take(*VENDOR, [timeless, seen("b")])
    clock.advance(60)
    snapshots.take(*VENDOR, [timeless])
    assert {it.external_id: it.occurred_at for it in everything()} == {"a": first_seen, "b": NOON}
    snapshots.take(*VENDOR, [replace(timeless, outcome="succeeded")])
    assert everything()[-1].occurred_at == clock()


def test_two_changes_between_two_readings_give_the_newest(database: Flask) -> None:
    for outcome in ("installing", "failed", "succeeded"):
        snapshots.take(*VENDOR, [seen("a", outcome)])
    assert states(everything()) == {"a": "succeeded"}


def test_any_text_is_kept(database: Flask) -> None:
    names = ['say "hi"', "back\\slash", "comma, {brace}", "null", "NULL", "ümläut ✓", "a/b c"]
    reasons = [*names[2:], "", "line\nbreak"]
    snapshots.take(*VENDOR, [seen(name, reason=reason) for name, reason in zip(names, reasons, strict=True)])
    assert {it.external_id: it.reason for it in everything()} == dict(zip(names, reasons, strict=True))


def test_two_spellings_of_a_device_are_one(database: Flask) -> None:
    snapshots.take(*VENDOR, [seen("Bu\u0308ro 1", "succeeded"), seen(" Büro\u00a01 ", "failed")])
    assert states(everything()) == {"Büro 1": "failed"}


# Cursors


def test_every_cursor_resumes_where_it_was(database: Flask) -> None:
    for start in range(0, 60, 20):
        snapshots.take(*VENDOR, [seen(f"device-{n:02d}") for n in range(start, start + 20)])
    whole = everything()
    assert [it.sequence for it in whole] == sorted(it.sequence for it in whole)
    for n, result in enumerate(whole):
        assert everything(str(result.sequence), limit=7) == whole[n + 1 :]


def test_results_that_nobody_ingested_are_given_again(database: Flask) -> None:
    snapshots.take(*VENDOR, [seen("a"), seen("b")])
    lost = snapshots.results_after(*VENDOR, "", 1)
    assert snapshots.results_after(*VENDOR, "", 1) == lost
    snapshots.take(*VENDOR, [seen("a"), seen("b")])  # the process that died reads the table again
    assert snapshots.results_after(*VENDOR, "", 1) == lost


@pytest.mark.parametrize("cursor", ["page-2", "-1", "1.5", " 7", "٣", "9" * 19, "1\n"])
def test_a_cursor_from_elsewhere_is_refused(database: Flask, cursor: str) -> None:
    with pytest.raises(ConnectorError) as raised:
        snapshots.results_after(*VENDOR, cursor, 10)
    assert raised.value.error_class is ErrorClass.PERMANENT


def test_an_unknown_reference_has_no_results(database: Flask) -> None:
    assert snapshots.results_after("intune", "nothing", "", 10) == ([], "")


# References and connectors


def test_references_and_connectors_keep_their_own_states(database: Flask) -> None:
    vendors = [("intune", "one"), ("intune", "two"), ("jamf", "one")]
    outcomes: list[Outcome] = ["installing", "failed", "succeeded"]
    for vendor, outcome in zip(vendors, outcomes, strict=True):
        snapshots.take(*vendor, [seen("a", outcome)])
    found = [everything(vendor=vendor) for vendor in vendors]
    assert [states(results) for results in found] == [{"a": outcome} for outcome in outcomes]
    assert len({results[0].sequence for results in found}) == 3
    snapshots.take(*vendors[1], [seen("a")])
    assert [everything(vendor=vendor) for vendor in (vendors[0], vendors[2])] == [found[0], found[2]]


def test_forgetting_removes_one_reference(database: Flask) -> None:
    vendors = [("intune", "one"), ("intune", "two"), ("jamf", "one")]
    for vendor in vendors:
        snapshots.take(*vendor, [seen("a"), seen("b")])
    last = everything(vendor=vendors[0])[-1].sequence
    snapshots.forget(*vendors[0])
    snapshots.forget(*vendors[0])
    assert [len(everything(vendor=vendor)) for vendor in vendors] == [0, 2, 2]
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM snapshots")).scalar() == 2
    snapshots.take(*vendors[0], [seen("a")])
    assert everything(vendor=vendors[0])[0].sequence > last


# Several rows of one device


def test_the_outcomes_are_those_that_a_report_may_have() -> None:
    assert set(SEVERITY) == {outcome.value for outcome in OUTCOMES}
    assert sorted(SEVERITY, key=lambda it: SEVERITY[it]) == list(SEVERITY)


def test_the_worst_row_of_a_device_counts() -> None:
    worst_last: list[Outcome] = list(SEVERITY)
    for n, worst in enumerate(worst_last):
        assert fold(seen("a", outcome) for outcome in worst_last[: n + 1]) == [seen("a", worst)]


def test_folding_depends_on_no_order() -> None:
    rows = [
        seen("b", "failed", "older"),
        replace(seen("b", "failed", "newer"), occurred_at=NOON + timedelta(hours=1)),
        Observation("b", "failed", "timeless"),
        seen("a"),
        seen("a", detail="other user"),
    ]
    folded = {frozenset(fold(order)) for order in permutations(rows)}
    assert folded == {frozenset({rows[4], rows[1]})}
    assert fold([]) == []


def test_several_rows_of_a_device_make_one_result(database: Flask) -> None:
    snapshots.take(*VENDOR, [seen("a"), seen("b"), seen("a", "failed"), seen("a", "installing")])
    assert states(everything()) == {"a": "failed", "b": "succeeded"}


# Reading the vendor's table


class Table:
    """A vendor's table; remembers how often it was read, and how far."""

    def __init__(self, rows: Sequence[Observation]) -> None:
        self.rows, self.readings, self.read = rows, 0, 0

    def __iter__(self) -> Iterator[Observation]:
        self.readings += 1
        for row in self.rows:
            self.read += 1
            yield row


def test_ten_thousand_devices_come_page_by_page_and_the_table_is_read_once(database: Flask) -> None:
    table = Table([seen(f"device-{n * 7919 % 10_000:05d}") for n in range(10_000)])
    cursor, results = "", list[DeviceResult]()
    while len(results) < 10_000:
        page, cursor = snapshots.poll(*VENDOR, cursor, 700, table)
        assert page
        results += page
    assert (table.readings, len(states(results))) == (1, 10_000)
    assert all(a.sequence < b.sequence for a, b in pairwise(results))
    assert snapshots.poll(*VENDOR, cursor, 700, table) == ([], cursor)
    assert table.readings == 2


def test_rows_of_a_device_on_both_sides_of_a_page_are_folded(database: Flask) -> None:
    names = (f"device-{n:05d}" for n in range(snapshots.BATCH + 10))
    table = [row for name in names for row in (seen(name, "failed"), seen(name), seen(name))]
    results, cursor = snapshots.poll(*VENDOR, "", 2 * snapshots.BATCH, table)
    assert set(states(results).values()) == {"failed"}
    assert snapshots.poll(*VENDOR, cursor, 10, table) == ([], cursor)


def test_what_was_read_before_an_error_is_kept(database: Flask) -> None:
    def table() -> Iterator[Observation]:
        yield from (seen(f"device-{n:05d}") for n in range(snapshots.BATCH + 10))
        raise ConnectorError(ErrorClass.TRANSIENT, "503: out of service")

    with pytest.raises(ConnectorError, match="503"):
        snapshots.poll(*VENDOR, "", 10, table())
    assert len(everything()) == snapshots.BATCH
    page, _ = snapshots.poll(*VENDOR, "", 10, table())
    assert len(page) == 10


def test_a_large_table_takes_the_memory_of_a_batch(database: Flask) -> None:
    def table() -> Iterator[Observation]:
        return (seen(f"device-{n:06d}") for n in range(40_000))

    def peak(rows: Iterator[Observation]) -> int:
        tracemalloc.start()
        try:
            snapshots.poll(*VENDOR, str(10**15), 10, rows)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    one_batch = peak(islice(table(), snapshots.BATCH))
    assert peak(table()) < 1.5 * one_batch


# At the same time


@pytest.fixture
def beside(database: Flask) -> Iterator[Callable[[Callable[[], T]], Future[T]]]:
    """Start a function in a thread with connections of its own."""

    def inside(action: Callable[[], T]) -> T:
        with database.app_context():
            return action()

    with ThreadPoolExecutor(4) as pool:
        yield lambda action: pool.submit(inside, action)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = monotonic() + 10
    while not condition():
        assert monotonic() < deadline, "it did not happen"
        sleep(0.01)


def waiting(kind: str) -> int:
    """How many connections wait for a lock of a kind."""
    with db.engine.connect() as connection:
        query = text("SELECT count(*) FROM pg_locks WHERE locktype = :kind AND NOT granted")
        return int(connection.execute(query, {"kind": kind}).scalar_one())


def test_no_reader_goes_past_a_sequence_that_is_committed_later(
    database: Flask, beside: Callable[[Callable[[], None]], Future[None]]
) -> None:
    snapshots.take(*VENDOR, [seen("held", "installing")])
    cursor = str(everything()[-1].sequence)
    with db.engine.connect() as holder:
        holder.execute(text("SELECT 1 FROM snapshot_devices FOR UPDATE"))
        slow = beside(lambda: snapshots.take(*VENDOR, [seen("new"), seen("held")]))
        wait_until(lambda: waiting("transactionid") == 1)  # it has taken its sequences, and cannot commit
        fast = beside(lambda: snapshots.take(*VENDOR, [seen("later")]))
        elsewhere = beside(lambda: snapshots.take("intune", "other", [seen("later")]))
        wait_until(lambda: fast.done() or waiting("advisory") == 1)
        elsewhere.result(10)  # another reference does not wait
        between, reached = snapshots.results_after(*VENDOR, cursor, 10)
        holder.rollback()
    slow.result(10)
    fast.result(10)
    assert states([*between, *everything(reached)]) == {"new": "succeeded", "held": "succeeded", "later": "succeeded"}


def test_a_follower_misses_nothing_while_several_processes_write(
    database: Flask, beside: Callable[[Callable[[], None]], Future[None]]
) -> None:
    """Three writers change the same and other devices; who follows the cursor ends with what is stored."""

    def write(writer: int) -> None:
        for turn in range(40):
            outcome: Outcome = ("installing", "failed", "succeeded")[(turn + writer) % 3]
            own = [seen(f"own-{writer}-{n}", outcome) for n in range(20)]
            snapshots.take(*VENDOR, [*own, *(seen(f"shared-{n}", outcome, f"by_{writer}") for n in range(20))])

    writers = [beside(partial(write, writer)) for writer in range(3)]
    cursor, followed = "", dict[str, DeviceResult]()
    over = False
    while not over:
        over = all(writer.done() for writer in writers)
        page, cursor = snapshots.results_after(*VENDOR, cursor, 50)
        for result in page:
            assert result.sequence > (followed[result.external_id].sequence if result.external_id in followed else 0)
            followed[result.external_id] = result
        over = over and not page
    for writer in writers:
        writer.result()
    assert followed == {result.external_id: result for result in everything()}
    assert len(followed) == 80


def test_one_process_at_a_time_reads_a_table(
    database: Flask, beside: Callable[[Callable[[], None]], Future[None]]
) -> None:
    begun, may_go_on = Signal(), Signal()

    def slowly() -> Iterator[Observation]:
        yield seen("a")
        begun.set()
        assert may_go_on.wait(10)

    first = beside(lambda: assert_read(snapshots.poll(*VENDOR, "", 10, slowly())))
    assert begun.wait(10)
    newer = Table([seen("a", "failed")])
    assert snapshots.poll(*VENDOR, "", 10, newer) == ([], "")
    assert newer.readings == 0
    assert states(snapshots.poll("intune", "other", "", 10, newer)[0]) == {"a": "failed"}
    may_go_on.set()
    first.result(10)
    _, cursor = snapshots.results_after(*VENDOR, "", 10)
    assert states(snapshots.poll(*VENDOR, cursor, 10, newer)[0]) == {"a": "failed"}


def assert_read(answer: tuple[list[DeviceResult], str]) -> None:
    assert states(answer[0]) == {"a": "succeeded"}
