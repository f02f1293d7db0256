"""The pure part of repeating: classes of statuses, Retry-After, backoff."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from app.connectors.protocol import ErrorClass
from app.connectors.retry import LONGEST_RETRY_AFTER, backoff, class_of, retry_after

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
T, P, V, U = ErrorClass.TRANSIENT, ErrorClass.PERMANENT, ErrorClass.POLICY_VIOLATION, ErrorClass.UNKNOWN


@pytest.mark.parametrize(
    ("statuses", "repeatable", "otherwise"),
    [
        ((408, 425, 429, 503), T, T),
        ((401, 403, 407), V, V),
        ((400, 402, 404, 405, 409, 410, 411, 412, 413, 414, 415, 418, 422, 423, 424, 428, 431, 451, 499), P, P),
        ((300, 301, 302, 303, 304, 307, 308), P, P),
        ((500, 501, 502, 504, 505, 507, 520, 599, 999), T, U),
        ((None,), T, U),
    ],
)
def test_every_status_has_a_class(
    statuses: tuple[int | None, ...], repeatable: ErrorClass, otherwise: ErrorClass
) -> None:
    assert {class_of(status, repeatable=True) for status in statuses} == {repeatable}
    assert {class_of(status, repeatable=False) for status in statuses} == {otherwise}


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        ("2.128", 2.128),
        (" 30 ", 30.0),
        ("Thu, 26 Nov 2026 12:00:05 GMT", 5.0),
        ("Thursday, 26-Nov-26 12:00:05 GMT", 5.0),
        ("Thu Nov 26 12:00:05 2026", 5.0),
        ("Thu, 26 Nov 2026 13:00:05 +0100", 5.0),
        ("Thu, 26 Nov 2026 11:59:00 GMT", 0.0),
        ("Fri, 26 Nov 2027 12:00:00 GMT", LONGEST_RETRY_AFTER),
        ("86401", LONGEST_RETRY_AFTER),
        ("9" * 400, LONGEST_RETRY_AFTER),
        (None, None),
        ("", None),
        ("-5", None),
        ("1e3", None),
        ("nan", None),
        ("inf", None),
        ("٣", None),
        ("soon", None),
        ("5 seconds", None),
        ("Thu, 99 Nov 2026 12:00:05 GMT", None),
        ("Thu, 26 Nov 2026 12:00:05 +99999999999", None),
    ],
)
def test_retry_after_is_read_or_ignored(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


@given(st.text())
def test_no_retry_after_breaks_the_client(header: str) -> None:
    seconds = retry_after(header, NOW)
    assert seconds is None or 0.0 <= seconds <= LONGEST_RETRY_AFTER


def test_waits_double_up_to_the_longest() -> None:
    assert [backoff(attempt, 0.5, 3.0, lambda: 1.0) for attempt in range(5)] == [0.5, 1.0, 2.0, 3.0, 3.0]
    assert [backoff(attempt, 0.5, 3.0, lambda: 0.0) for attempt in range(5)] == [0.25, 0.5, 1.0, 1.5, 1.5]
