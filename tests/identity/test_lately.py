"""Who is known while the database does not respond: only whom it knew lately, and only for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.identity.lately import GOOD_FOR, MOST, LatelyVerified
from app.identity.roles import Role
from app.identity.subjects import Caller

NOW = datetime(2026, 3, 2, tzinfo=UTC)
VERA = Caller(1, "vera", Role.VIEWER)


def test_a_caller_is_known_for_a_while_after_the_last_verification() -> None:
    lately = LatelyVerified()
    lately.note(b"token", VERA, NOW - timedelta(hours=1))
    lately.note(b"token", VERA, NOW)
    assert lately.find(b"token", NOW + GOOD_FOR) == VERA
    assert lately.find(b"token", NOW + GOOD_FOR + timedelta(seconds=1)) is None
    assert lately.find(b"token", NOW - timedelta(hours=1)) is None  # the clock was set back
    assert lately.find(b"another", NOW) is None


def test_a_token_that_was_revoked_is_forgotten() -> None:
    lately = LatelyVerified()
    lately.note(b"token", VERA, NOW)
    lately.note(b"token", None, NOW)
    assert lately.find(b"token", NOW) is None


def test_no_more_than_so_many_are_remembered() -> None:
    lately = LatelyVerified()
    for number in range(MOST + 1):
        lately.note(str(number).encode(), VERA, NOW)
    assert lately.find(b"0", NOW) is None
    assert lately.find(b"1", NOW) == VERA


def test_a_token_whose_end_this_process_saw_is_forgotten() -> None:
    lately = LatelyVerified()
    lately.note(b"old secret", VERA, NOW)
    lately.note(b"new secret", VERA, NOW)
    lately.note(b"another", Caller(2, "vera", Role.VIEWER), NOW)
    lately.end(VERA.token_id)
    assert lately.find(b"old secret", NOW) is lately.find(b"new secret", NOW) is None
    assert lately.find(b"another", NOW) is not None


def test_what_was_read_before_a_token_ended_is_not_remembered() -> None:
    """Another thread revoked the token between the query and the note."""
    lately = LatelyVerified()
    begun = lately.ended
    lately.end(VERA.token_id)
    lately.note(b"token", VERA, NOW, None, begun)
    assert lately.find(b"token", NOW) is None
    lately.note(b"token", VERA, NOW, None, lately.ended)
    assert lately.find(b"token", NOW) == VERA


def test_a_token_that_expired_meanwhile_is_not_known() -> None:
    lately = LatelyVerified()
    lately.note(b"token", VERA, NOW, NOW + timedelta(minutes=5))
    assert lately.find(b"token", NOW + timedelta(minutes=4)) == VERA
    assert lately.find(b"token", NOW + timedelta(minutes=5)) is None
