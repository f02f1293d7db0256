"""The delay of a rollback's first dispatch while thousands of findings are remediated, relative to that without.

The limits that would ask a person are lifted, so every finding gets a command. `python -m bench.remediation --devices
2000` is quick; the default is 20,000 devices.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from app import queue
from app.db import db
from app.demo import rollout
from app.demo.calling import connect
from app.factory import create_app
from app.queue import Job
from app.settings import load_settings
from bench.stack import measured_apart, new_token, whole_stack
from client import Client
from client.types import Platform, RingPlanBody

Figure = tuple[str, str, str]
DEVICES, FEW = 20_000, 200
ROUNDS = 7
"""Rollbacks of each kind, in turns; their medians are compared."""
LONGEST = 300.0
"""Seconds after which something that is waited for is considered stuck."""
PLAN: RingPlanBody = {
    "rings": [
        {
            "name": "everyone",
            "gate": {"target": 0.9, "min_reported": 1, "min_coverage": 0.9, "soak_seconds": 0, "error_ceiling": 0.2},
            "auto_remediate": True,
        }
    ]
}
_NEVER_FAILS = {"failure": 0, "silent": 0, "already_compliant": 0, "fastest_seconds": 0, "slowest_seconds": 0}
ENVIRONMENT = {
    "EUCORA_SIMULATION": "1",
    "EUCORA_SIMULATED_PROFILE": json.dumps({**_NEVER_FAILS, "drift_missing": 1}),
    "EUCORA_REMEDIATION_SHARE": "1",
    "EUCORA_REMEDIATION_DEVICES": "1000000",
}
"""Every device has what it reported, and the inventory lists none of them."""

_UNSENT = "SELECT count(*) FROM commands WHERE purpose = 'remediation' AND state <> 'confirmed' AND due_at IS NOT NULL"
_DUE = "SELECT count(*) FROM drift_findings WHERE state = 'open' AND next_try_at IS NOT NULL"
_REMEDIATED = "SELECT count(*) FROM drift_findings WHERE state = 'remediating'"
_DELAY = """
    SELECT extract(epoch FROM min(command.confirmed_at) - max(deployment.created_at))
      FROM deployments AS deployment JOIN commands AS command ON command.deployment_id = deployment.id
     WHERE deployment.id = :id AND command.purpose = 'rollout'
"""


def measure() -> list[Figure]:
    """The figures as (what, measured, goal), measured by a separate process on a stack of its own."""
    return measured_apart("bench.remediation")


def main() -> None:
    """Measure on a separate stack with all its workers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=DEVICES, help="how many devices have findings")
    parser.add_argument("--json", action="store_true", help="the figures as one line of JSON")
    options = parser.parse_args()
    with whole_stack(ENVIRONMENT), create_app().app_context():
        figures = _measure(connect(load_settings(), new_token()), options.devices)
    print(json.dumps(figures) if options.json else "\n".join(" | ".join(figure) for figure in figures))


def _measure(client: Client, devices: int) -> list[Figure]:
    client.ring_plans.put("bench", PLAN)
    _register(client, "windows", devices)
    _register(client, "linux", FEW)
    _completed(client, _deploy(client, "large", "1", "windows"))
    _completed(client, _deploy(client, "small", "0", "linux"))
    alone: list[float] = []
    beside: list[float] = []
    for number in range(1, 2 * ROUNDS + 1):
        deployment = _completed(client, _deploy(client, "small", str(number), "linux"))
        if number % 2:
            alone.append(_delay(client, deployment))
            continue
        _find(devices)
        queue.enqueue(Job.REMEDIATE)
        queue.enqueue(Job.RECONCILE)  # and its comparisons at the same time
        beside.append(_delay(client, deployment))
        _wait(lambda: _count(_REMEDIATED) >= devices and not _count(_UNSENT) and not queue.depths()["drift"])
    without, with_them = statistics.median(alone), statistics.median(beside)
    figure = f"{with_them / without:.2f} × ({with_them * 1000:.0f} ms, without {without * 1000:.0f} ms)"
    return [(f"first dispatch of a rollback beside {devices:,} findings that are remediated", figure, "≤ 1.5 ×")]


def _find(devices: int) -> None:
    """Have every device missing at once, as if for the first time, and due."""
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE drift_findings SET state = 'resolved', next_try_at = NULL"))
    queue.enqueue(Job.RECONCILE)
    _wait(lambda: _count(_DUE) >= devices and not queue.depths()["drift"])


def _delay(client: Client, deployment: int) -> float:
    """Roll the deployment back; the seconds until the connector has confirmed its first command."""
    rollback = client.deployments.rollback(deployment, "it crashes")["id"]
    _wait(lambda: _value(_DELAY, id=rollback) is not None)
    delay = float(_value(_DELAY, id=rollback))
    _completed(client, rollback)
    return delay


def _register(client: Client, platform: Platform, devices: int) -> None:
    lines = (f"{platform}-{number:06d},{platform},simulated" for number in range(devices))
    client.devices.upload("\n".join(("external_id,platform,connector", *lines)).encode())


def _deploy(client: Client, application: str, version: str, platform: Platform) -> int:
    artifact = "sha256:" + "a" * 64
    created = client.deployments.create(
        application=application,
        version=version,
        platform=platform,
        artifact_hash=artifact,
        plan="bench",
        scope={"everyone": True},
        risk=rollout.RISK,
    )
    return created["id"]


def _completed(client: Client, deployment: int) -> int:
    *_, last = rollout.watch(client, deployment, LONGEST)
    if last["state"] != "completed":
        raise RuntimeError(f"Deployment {deployment} is {last['state']}: {last['reason']}.")
    return deployment


def _count(statement: str) -> int:
    return int(_value(statement))


def _value(statement: str, **parameters: object) -> Any:
    with db.engine.connect() as connection:
        return connection.execute(text(statement), parameters).scalar_one()


def _wait(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + LONGEST
    while not condition():
        if time.monotonic() > until:
            raise RuntimeError("Nothing happened for too long; see the logs of the stack.")
        time.sleep(0.05)


if __name__ == "__main__":
    main()
