"""A deployment's dossier has all that was decided; its hash is in the log, once for each content."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from flask import Flask

from app.deployments import progress
from app.identity.roles import Role
from tests.support.api import make_token
from tests.support.approval import DANGEROUS, EVIDENCE
from tests.support.http import Client, refused

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def number(app: Flask, client: Client) -> int:
    with app.app_context():
        make_token("anna", Role.APPROVER)
    client.register(40)
    made = int(client.deploy(risk=DANGEROUS, evidence=EVIDENCE, plan="standard")["id"])
    progress.plan(made)
    progress.advance(made)
    client.post(f"/deployments/{made}/pause", {"reason": EVIL})
    client.post("/incidents", {"severity": "P2", "title": EVIL, "deployment_id": made})
    return made


def issued(client: Client, number: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/events?type=dossier.issued")["items"]
    return found


def test_it_says_who_asked_what_was_decided_and_with_which_inputs(client: Client, number: int) -> None:
    content = client.get(f"/deployments/{number}/dossier")["content"]
    shown = client.get(f"/deployments/{number}")
    assert content["deployment"] == {name: shown[name] for name in shown if name not in ("holds", "next")}
    assert content["evidence"]["evidence"]["sbom"] == EVIDENCE["sbom"]
    assert content["risk"]["items"]
    assert content["approvals"]["needs_approval"] is True
    assert content["incidents"][0]["title"] == EVIL
    types = [event["type"] for event in content["events"]]
    assert types[0] == "deployment.created"
    assert "deployment.paused" in types
    log = {event["id"]: event for event in client.get("/events?limit=500")["items"]}
    assert all(log[event["id"]]["payload"] == event["payload"] for event in content["events"])


def test_whoever_has_the_file_can_compute_its_hash(client: Client, number: int) -> None:
    dossier = client.get(f"/deployments/{number}/dossier")
    text = json.dumps(dossier["content"], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    assert dossier["sha256"] == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    (event,) = issued(client, number)
    assert event["payload"] == {"sha256": dossier["sha256"]}
    assert dossier["recorded"] == {"event": event["id"], "at": event["at"], "actor": event["actor"]}


def test_the_same_content_is_recorded_once(client: Client, number: int) -> None:
    first = client.get(f"/deployments/{number}/dossier")
    assert client.get(f"/deployments/{number}/dossier") == first
    client.raw("GET", f"/deployments/{number}/dossier", headers={"Accept": "text/html"})
    assert len(issued(client, number)) == 1
    client.post(f"/deployments/{number}/abort", {"reason": "not this week"})
    later = client.get(f"/deployments/{number}/dossier")
    assert later["sha256"] != first["sha256"]
    assert len(issued(client, number)) == 2


def test_the_page_shows_the_same_and_runs_nothing(client: Client, number: int) -> None:
    page = client.raw("GET", f"/deployments/{number}/dossier", headers={"Accept": "text/html"})
    assert page.content_type == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    dossier = client.get(f"/deployments/{number}/dossier")
    for part in (dossier["sha256"], "deployment.paused", EVIDENCE["sbom"], dossier["content"]["events"][0]["hash"]):
        assert part in page.text
    assert EVIL not in page.text
    assert "&lt;script&gt;" in page.text


def test_a_deployment_that_does_not_exist_has_none(client: Client) -> None:
    refused(client.raw("GET", "/deployments/7/dossier"), 404, "no-such-deployment")
    assert client.get("/events?type=dossier.issued")["items"] == []
