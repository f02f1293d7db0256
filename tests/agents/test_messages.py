"""Bodies as devices send them, and worse."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies

from app.agents.messages import LONGEST_DETAIL, MOST_ATTRIBUTES, MOST_DETAILS, attributes, feedback
from app.connectors.pull.steps import About, Message


def read(body: Any) -> Message:
    return feedback(body if isinstance(body, bytes) else json.dumps(body).encode(), 7, "gw-1", About.DEPLOYMENT)


def status(execution: Any = "closed", finished: Any = "failure", details: Any = (), progress: Any = None) -> Any:
    result = {"finished": finished, "progress": progress}
    return {
        "id": 7,
        "time": "20261126T113032",
        "status": {"execution": execution, "result": result, "details": details},
    }


def test_a_message_is_read() -> None:
    message = read(status(details=["one", "two"], progress={"cnt": 1, "of": 4}))
    assert (message.execution, message.finished, message.percent) == ("closed", "failure", 25)
    assert list(message.details) == ["one", "two"]


@pytest.mark.parametrize(
    ("progress", "percent"),
    [
        ({"cnt": 0, "of": 0}, None),
        ({"cnt": 1, "of": 0}, None),
        ({"percentage": 20}, 20),
        ({"percentage": 1e308}, None),
        ({"percentage": -5}, 0),
        ({"cnt": 9, "of": 3}, 100),
        ({"cnt": True, "of": True}, None),
        ({"cnt": "1", "of": "2"}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)
def test_progress_is_a_share_or_nothing(progress: Any, percent: int | None) -> None:
    assert read(status(progress=progress)).percent == percent


def test_a_raw_line_end_within_a_string_is_what_swupdate_sends() -> None:
    body = b'{"id": 7, "status": {"result": {"finished": "failure"}, "execution": "closed", "details": ["a\nb", "c"]}}'
    message = read(body)
    assert (message.execution, message.finished, list(message.details)) == ("closed", "failure", ["a\nb", "c"])


def test_a_body_that_breaks_off_still_says_how_it_ended() -> None:
    body = json.dumps(status(details=["unpacking", "no space left on device"])).encode()[:-8]
    message = read(body)
    assert (message.execution, message.finished) == ("closed", "failure")
    assert list(message.details) == ["unpacking"]


def test_the_first_and_the_last_lines_of_a_long_log_are_kept() -> None:
    lines = [f"line {n}" for n in range(2_000)]
    lines[700:710] = [f"ERROR {n}" for n in range(10)]
    message = read(status(details=[*lines, "x" * 1_000_000]))
    assert len(message.details) <= MOST_DETAILS
    assert (message.details[0], message.details[-2]) == ("line 0", "line 1999")
    assert [line for line in message.details if line.startswith("ERROR")] == [f"ERROR {n}" for n in range(10)]
    assert len(message.details[-1]) == LONGEST_DETAIL


@pytest.mark.parametrize("wrong", [None, 5, "x", [], {}, [[]], [{}], True, {"finished": []}])
def test_wrong_types_are_nothing(wrong: Any) -> None:
    for body in (wrong, {"status": wrong}, status(execution=wrong), status(finished=wrong), status(details=wrong)):
        message = read(body)
        assert isinstance(message.execution, str)
        assert all(isinstance(detail, str) for detail in message.details)


def test_deep_nesting_is_survived() -> None:
    assert read(b"[" * 100_000).execution == ""
    assert read(b'{"a":' * 100_000).execution == ""


def storable(body: bytes) -> None:
    """Whatever a body says can be read and stored."""
    message = read(body)
    "".join([message.execution, message.finished, *message.details]).encode()
    values, _ = attributes(body)
    "".join([*values, *values.values()]).encode()


@given(strategies.binary(max_size=300))
def test_no_bytes_are_an_error(body: bytes) -> None:
    storable(body)


def test_half_a_character_is_replaced() -> None:
    body = json.dumps(status(details=["bad \ud800 x", {"a": "\udfff"}], execution="\ud800")).encode()
    assert list(read(body).details) == ["bad ? x", '{"a": "?"}']
    storable(body)
    storable(json.dumps({"data": {"\ud800": "\ud800", "a": ["\ud800"]}, "mode": "\ud800"}).encode())


NAMES = ("status", "result", "details", "execution", "finished", "progress", "cnt", "of", "data", "mode")
VALUES = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.floats() | strategies.text(max_size=20),
    lambda inner: (
        strategies.lists(inner, max_size=3) | strategies.dictionaries(strategies.sampled_from(NAMES), inner, max_size=5)
    ),
)


@given(VALUES)
def test_no_json_is_an_error(body: Any) -> None:
    storable(json.dumps(body).encode())


def test_attributes_are_words_of_bounded_length() -> None:
    data = {"os": "debian", "serial": 5, "nested": {"a": 1}, "": "no name", "bad\0name": "a\0b", "long": "x" * 5_000}
    values, mode = attributes(json.dumps({"data": data, "mode": "merge"}).encode())
    assert mode == "merge"
    assert (values["os"], values["serial"], values["nested"]) == ("debian", "5", '{"a": 1}')
    assert "" not in values
    assert not any("\0" in name + value for name, value in values.items())
    assert len(values["long"]) == 500
    many = {f"a{n}": "x" for n in range(5_000)}
    assert len(attributes(json.dumps({"data": many}).encode())[0]) == MOST_ATTRIBUTES
    assert attributes(b"nonsense") == ({}, "replace")
