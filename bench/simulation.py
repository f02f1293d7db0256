"""Whole rollouts in simulated time: the real engine on a real database, and a vendor whose devices take their time.

Sweep, planning, ticks, commands, results, silence, gates, soaks and approvals are the program's own. Only the clock,
the vendor and the scheduler are replaced: time passes in looks, close together after a dispatch and further apart
later. How often a ring is looked at does not change what fails it: its failures only grow, and the devices that it was
dispatched to stay the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from rq.job import Job as RQJob
from sqlalchemy import text

from app import clock, queue
from app.connectors import registry
from app.connectors.protocol import DeviceResult, InventoryPage, Pace, Publication, ResultPage, Withdrawal
from app.db import db
from app.deployments import progress, service as deployments, silence
from app.deployments.approval import answers
from app.deployments.schemas import DeploymentIn
from app.devices import service as devices
from app.devices.schemas import DeviceIn
from app.events.unit import unit_of_work
from app.identity.models import SubjectKind
from app.identity.roles import Role
from app.identity.tokens import create_token
from app.queue import Job

CONNECTOR = "simulated"
REQUESTER, BOARD = "release-manager", "change-board"
BEGINNING = datetime(2026, 1, 5, 8, tzinfo=UTC)
LONGEST = timedelta(days=120)
"""A rollout that has not ended by then stands still."""
SITES: Mapping[str, tuple[float, timedelta, float]] = {
    "online": (0.75, timedelta(minutes=20), 1.0),
    "intermittent": (0.20, timedelta(hours=10), 0.8),
    "air_gapped": (0.05, timedelta(days=2), 0.6),
}
"""Of each site class: its share of a fleet, and the median and shape of the log-normal time after which it answers.

99 of 100 devices that are online answer within 3.4 hours; 1 in 140 of the intermittent and 1 in 55 of the air-gapped
ones answer only after the time after which they are given up as silent.
"""
SOONEST, LATEST = timedelta(minutes=10), timedelta(hours=12)
"""The shortest and the longest time between two looks while the ring does not only soak."""
SILENCE_EVERY = timedelta(hours=6)
"""Between two looks for silent devices: a quarter of the shortest time after which one is given up."""
PATIENCE = 0.6
"""The time to the next look, as a share of that since something was sent."""
REGISTERED_AT_ONCE = 5_000
ROUND = 2.0
"""Seconds between two sweeps within one look."""
_RISK = dict.fromkeys(
    ("privilege", "supply_chain", "vulnerabilities", "exploitability", "data_access", "operational_complexity"), 0.8
)
"""So much that the plan `standard` asks for an approval, however small the fleet is."""
_EVIDENCE = dict.fromkeys(
    ("sbom", "scan_result", "install", "uninstall", "detection", "rollout_plan", "rollback_plan", "test_results"),
    "https://evidence.example/",
)
_BULK_FIRST = sorted(queue.QueueName, key=lambda name: name is queue.QueueName.CONTROL)
_DEPLOYMENT = text("SELECT state, reason, holds FROM deployments WHERE id = :id")
_RINGS = text("SELECT key, state, verdict_code FROM rings WHERE deployment_id = :id ORDER BY position")
_SOAKS_UNTIL = text("""
    SELECT covered_at + make_interval(secs => CAST(plan -> 'rings' -> position -> 'gate' ->> 'soak_seconds' AS float))
      FROM rings JOIN deployments ON deployments.id = deployment_id
     WHERE deployment_id = :id AND rings.state = 'soaking' AND verdict_code = 'soak'
