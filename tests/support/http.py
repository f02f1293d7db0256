"""A client as far from the tests as a real one, and proofs about its answers."""

from __future__ import annotations

import contextvars
import json
from typing import Any

from tests.support.api import Api


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
