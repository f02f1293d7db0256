"""Goes on with a database that an older version wrote: `python -m tests.migrations.goes_on FACTS`, facts as JSON.

A program of its own, because settings, database and connectors are a process's. It prints what it found as JSON.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from typing import Any

from rq.job import Job as RQJob

from app import clock, queue
from app.db import db
from app.deployments import progress, queries, silence
from app.factory import create_app
from app.identity.roles import Role
from app.identity.tokens import create_token


class Present:
    """A clock that begins where the older version stopped."""

    def __init__(self, at: datetime) -> None:
        self.time = at

    def __call__(self) -> datetime:
        return self.time


def main(facts: dict[str, Any]) -> None:
    """Repeat a request, then let every deployment go on to its end."""
    present = Present(datetime.fromisoformat(facts["at"]) + timedelta(seconds=1))
    app = create_app()
    with clock.replaced(present), app.app_context():
        http = app.test_client()
        found: dict[str, Any] = {
            "replayed": _repeat(http, facts["idempotent"]),
            "before": _states(facts["deployments"]),
        }
        found["decided"] = _decide(http, facts)
        for _ in range(400):
            progress.sweep()
            _work()
            silence.give_up()
            present.time += timedelta(seconds=1)
            if set(_states(facts["deployments"])["states"].values()) <= {"completed", "aborted"}:
                break
        _work()
        found["after"] = _states(facts["deployments"])
        found["counters"] = {name: _counters(number) for name, number in facts["deployments"].items()}
    print(json.dumps(found))


def _repeat(http: Any, request: dict[str, Any]) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {request['token']}", "Idempotency-Key": request["key"]}
    answer = http.post("/api/v1/deployments", json=request["body"], headers=headers)
    return {
        "status": answer.status_code,
        "same": answer.text == request["answer"],
        "replayed": answer.headers.get("Idempotency-Replayed"),
    }


def _decide(http: Any, facts: dict[str, Any]) -> list[str]:
    """Make the moves of people; returns each deployment's state after its move."""
    token = create_token("another", Role.ADMIN)
    db.session.commit()
    headers = {"Authorization": f"Bearer {token}"}
    states = []
    for name, move, body in facts["decisions"]:
        number = facts["deployments"][name]
        answer = http.post(f"/api/v1/deployments/{number}/{move}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        states.append(answer.json["state"])
    return states


def _states(deployments: dict[str, int]) -> dict[str, Any]:
    shown = {name: queries.deployment(number) for name, number in deployments.items()}
    return {
        "states": {name: str(it["state"]) for name, it in shown.items()},
        "holds": {name: [hold["hold"] for hold in it["holds"]] for name, it in shown.items()},
    }


def _counters(number: int) -> bool:
    """Whether every ring's kept counters equal a recount."""
    recounted = queries.recount(number)
    return all(
        all(ring[group] == count for group, count in recounted[ring["key"]].items())
        for ring in queries.rings(number)
        if ring["key"] in recounted
    )


def _work() -> None:
    while waiting := [job_id for name in queue.QueueName for job_id in queue.queue(name).get_job_ids()]:
        for job_id in waiting:
            _run(job_id)


def _run(job_id: str) -> None:
    for name in queue.QueueName:
        queue.queue(name).remove(job_id)
    RQJob.fetch(job_id, connection=queue.connection()).perform()
    db.session.remove()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
