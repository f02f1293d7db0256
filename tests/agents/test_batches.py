"""Messages that share a transaction: each gets its own answer, and none waits for ever."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from app.agents.batches import MOST, Batches
from app.connectors.pull.settings import PullSettings
from app.connectors.pull.steps import About, Answer, Message
from tests.support.threads import together

SETTINGS = PullSettings()


def message(n: int) -> Message:
    return Message(n, "gw-1", About.DEPLOYMENT, "proceeding", "none")


def answer_of(n: int) -> Answer:
    return list(Answer)[n % len(Answer)]


def test_each_thread_gets_the_answer_to_its_own_message() -> None:
    sizes: list[int] = []

    def write(_connector: str, _settings: PullSettings, messages: Sequence[Message]) -> list[Answer]:
        sizes.append(len(messages))
        return [answer_of(it.action_id) for it in messages]

    batches = Batches(write)
    sends = [lambda n=n: batches.take("edge", SETTINGS, message(n)) for n in range(40)]
    assert together(*sends) == [answer_of(n) for n in range(40)]
    assert sum(sizes) == 40
    assert max(sizes) <= MOST


@pytest.mark.parametrize("error", [RuntimeError("the database is gone"), SystemExit(1)])
def test_an_error_is_raised_and_the_next_message_is_written(error: BaseException) -> None:
    errors = [error]

    def write(_connector: str, _settings: PullSettings, messages: Sequence[Message]) -> list[Answer]:
        if errors:
            raise errors.pop()
        return [Answer.TAKEN] * len(messages)

    batches = Batches(write)
    with pytest.raises(type(error)):
        batches.take("edge", SETTINGS, message(1))
    assert batches.take("edge", SETTINGS, message(2)) is Answer.TAKEN


def test_too_few_answers_are_an_error_and_no_end_of_waiting() -> None:
    batches = Batches(lambda _connector, _settings, _messages: [])
    with pytest.raises(ValueError, match="shorter"):
        batches.take("edge", SETTINGS, message(1))
