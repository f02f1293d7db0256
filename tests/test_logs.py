"""A log that nobody reads any more, or whose disk is full, hurts nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from io import TextIOWrapper

import pytest
import structlog
from flask import Flask

from app.events import unit
from app.logs import configure_logging
from app.settings import load_settings
from tests.support.http import Client


def unread() -> TextIOWrapper:
    """A pipe whose reader is gone, as that of a server whose supervisor was killed."""
    reader, writer = os.pipe()
    os.close(reader)
    return os.fdopen(writer, "w", buffering=1)


def full() -> TextIOWrapper:
    return open("/dev/full", "w", buffering=1)  # closed with the process


@pytest.fixture(params=[unread, full])
def broken(app: Flask, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Logging to a stream that takes nothing."""
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", request.param())
        configure_logging(load_settings())
    yield
    configure_logging(load_settings())


def test_lines_are_lost_and_nothing_else(broken: None) -> None:
    for _ in range(1_000):
        structlog.get_logger().error("nobody reads this", detail="x" * 100)


def test_a_request_is_answered_although_its_warning_cannot_be_written(
    client: Client, broken: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot_listen(_events: object) -> None:
        raise RuntimeError("a listener that cannot listen")

    monkeypatch.setattr(unit, "_listeners", [cannot_listen])
    status, body = client.post("/incidents", {"severity": "P3", "title": "seen"})
    assert status == 201, body
    assert client.get(f"/incidents/{body['id']}")["title"] == "seen"
