"""What a device's message does to its action, case by case."""

from __future__ import annotations

import pytest

from app.connectors.pull.models import ActionState
from app.connectors.pull.reasons import UNKNOWN, reason_of
from app.connectors.pull.steps import DETAIL_LENGTH, About, Action, Answer, Message, step

OPEN, CANCELLING, UNCANCELLABLE, OVER = ActionState
NEW = Action(OPEN)
INSTALLING = Action(OPEN, "installing")


def said(
    execution: str, finished: str = "none", *details: str, about: About = About.DEPLOYMENT, percent: int | None = None
) -> Message:
    return Message(7, "gw-1", about, execution, finished, details, percent)


@pytest.mark.parametrize("before", [NEW, INSTALLING, Action(CANCELLING, "installing"), Action(UNCANCELLABLE)])
@pytest.mark.parametrize(
    ("message", "result"),
    [
        (said("closed", "success"), ("succeeded", "")),
        (said("closed", "failure"), ("failed", UNKNOWN)),
        (said("canceled"), ("not_applicable", "cancelled")),
    ],
)
def test_an_outcome_ends_the_action(before: Action, message: Message, result: tuple[str, str]) -> None:
    taken = step(before, message, False)
    assert (taken.answer, taken.result) == (Answer.TAKEN, result)
    assert (taken.action.state, taken.action.outcome) == (OVER, result[0])
    again = step(taken.action, message, False)
    assert (again.answer, again.result, again.action) == (Answer.GONE, None, taken.action)
    late = step(taken.action, said("proceeding"), False)
    assert (late.answer, late.result) == (Answer.GONE, None)


@pytest.mark.parametrize("execution", ["proceeding", "scheduled", "resumed", "download", "downloaded", "", "whatever"])
def test_anything_else_is_progress_of_which_the_first_step_counts(execution: str) -> None:
    first = step(NEW, said(execution), False)
    assert (first.answer, first.result, first.action.state) == (Answer.TAKEN, ("installing", ""), OPEN)
    second = step(first.action, said(execution), False)
    assert (second.answer, second.result, second.action) == (Answer.TAKEN, None, first.action)


def test_two_thousand_lines_of_progress_are_few_writes() -> None:
    action, results, writes = NEW, 0, 0
    for n in range(2_000):
        taken = step(action, said("proceeding", percent=n // 20), False)
        results += taken.result is not None
        writes += taken.action != action
        action = taken.action
    assert (results, action.percent) == (1, 90)
    assert writes == 10


def test_closed_without_a_result_says_nothing_unless_the_connector_says_so() -> None:
    waiting = step(INSTALLING, said("closed", "none"), False)
    assert (waiting.result, waiting.action.state) == (None, OPEN)
    begun = step(NEW, said("closed", "none"), False)
    assert (begun.result, begun.action.state) == (("installing", "unconfirmed"), OPEN)
    taken = step(INSTALLING, said("closed", "none"), True)
    assert (taken.result, taken.action.state) == (("succeeded", "unconfirmed"), OVER)


def test_a_device_may_defer_and_begin_later() -> None:
    deferred = step(NEW, said("rejected"), False)
    assert (deferred.result, deferred.action.state) == (("deferred", "rejected"), OPEN)
    assert step(deferred.action, said("rejected"), False).result is None
    assert step(deferred.action, said("proceeding"), False).result == ("installing", "")


def test_a_cancellation_is_accepted_or_refused_by_the_device() -> None:
    asked = Action(CANCELLING, "installing")
    for message in (said("closed", "success", about=About.CANCEL), said("canceled", about=About.CANCEL)):
        assert step(asked, message, False).result == ("not_applicable", "cancelled")
    for message in (said("rejected", "success", about=About.CANCEL), said("closed", "failure", about=About.CANCEL)):
        refused = step(asked, message, False)
        assert (refused.answer, refused.result, refused.action.state) == (Answer.TAKEN, None, UNCANCELLABLE)
        assert step(refused.action, message, False).answer is Answer.GONE
        assert step(refused.action, said("closed", "success"), False).result == ("succeeded", "")
    assert step(asked, said("proceeding", about=About.CANCEL), False).action == asked
    assert step(INSTALLING, said("canceled", about=About.CANCEL), False).answer is Answer.GONE


def test_the_cause_of_a_failure_is_in_the_log_before_it() -> None:
    log = ("Software Update started !", "Total download size is 2 kB.", "ERROR : execute preinstall scripts failed")
    told = step(INSTALLING, said("proceeding", "none", *log), False)
    assert (told.result, told.action.detail) == (None, log[2])
    taken = step(told.action, said("closed", "failure", "No suitable .swu image found"), False)
    assert taken.result == ("failed", "script_failed")
    assert taken.action.detail == f"{log[2]}\nNo suitable .swu image found"


def test_details_are_bounded_and_storable() -> None:
    taken = step(NEW, said("closed", "failure", "x" * 5_000, "a\0b"), False)
    assert taken.action.detail is not None
    assert len(taken.action.detail) == DETAIL_LENGTH
    assert taken.action.detail.endswith("a\ufffdb")


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        (["ERROR : Authentication of all signatures failed", "Compatible SW not found"], "bad_signature"),
        (["HASH mismatch", "Image invalid or corrupted. Not installing ..."], "hash_mismatch"),
        (["writing failed: No space left on device"], "disk_full"),
        (["Error: Compatible mismatch: expected 'a' but bundle manifest has 'b'"], "incompatible"),
        (["Download of bundle failed: timed out"], "download_failed"),
        (["ERROR : execute preinstall scripts failed"], "script_failed"),
        (["Total download size is 2 kB.", "signature is fine"], UNKNOWN),
        ([], UNKNOWN),
    ],
)
def test_a_failure_has_one_of_few_reasons(details: list[str], reason: str) -> None:
    assert reason_of(details) == reason
