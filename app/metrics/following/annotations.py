"""Annotations on the dashboards: a follower of the event log that posts deployment events to Graphite's events API.

Never in a request: a periodic job reads from its cursor on, posts annotations, and then moves the cursor. While
Graphite is down, the cursor stays, so nothing is lost. If the job is killed in between, at most one batch of
annotations is posted twice. The first run starts at the beginning of the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import structlog

from app.events import followers
from app.events.followers import Follower
from app.events.unit import CommittedEvent
from app.metrics.reading.graphite import authorities
from app.settings import load_settings

log = structlog.get_logger()

JOB_SECONDS = 10.0
TIMEOUT_SECONDS = 1.0


@dataclass(frozen=True)
class Layer:
    """Annotations that are shown or hidden together, found by one tag: Graphite cannot combine tags with AND."""

    title: str
    tag: str
    color: str


PROGRESS = Layer("Deployments", "deployment-progress", "blue")
TROUBLE = Layer("Deployments in trouble", "deployment-trouble", "red")
ROLLBACKS = Layer("Rollbacks", "rollback", "purple")
VERDICTS = Layer("Gate verdicts", "gate-verdict", "yellow")
LAYERS = (PROGRESS, TROUBLE, ROLLBACKS, VERDICTS)

WORDS: Mapping[str, tuple[str, Layer]] = {
    "deployment.created": ("created", PROGRESS),
    "deployment.resumed": ("resumed", PROGRESS),
    "deployment.completed": ("completed", PROGRESS),
    "deployment.paused": ("paused", TROUBLE),
    "deployment.rejected": ("rejected", TROUBLE),
    "deployment.aborted": ("aborted", TROUBLE),
    "deployment.failed": ("failed", TROUBLE),
    "gate.evaluated": ("verdict", VERDICTS),
}
"""The events that become annotations. Of gate verdicts, `wait` is left out: a ring waits most of the time."""

FOLLOWER = Follower(name="annotations", batch=50, types=frozenset(WORDS))


def mark(event: CommittedEvent) -> dict[str, Any] | None:
    """The body of the annotation for an event, with the event's own time; None if the event gets no annotation."""
    if event.type not in WORDS:
        return None
    word, layer = WORDS[event.type]
    payload = event.payload
    application = payload["application_label"]
    subject = "rollback" if payload.get("kind") == "rollback" else "deployment"
    if layer is VERDICTS:
        if payload["verdict"] == "wait":
            return None
        word = payload["verdict"]
        what = f"{payload['ring']}: {word}"
    else:
        layer = ROLLBACKS if subject == "rollback" else layer
        what = f"{subject} {word}"
    reason = payload.get("sentence") or payload.get("reason")
    return {
        "what": f"{what} ({application})",
        "tags": [*dict.fromkeys((subject, layer.tag, word, application))],
        "data": f"{subject.capitalize()} {event.deployment_id}: {reason or word}",
        "when": int(event.at.timestamp()),
    }


def follow(url: str = "", follower: Follower = FOLLOWER) -> int:
    """The periodic job: post annotations for the events since the last run; returns how many were posted.

    `url` is graphite-web's, by default that of the settings.
    """
    posted = 0
    address = url or load_settings().graphite_url
    with httpx.Client(base_url=address, timeout=TIMEOUT_SECONDS, verify=authorities()) as client:

        def send(event: CommittedEvent) -> bool:
            nonlocal posted
            body = mark(event)
            if body is None:
                return True
            if not _post(client, body):
                return False
            posted += 1
            return True

        followers.deliver(follower, send, JOB_SECONDS)
    return posted


def _post(client: httpx.Client, body: Mapping[str, Any]) -> bool:
    """Post one annotation; False if Graphite does not respond, so that it is posted again later."""
    try:
        response = client.post("/events/", json=body)
        if response.status_code == httpx.codes.BAD_REQUEST:
            log.warning("Graphite rejects an annotation", mark=body, answer=response.text[:200])
            return True
        response.raise_for_status()
    except httpx.HTTPError as error:
        log.info("annotations wait for Graphite", error=str(error) or type(error).__name__)
        return False
    return True
