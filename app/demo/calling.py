"""How the demonstration calls the API: patiently, timed, and with failures of its own kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from app.demo.errors import DemoFailed
from app.settings import Settings
from client import Client, Problem, Unreachable

TIMEOUT_SECONDS = 120.0
"""On a machine that does everything at once, an answer may take long."""


class Stopwatch:
    """Records how long each call took, until its answer was read."""

    def __init__(self) -> None:
        self.milliseconds: list[float] = []

    def record(self, response: httpx.Response) -> None:
        """Note one answer; an event hook of httpx."""
        response.read()
        self.milliseconds.append(response.elapsed.total_seconds() * 1000)


def connect(settings: Settings, token: str, stopwatch: Stopwatch | None = None) -> Client:
    """A client of the API of the settings."""
    url = f"http://{settings.api_host}:{settings.api_port}"
    hooks = {"response": [stopwatch.record]} if stopwatch else None
    return Client(url, token, timeout=TIMEOUT_SECONDS, event_hooks=hooks)


@contextmanager
def failing_calls() -> Iterator[None]:
    """Raise a call that is refused or not answered as DemoFailed."""
    try:
        yield
    except Unreachable as error:
        raise DemoFailed(f"{error}; `make up` starts the API.") from error
    except Problem as error:
        raise DemoFailed(str(error)) from error
