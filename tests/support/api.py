"""The REST API as its clients call it, and the bodies they send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from app import clock
from app.events.unit import unit_of_work
from app.identity.credentials import digest, new_secret, prefix
from app.identity.models import SubjectKind, Token
from app.identity.roles import Role
from app.identity.scopes import UNLIMITED, Scopes
from app.identity.subjects import find_or_add, grant

API = "/api/v1"
ARTIFACT = "sha256:" + "a" * 64
HARMLESS = dict.fromkeys(
    ("privilege", "supply_chain", "vulnerabilities", "exploitability", "data_access", "operational_complexity"), 0.1
)
"""A declared risk so low that however many devices there are, nobody needs to approve."""


def deployment(**fields: Any) -> dict[str, Any]:
    """A valid body of POST /deployments, for every device unless the fields have a scope."""
    release = {"application": "vpn", "version": "1.0", "platform": "windows", "artifact_hash": ARTIFACT, "plan": "demo"}
    return {**release, "scope": {"everyone": True}, "risk": HARMLESS, **fields}


def make_token(subject: str, role: Role = Role.ADMIN, scopes: Scopes = UNLIMITED) -> str:
    """A token of `subject` in that role, which never expires; no event says so."""
    secret = new_secret()
    with unit_of_work("test") as unit:
        owner, _ = find_or_add(unit.session, subject, SubjectKind.PERSON)
        grant(owner, role)
        token = Token(hash=digest(secret), prefix=prefix(secret), subject_id=owner.id, role=role.value)
        token.created_at, token.scopes = clock.now(), scopes.as_json()
        unit.session.add(token)
    return secret


class Api:
    """A client that sends its token with every call and answers with (status, body)."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    def raw(self, method: str, path: str, **request: Any) -> Any:
        headers = {**self.headers, **request.pop("headers", {})}
        return self.client.open(API + path, method=method, headers=headers, **request)

    def get(self, path: str, **request: Any) -> Any:
        answer = self.raw("GET", path, **request)
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, path: str, body: Any = None, **request: Any) -> tuple[int, Any]:
        answer = self.raw("POST", path, json=body if body is not None else {}, **request)
        return answer.status_code, answer.json

    def register(self, count: int = 100, **fields: Any) -> list[str]:
        """Register `count` devices; every 25th has the tag `lab`."""
        devices = [
            {
                "external_id": f"dev-{n:05d}",
                "platform": "windows",
                "connector": "simulated",
                "tags": ["lab"] if n % 25 == 0 else [],
                **fields,
            }
            for n in range(count)
        ]
        for start in range(0, count, 2000):
            status, body = self.post("/devices", devices[start : start + 2000])
            assert status == 200, body
        return [str(device["external_id"]) for device in devices]

    def deploy(self, **fields: Any) -> Any:
        """Start a deployment with the plan `demo`."""
        status, body = self.post("/deployments", deployment(**fields))
        assert status == 201, body
        return body


As = Callable[..., Api]
"""`speaking_as(subject, role="operator")`: a client that speaks for that subject."""
