"""A rollback of 500 devices in simulated time, through the whole engine: some fail to return, some are switched off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from app.connectors.protocol import Publication, Withdrawal
from app.db import db
from app.deployments import left_behind, rollback
from app.deployments.schemas import LeftBehindQuery
from bench.simulation import REQUESTER, ROUND, Answer, Fleet, World

DEVICES, LAB, FAILING, OFF = 500, 10, 5, 15
POLL = timedelta(minutes=1)
"""How often the vendor is asked for results."""
AT_ONCE = timedelta(seconds=20)
"""After which a reachable device answers an instruction."""
_RETURNED = text("""
    SELECT device.external_id, report.received_at - assignment.dispatched_at AS after
      FROM assignments AS assignment
      JOIN devices AS device ON device.id = assignment.device_id
      JOIN reports AS report ON report.id = assignment.report_id
     WHERE assignment.deployment_id = :id AND assignment.state = 'succeeded'
""")
_DISPATCHED = text("""
    SELECT max(assignment.dispatched_at) - max(deployment.created_at)
      FROM assignments AS assignment JOIN deployments AS deployment ON deployment.id = assignment.deployment_id
     WHERE assignment.deployment_id = :id
""")


@dataclass(frozen=True)
class Rollback:
    """How a rollback went."""

    reachable: int
    returned: dict[str, timedelta]
    """The devices that were back two polls after the request, and how long after its command each was known to be."""
    dispatched: timedelta
    """From the request to the last device's command."""
    left_behind: set[str]
    """The devices that were listed when the rollback was over."""
    state: str


def roll_back(world: World) -> Rollback:
    """Roll two versions out to a fleet, then the second one back, while devices fail and others are switched off."""
    fleet = Fleet.drawn("rollback", DEVICES, LAB)
    world.register(fleet)
    world.vendor.fate = lambda instruction, device: Answer("succeeded", AT_ONCE)
    for version in ("1.0", "2.0"):
        deployment = world.deploy(fleet, version)
        outcome = world.watch(deployment)
        if not outcome.completed:
            raise RuntimeError(f"Version {version} is {outcome.state}: {outcome.reason}.")
        world.look()  # records what is installed
    # Every 33rd device is switched off, and some of the others fail: in all rings.
    off = set(list(fleet.sites)[:: DEVICES // OFF][:OFF])
    failing = set(list(fleet.sites)[1 :: DEVICES // FAILING])

    def fate(instruction: Publication | Withdrawal, device: str) -> Answer | None:
        return None if device in off else Answer("failed" if device in failing else "succeeded", AT_ONCE)

    world.vendor.fate, world.vendor.results_every = fate, POLL.total_seconds()
    back = int(rollback.request(REQUESTER, deployment, "it crashes").id)
    until = world.time + 2 * POLL
    while world.time < until:
        world.look()
    with db.engine.connect() as connection:
        returned = {row.external_id: row.after for row in connection.execute(_RETURNED, {"id": back})}
        dispatched = connection.execute(_DISPATCHED, {"id": back}).scalar_one()
    world.vendor.results_every = ROUND
    outcome = world.watch(back)
    world.look()
    listed = left_behind.listing(back, LeftBehindQuery(limit=100))["items"]
    return Rollback(DEVICES - OFF, returned, dispatched, {item["external_id"] for item in listed}, outcome.state)
