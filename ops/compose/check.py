"""Tests the production setup with real containers: `make compose-test`. It requires Docker with Compose.

It starts the stack in its own Compose project, on free ports and with new secrets. It rolls out a release over HTTP and
compares Graphite's counters with the API's. Then it rolls out a second release while it kills a worker and Redis. With
`--scale` (`make compose-test SCALE=1`) it starts both hosts of docker-compose.scale.yml instead, and takes the second
carbon away during the second rollout (ops/compose/check_scale.py). At the end it removes everything it created.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from functools import partial
from pathlib import Path

import httpx

from ops.compose import check_scale
from ops.compose.env import secret_values, write
from ops.compose.project import (
    MINUTES,
    ONE_HOST,
    TWO_HOSTS,
    Compose,
    Failed,
    Rollout,
    address,
    free_ports,
    require_docker,
    restarted,
    start,
    wait_for,
)

# A container's program is the only child of its init process.
KILL_MAIN = "import os; os.kill(int(open('/proc/1/task/1/children').read().split()[0]), 9)"


def check_rollout(rollout: Rollout) -> None:
    """Roll out undisturbed: everything is ready, the deployment completes, the counters agree."""
    if set(rollout.ready().values()) != {"ok"}:
        raise Failed(f"/readyz reports {rollout.ready()}")
    rollout.register()
    rollout.compare(rollout.finish(rollout.start("undisturbed")))


def check_kills(compose: Compose, rollout: Rollout) -> None:
    """Kill a worker and Redis during a rollout: both restart, everything is healthy, the deployment completes."""
    number = rollout.start("disturbed")
    rollout.reach_second_ring(number)
    kills = (("worker", ("python", "-c", KILL_MAIN)), ("redis", ("sh", "-c", "kill 1")))
    before = {service: compose.restarts(service) for service, _ in kills}
    for service, kill in kills:
        compose.read("exec", "--no-TTY", "--index", "1", service, *kill)
    for service, count in before.items():
        again = partial(restarted, compose, service, count)
        seconds = wait_for(f"the restart of {service}", again, MINUTES)
        print(f"Killed {service}: restarted {seconds:.0f} s later.")
    rollout.finish(number)
    seconds = wait_for("every service healthy again", lambda: not compose.unhealthy(), 3 * MINUTES)
    print(f"Every service is healthy {seconds:.0f} s later.")


def check(compose: Compose, ports: dict[str, str]) -> None:
    """Start the stack and run both rollouts. Raises Failed."""
    start(compose)
    rollout = Rollout(address(ports, "API"), address(ports, "GRAPHITE"), compose.token())
    check_rollout(rollout)
    check_kills(compose, rollout)


def main() -> int:
    """Check, then remove everything. The exit code is 0 only if the check passed."""
    parser = argparse.ArgumentParser(prog="python -m ops.compose.check", description="Tests the production setup.")
    parser.add_argument("--scale", action="store_true", help="with the second host of docker-compose.scale.yml")
    scale = bool(parser.parse_args().scale)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # keeps the order with Compose's output
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        require_docker()
    except Failed as error:
        print(error, file=sys.stderr)
        return 1
    ports = free_ports()
    # A variable in the caller's environment would override the one in the file.
    for name in (*secret_values(), *ports):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory() as folder:
        env_file = Path(folder) / "env"
        write(env_file, {**secret_values(), **ports})
        compose = Compose(env_file, TWO_HOSTS if scale else ONE_HOST)
        try:
            (check_scale.check if scale else check)(compose, ports)
        except (Failed, httpx.HTTPError) as error:
            compose.explain()
            print(f"compose-test failed: {error}", file=sys.stderr)
            return 1
        finally:
            compose.show("down", "--volumes", "--remove-orphans", "--timeout", "30")
    print("compose-test passed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
