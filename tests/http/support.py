"""What the tests of the API share: a client as far from the tests as a real one, and proofs about its answers."""

from __future__ import annotations

import contextvars
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from flask import Flask
from sqlalchemy import text

from tests.conftest import Api

TABLES = (
    "applications",
    "releases",
    "devices",
    "ring_plans",
    "deployments",
    "rings",
    "assignments",
    "commands",
    "reports",
    "risk_assessments",
    "approvals",
    "break_glass",
    "incidents",
    "freezes",
    "events",
    "idempotency_keys",
)
Result = TypeVar("Result")


class Client(Api):
    """Each request runs in a context of its own, so it shares no session and no `g` with the test."""

    def raw(self, method: str, path: str, **request: Any) -> Any:
        return contextvars.Context().run(lambda: super(Client, self).raw(method, path, **request))

    def upload(self, path: str, body: str | bytes, content_type: str = "application/x-ndjson") -> list[dict[str, Any]]:
        """Send lines; the answer's lines."""
        answer = self.raw("POST", path, data=body, content_type=content_type)
        assert answer.status_code == 200, answer.text
        assert answer.content_type == "application/x-ndjson"
        return [json.loads(line) for line in answer.text.splitlines()]


@pytest.fixture
def client(database: Flask, token: str) -> Client:
    """A client with a token on an empty database."""
    return Client(database.test_client(), token)


def counts() -> dict[str, int]:
    """The rows of every table that a request may write to, and the jobs that wait, read by a connection of its own."""
    from app import queue
    from app.db import db

    with db.engine.connect() as connection:
        rows = {table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in TABLES}
    return {**rows, **queue.depths()}


@contextmanager
def nothing_written(**expected: int) -> Iterator[None]:
    """Prove that the block writes no row and asks for no job, but for the rows `expected` by table."""
    before = counts()
    yield
    assert counts() == {name: count + expected.get(name, 0) for name, count in before.items()}


def refused(answer: Any, status: int, slug: str, *fields: str) -> dict[str, Any]:
    """Prove that an answer is that problem document, naming at least these fields; returns it."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    body: dict[str, Any] = answer.json
    assert body["type"] == f"urn:eucora:problem:{slug}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["instance"].startswith("/")
    assert set(fields) <= {error["field"] for error in body.get("errors", [])}, body
    return body


def rows(statement: str, **parameters: Any) -> Sequence[Any]:
    """What a statement finds, by a connection of its own."""
    from app.db import db

    with db.engine.connect() as connection:
        return connection.execute(text(statement), parameters).all()


def together(*actions: Callable[[], Result]) -> list[Result]:
    """Run all actions at once, each in a thread of its own; their results in order."""
    with ThreadPoolExecutor(len(actions)) as pool:
        return [future.result(timeout=30) for future in [pool.submit(action) for action in actions]]
