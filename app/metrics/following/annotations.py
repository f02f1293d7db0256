"""Marks on the dashboards: a follower of the event log that tells Graphite's events API what became of deployments.

Never in a request: a periodic job reads on from its cursor, posts what is worth a mark, and moves the cursor after the
posts. While Graphite is down the cursor stays, so nothing is lost; of a job killed between the two, at most one batch
of marks is made twice. The first run begins at the beginning of the log.
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
from app.settings import load_settings

log = structlog.get_logger()

JOB_SECONDS = 10.0
TIMEOUT_SECONDS = 1.0


@dataclass(frozen=True)
class Layer:
    """Marks that are switched on and off together: Graphite finds them by one tag, for it knows no AND of tags."""

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
"""The events that become marks. Of gates: verdicts that are not `wait`, for a ring waits most of its life."""

FOLLOWER = Follower(name="annotations", batch=50, types=frozenset(WORDS))


def mark(event: CommittedEvent) -> dict[str, Any] | None:
    """What Graphite is told of an event; None if it is worth no mark. Its time is the event's own."""
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
    """The periodic job: mark what has come since the last run; returns how many marks were made.

    `url` is graphite-web's, by default that of the settings.
    """
    marked = 0
    with httpx.Client(base_url=url or load_settings().graphite_url, timeout=TIMEOUT_SECONDS) as client:

        def send(event: CommittedEvent) -> bool:
            nonlocal marked
            body = mark(event)
            if body is None:
                return True
            if not _post(client, body):
                return False
            marked += 1
            return True

        followers.deliver(follower, send, JOB_SECONDS)
    return marked


def _post(client: httpx.Client, told: Mapping[str, Any]) -> bool:
    """Whether the log may be read on: not while Graphite does not answer."""
    try:
        answer = client.post("/events/", json=told)
        if answer.status_code == httpx.codes.BAD_REQUEST:
            log.warning("Graphite refuses a mark", mark=told, answer=answer.text[:200])
            return True
        answer.raise_for_status()
    except httpx.HTTPError as error:
        log.info("marks wait for Graphite", error=str(error) or type(error).__name__)
        return False
    return True
