"""How the demo calls the API: with a long timeout, timed, and with errors raised as DemoFailed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from app.addresses import authority, own
from app.demo.errors import DemoFailed
from app.settings import Settings
from client import Client, Problem, Unreachable

TIMEOUT_SECONDS = 120.0
"""Long, because the whole stack may share one busy machine."""


class Stopwatch:
    """Records how long each call took, in milliseconds, until its response was read."""

    def __init__(self) -> None:
        self.milliseconds: list[float] = []

    def record(self, response: httpx.Response) -> None:
        """Record one response; an event hook of httpx."""
        response.read()
        self.milliseconds.append(response.elapsed.total_seconds() * 1000)


def api_url(settings: Settings) -> str:
    """The address at which this machine reaches the API."""
    return f"http://{authority(own(settings.api_host), settings.api_port)}"


def connect(settings: Settings, token: str, stopwatch: Stopwatch | None = None) -> Client:
    """A client of the API at the address in the settings; the stopwatch times its calls."""
    hooks = {"response": [stopwatch.record]} if stopwatch else None
    return Client(api_url(settings), token, timeout=TIMEOUT_SECONDS, event_hooks=hooks)


@contextmanager
def failing_calls() -> Iterator[None]:
    """Raise DemoFailed for a call that is rejected or not answered."""
    try:
        yield
    except Unreachable as error:
        raise DemoFailed(f"{error}; `make up` starts the API.") from error
    except Problem as error:
        raise DemoFailed(str(error)) from error
