"""`wait_for` and `events.stream`: what they ask for, and how they go on when a connection ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import httpx
import pytest

from client import Client, Problem, StillWaiting, Unreachable

Handler = Callable[[httpx.Request], httpx.Response]


def client(handler: Handler, slept: list[float] | None = None, **options: Any) -> Client:
    slept = [] if slept is None else slept
    return Client("http://eucora.test", "token", transport=httpx.MockTransport(handler), sleep=slept.append, **options)


def stream_of(*ids: int, opening: int | None = None) -> str:
    head = "" if opening is None else f"retry: 1500\nid: {opening}\n\n"
    return head + "".join(f'id: {n}\nevent: token.created\ndata: {{"id": {n}}}\n\n' for n in ids)


def served(*answers: httpx.Response | Exception) -> tuple[Handler, list[httpx.Request]]:
    """A handler that gives these answers in turn, and the requests it got."""
    asked: list[httpx.Request] = []
    left = iter(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return handle, asked


def text(content: str | Iterator[bytes]) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, content=content)


def ids(events: Iterator[Any], count: int) -> list[int]:
    return [event["id"] for event in islice(events, count)]


def test_a_stream_is_opened_again_from_where_it_was() -> None:
    handle, asked = served(text(stream_of(opening=7)), text(stream_of(8, 9)), text(stream_of(10, opening=9)))
    slept: list[float] = []
    with client(handle, slept) as eucora:
        assert ids(eucora.events.stream(type="token.created"), 3) == [8, 9, 10]
    assert [request.headers.get("Last-Event-ID") for request in asked] == [None, "7", "9"]
    assert {str(request.url.params) for request in asked} == {"type=token.created"}
    assert slept == [1.5, 1.5], "as the server says"


def test_an_event_that_was_cut_off_is_read_again() -> None:
    def breaking() -> Iterator[bytes]:
        yield stream_of(8).encode() + b'id: 9\nevent: token.created\ndata: {"id"'
        raise httpx.ReadError("reset")

    handle, asked = served(text(breaking()), text(stream_of(9)))
    with client(handle) as eucora:
        assert ids(eucora.events.stream(after=7), 2) == [8, 9]
    assert [request.headers["Last-Event-ID"] for request in asked] == ["7", "8"]


def test_a_heartbeat_moves_the_position() -> None:
    handle, asked = served(text(":\nid: 40\n\n"), text(stream_of(41)))
    with client(handle) as eucora:
        assert ids(eucora.events.stream(after=7, deployment_id=1), 1) == [41]
    assert asked[1].headers["Last-Event-ID"] == "40"


def test_a_refused_stream_raises_and_a_busy_one_is_tried_again() -> None:
    problem = {"Content-Type": "application/problem+json"}
    busy = httpx.Response(429, headers={**problem, "Retry-After": "5"}, content=json.dumps({"type": "x"}))
    handle, _ = served(busy, text(stream_of(1)), httpx.Response(401, headers=problem, content="{}"))
    slept: list[float] = []
    with client(handle, slept) as eucora:
        events = eucora.events.stream(after=0)
        assert next(events)["id"] == 1
        with pytest.raises(Problem) as refused:
            next(events)
    assert refused.value.status == 401
    assert slept[0] == 5.0


def test_without_a_server_it_gives_up() -> None:
    handle, asked = served(*(httpx.ConnectError("refused") for _ in range(3)))
    with client(handle) as eucora, pytest.raises(Unreachable):
        next(eucora.events.stream())
    assert len(asked) == 3


def shown(version: int, state: str = "running") -> httpx.Response:
    return httpx.Response(200, headers={"ETag": f'"{version}-a"'}, json={"id": 1, "version": version, "state": state})


def test_it_waits_for_a_version() -> None:
    handle, asked = served(shown(3), shown(4))
    with client(handle) as eucora:
        assert eucora.deployments.wait_for(1, version=3)["version"] == 4
    assert [dict(request.url.params) for request in asked] == [{"version": "3", "wait": "30"}] * 2


def test_it_waits_until_something_is_true() -> None:
    handle, asked = served(shown(3), httpx.Response(304, headers={"ETag": '"3-a"'}), shown(4, "completed"))
    with client(handle) as eucora:
        found = eucora.deployments.wait_for(1, until=lambda deployment: deployment["state"] == "completed")
    assert found["version"] == 4
    assert [request.headers.get("If-None-Match") for request in asked] == [None, '"3-a"', '"3-a"']
    assert [request.url.params["wait"] for request in asked] == ["0", "30", "30"]


def test_it_does_not_wait_for_ever() -> None:
    handle, _ = served(shown(3), shown(3))
    with client(handle) as eucora:
        with pytest.raises(StillWaiting) as waited:
            eucora.deployments.wait_for(1, version=3, timeout=0.5)
        assert waited.value.deployment["version"] == 3
        with pytest.raises(ValueError, match="what to wait for"):
            eucora.deployments.wait_for(1)