""")


def work() -> list[str]:
    """Run every job that waits in Redis, and those they enqueue, in this process; their names in order.

    Results are read before a gate is judged, so that it is judged once.
    """
    done: list[str] = []
    while waiting := [(name, job_id) for name in _BULK_FIRST for job_id in queue.queue(name).get_job_ids()]:
        for name, job_id in waiting:
            queue.queue(name).remove(job_id)
            job = RQJob.fetch(job_id, connection=queue.connection())
            done.append(str(job.func_name).rsplit(".", 1)[-1])
            job.perform()
            db.session.remove()
    return done


class Answer(NamedTuple):
    """What a device answers to an instruction, and after how long."""

    outcome: str
    after: timedelta


Fate = Callable[[Publication | Withdrawal, str], Answer | None]
"""What becomes of an instruction on a device; None if it stays silent."""


class Vendor:
    """A connector whose devices answer by their fate, each in its own time."""

    def __init__(self) -> None:
        self.fate: Fate = lambda instruction, device: None
        self.results_every = ROUND
        self._results: dict[str, list[DeviceResult]] = {}
        self._unread: dict[str, datetime] = {}
        """When the next answer to an instruction arrives that was not read, by its reference."""

    @property
    def pace(self) -> Pace:
        return Pace(results_every=self.results_every)

    def publish(self, publication: Publication) -> str:
        return self._instruct(publication)

    def withdraw(self, withdrawal: Withdrawal) -> str:
        return self._instruct(withdrawal)

    def cancel(self, ref: str) -> None:
        """Nothing to stop."""

    def _instruct(self, instruction: Publication | Withdrawal) -> str:
        now, number = clock.now(), len(self._results) + 1
        answers = ((device, self.fate(instruction, device)) for device in instruction.devices)
        results = [
            DeviceResult(device, number, answer.outcome, "", now + answer.after)
            for device, answer in answers
            if answer is not None
        ]
        self._results[instruction.key] = sorted(results, key=lambda result: result.occurred_at)
        self._unread[instruction.key] = now
        return instruction.key

    def find(self, key: str) -> str | None:
        return key if key in self._results else None

    def results(self, ref: str, cursor: str, limit: int) -> ResultPage:
        everything, start, now = self._results[ref], int(cursor or 0), clock.now()
        page = [result for result in everything[start : start + limit] if result.occurred_at <= now]
        reached = start + len(page)
        if reached < len(everything):
            self._unread[ref] = everything[reached].occurred_at
        else:
            self._unread.pop(ref, None)
        return ResultPage(page, str(reached), exhausted=reached == len(everything))

    def inventory(self, application: str, platform: str, cursor: str, limit: int) -> InventoryPage:
        return InventoryPage([], cursor, exhausted=True)

    def health(self) -> bool:
        return True

    def has_news(self) -> bool:
        """Whether an answer has arrived that was not read."""
        return any(at <= clock.now() for at in self._unread.values())

    def hush(self) -> None:
        """No device answers any more."""
        now = clock.now()
        for ref, results in self._results.items():
            self._results[ref] = [result for result in results if result.occurred_at <= now]


@dataclass(frozen=True)
class Fleet:
    """Devices that one rollout is for: the site class of each by external id, those of the lab first."""

    name: str
    sites: Mapping[str, str]
    lab: int

    @classmethod
    def drawn(cls, name: str, size: int, lab: int) -> Fleet:
        """A fleet whose devices and their site classes depend on nothing but its name."""
        chance = random.Random(name)
        sites, shares = list(SITES), [share for share, _, _ in SITES.values()]
        drawn = chance.choices(sites, shares, k=size)
        return cls(name, {f"{name}-{number:05d}": site for number, site in enumerate(drawn)}, lab)


@dataclass(frozen=True)
class Chance:
    """Devices that are silent, and on which a release fails, by chance; it depends on nothing but the arguments."""

    fleet: Fleet
    failure: float
    silent: float

    def __call__(self, instruction: Publication | Withdrawal, device: str) -> Answer | None:
        of_device = random.Random(device)
        if of_device.random() < self.silent:
            return None
        installing, withdrawing = of_device.random(), of_device.random()
        fails = (withdrawing if isinstance(instruction, Withdrawal) else installing) < self.failure
        _, median, shape = SITES[self.fleet.sites[device]]
        _, _, of_ring = instruction.key.partition(":")  # without the deployment's id
        after = median * random.Random(f"{device}:{of_ring}").lognormvariate(0, shape)
        return Answer("failed" if fails else "succeeded", after)


class RingEnd(NamedTuple):
    """How a ring ended, or where it stands still; `verdict` is the code of its last one."""

    key: str
    state: str
    verdict: str | None


@dataclass(frozen=True)
class Outcome:
    """How a rollout ended, or where it stands still."""

    state: str
    reason: str | None
    rings: Sequence[RingEnd]
    after: timedelta

    @property
    def completed(self) -> bool:
        return self.state == "completed"

    @property
    def current(self) -> RingEnd:
        """The ring that the rollout is in; the last one if all are over."""
        return next((ring for ring in self.rings if ring.state not in ("passed", "skipped")), self.rings[-1])

    @property
    def stopped_early(self) -> bool:
        """Whether the rollout paused or failed before its last ring was started."""
        return self.state in ("paused", "failed") and self.rings[-1].state == "pending"


class World:
    """One vendor and one clock, which moves only here."""

    def __init__(self) -> None:
        self.time = BEGINNING
        self.vendor = Vendor()
        self._silence_from = self.time

    def register(self, fleet: Fleet) -> None:
        """Register the fleet's devices; its name is their business unit."""
        items = [
            DeviceIn(
                external_id=device,
                platform="windows",
                connector=CONNECTOR,
                site_class=site,
                business_unit=fleet.name,
                tags=["lab"] if number < fleet.lab else [],
            )
            for number, (device, site) in enumerate(fleet.sites.items())
        ]
        for start in range(0, len(items), REGISTERED_AT_ONCE):
            devices.register(REQUESTER, items[start : start + REGISTERED_AT_ONCE])

    def deploy(self, fleet: Fleet, version: str = "1.0") -> int:
        """Request a rollout to the fleet with the plan `standard`; its id."""
        body = {
            "application": fleet.name,
            "version": version,
            "platform": "windows",
            "artifact_hash": "sha256:" + "a" * 64,
            "plan": "standard",
            "scope": {"business_units": [fleet.name]},
            "risk": _RISK,
            "evidence": _EVIDENCE,
        }
        return int(deployments.create(REQUESTER, DeploymentIn.model_validate(body)).id)

    def watch(self, deployment: int) -> Outcome:
        """Let time pass until the deployment has ended, is paused or stands still; whoever must approve does."""
        began = sent = self.time
        while True:
            if self.look():
                sent = self.time
            outcome, holds, soaks_until = self._outcome(deployment, began)
            if outcome.state not in ("planning", "running") or outcome.after > LONGEST:
                return outcome
            if "approval" in holds:
                answers.approve(BOARD, deployment, "as planned")
            self._sleep(sent, soaks_until or self.time + LATEST)

    def _sleep(self, sent: datetime, latest: datetime) -> None:
        """Until the next look: longer, the longer ago something was sent, and on while no device answers."""
        while self.time < latest:
            self.time = min(self.time + max(PATIENCE * (self.time - sent), SOONEST), latest)
            if self.vendor.has_news():
                return

    def look(self) -> bool:
        """Do what is due now, and what follows from it; whether a command was delivered."""
        delivered = False
        if self.time >= self._silence_from:
            silence.give_up()
            self._silence_from = self.time + SILENCE_EVERY
        while True:
            progress.sweep()
            ran = work()
            self.time += timedelta(seconds=ROUND)
            if Job.DELIVER not in ran:
                return delivered
            delivered = True

    def leave(self, deployment: int) -> None:
        """End what is left of the deployment, so that it is in nobody's way."""
        if self._outcome(deployment, self.time)[0].state in ("planning", "running", "paused"):
            deployments.abort(REQUESTER, deployment, "the simulation is over")
        self.vendor.hush()
        self.look()

    def _outcome(self, deployment: int, began: datetime) -> tuple[Outcome, Sequence[str], datetime | None]:
        """How the deployment stands, its holds, and the end of its soak while a ring only soaks."""
        with db.engine.connect() as connection:
            row = connection.execute(_DEPLOYMENT, {"id": deployment}).one()
            rings = [RingEnd(*ring) for ring in connection.execute(_RINGS, {"id": deployment})]
            soaks_until = connection.execute(_SOAKS_UNTIL, {"id": deployment}).scalar_one_or_none()
        return Outcome(row.state, row.reason, rings, self.time - began), row.holds, soaks_until


@contextmanager
def world() -> Iterator[World]:
    """A world of its own, in place of the system's clock and the configured connectors."""
    created = World()
    with clock.replaced(lambda: created.time), registry.replaced({CONNECTOR: created.vendor}):
        with unit_of_work("bench"):
            create_token(BOARD, Role.APPROVER, SubjectKind.SERVICE)
        yield created


def roll_out(world: World, fleet: Fleet, failure: float, silent: float) -> Outcome:
    """One rollout of a release that fails on that share of the fleet's devices; so many others are silent."""
    world.vendor.fate = Chance(fleet, failure, silent)
    world.register(fleet)
    deployment = world.deploy(fleet)
    outcome = world.watch(deployment)
    world.leave(deployment)
    return outcome
