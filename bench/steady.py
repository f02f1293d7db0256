"""Steady work on a running stack: rollouts one after the other, and a writer whose answers are kept.

Whatever happens to the API, each request is repeated with its own Idempotency-Key until it is answered: so what was
answered can be compared with what is stored.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

from app.demo import rollout
from client import Client
from client.errors import Problem, Unreachable

Answer = TypeVar("Answer")

APPLICATIONS = 4
"""Applications that roll out at the same time, each to every Windows device."""
AGAIN = 0.5
"""Seconds until a request that was not answered is sent again, and between two looks at a rollout."""
FAILURES = (500, 502, 504)
"""Statuses that no fault of another part may cause; 503 says that a part is missing."""


class Steady(threading.Thread):
    """Repeats `step` until stopped. `statuses` counts the answers that were not a success."""

    def __init__(self, name: str, client: Client) -> None:
        super().__init__(name=name, daemon=True)
        self.client = client
        self.statuses: Counter[int | str] = Counter()
        self.said: dict[int, str] = {}
        """The first problem of each status."""
        self.stopped = threading.Event()
        self.broken: BaseException | None = None

    def run(self) -> None:
        """Work until stopped; `broken` is the error that ended it early."""
        try:
            while not self.stopped.is_set():
                self.step()
        except BaseException as error:
            self.broken = error

    def step(self) -> None:
        """One piece of the work."""
        raise NotImplementedError

    def finish(self) -> None:
        """End after the piece of work that has begun. Raises what broke it."""
        self.stopped.set()
        self.join()
        if self.broken is not None:
            raise self.broken

    def answered(self, call: Callable[[], Answer]) -> Answer:
        """The answer to a call, which is repeated until there is one."""
        while True:
            try:
                return call()
            except Unreachable:
                self.statuses["unreachable"] += 1
            except Problem as problem:
                self.statuses[problem.status] += 1
                self.said.setdefault(problem.status, str(problem))
                if problem.status not in (*FAILURES, 503):
                    raise
            time.sleep(AGAIN)


class Rollouts(Steady):
    """Rolls out the next version of one application when the one before has ended."""

    def __init__(self, client: Client, application: str) -> None:
        super().__init__(application, client)
        self.application = application
        self.ended: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.ids: list[int] = []

    def step(self) -> None:
        """One rollout from its request to its end; the next supersedes one that was paused."""
        number = len(self.ids) + 1
        created = self.answered(
            lambda: self.client.deployments.create(
                application=self.application,
                version=f"1.{number}",
                platform="windows",
                artifact_hash="sha256:" + f"{number:064x}",
                plan="demo",
                supersede=True,
                scope={"everyone": True},
                risk=rollout.RISK,
                idempotency_key=f"{self.application}-{number}",
            )
        )
        self.ids.append(created["id"])
        found: Any = created
        while found["state"] in ("planning", "running"):
            time.sleep(AGAIN)
            found = self.answered(lambda: self.client.deployments.get(created["id"]))
        self.ended[found["state"]] += 1
        if found["state"] != "completed":
            self.reasons[str(found["reason"])] += 1


class Incidents(Steady):
    """Opens and closes incidents at a steady pace. `opened` are the ids that were answered."""

    def __init__(self, client: Client, every: float) -> None:
        super().__init__("incidents", client)
        self.every = every
        self.opened: list[int] = []

    def step(self) -> None:
        """One incident."""
        name = f"soak-{len(self.opened) + 1}"
        opened = self.answered(lambda: self.client.incidents.open("P3", name, idempotency_key=name))
        self.opened.append(opened["id"])
        self.answered(lambda: self.client.incidents.close(opened["id"], "seen", idempotency_key=f"{name}-closed"))
        self.stopped.wait(self.every)


class Reader(Steady):
    """Reads what consoles read: lists, one deployment, the dashboard."""

    def __init__(self, client: Client, every: float) -> None:
        super().__init__("reader", client)
        self.every = every
        self.reads = 0

    def step(self) -> None:
        """One round of reads."""
        page = self.answered(lambda: self.client.deployments.list(limit=50))
        if page["items"]:
            newest = page["items"][0]["id"]
            self.answered(lambda: self.client.deployments.get(newest))
            self.answered(lambda: self.client.deployments.events(newest, limit=50))
        self.reads += 1
        self.stopped.wait(self.every)
