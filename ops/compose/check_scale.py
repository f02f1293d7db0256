"""Tests both hosts of docker-compose.scale.yml: `make compose-test SCALE=1`.

A release that one host starts is worked on by both. Both carbons store every series: one is stopped during a rollout,
gets what it missed from the relays' queues, and the merged totals stay equal. The other one loses its files, and its
graphite-web reads those of the first. What a host without its relay loses is repaired through the other relay.
"""

from __future__ import annotations

import json
from typing import Any

from ops.compose.project import MINUTES, Compose, Failed, Rollout, address, start, wait_for

CARBON = "/etc/service/carbon"
REMOVE_SERIES = f"sv -w 30 down {CARBON} && rm -r /opt/graphite/storage/whisper/stats* && sv up {CARBON}"
SUCCEEDED = ("assignment.*.simulated.succeeded", "assignment.*.simulated.already_compliant")
RECONCILE = ("exec", "--no-TTY", "api", "flask", "--app", "wsgi", "metrics", "reconcile", "--since", "30m", "--json")


def check(compose: Compose, ports: dict[str, str]) -> None:
    """Start both hosts and run three rollouts. Raises Failed."""
    start(compose)
    token = compose.token()
    first = Rollout(address(ports, "API"), address(ports, "GRAPHITE"), token)
    second = Rollout(address(ports, "B_API"), address(ports, "B_GRAPHITE"), token)
    for host in (first, second):
        if set(host.ready().values()) != {"ok"}:
            raise Failed(f"/readyz reports {host.ready()}")
    first.register()
    deployments = [second.finish(second.start("undisturbed"))]
    both_have(first, second, deployments)
    for statsd in ("stats", "stats_b"):
        reports = first.counted("report.received", statsd=statsd)
        print(f"{statsd}: {reports} reports received")
        if not reports:
            raise Failed(f"nothing was counted with the prefix {statsd}")
    check_carbons(compose, first, second, deployments)
    check_relays(compose, first, second, deployments)


def check_carbons(compose: Compose, first: Rollout, second: Rollout, deployments: list[dict[str, Any]]) -> None:
    """Stop the second carbon during a rollout and start it again; remove the first one's files. Raises Failed."""
    number = first.start("without a carbon")
    first.reach_second_ring(number)
    # The image's init does not wait for carbon, which would lose the second that it has in memory.
    compose.read("exec", "--no-TTY", "graphite-b", "sv", "-w", "30", "down", CARBON)
    compose.show("stop", "graphite-b")
    deployments.append(first.finish(number))
    first.compare(*deployments)
    compose.show("start", "graphite-b")
    wait_for("every service healthy again", lambda: not compose.unhealthy(), 5 * MINUTES)
    first.compare(*deployments)
    # What was on its way when the carbon stopped is in no queue: at most a flush or two.
    wait_for("most of what the relays queued", lambda: second.counted(*SUCCEEDED) > 0.9 * first.counted(*SUCCEEDED), 60)
    print(f"The second carbon has {second.counted(*SUCCEEDED)} of {first.counted(*SUCCEEDED)} that succeeded.")

    compose.read("exec", "--no-TTY", "graphite-statsd", "sh", "-c", REMOVE_SERIES)
    if (left := first.counted(*SUCCEEDED, alone=True)) != 0:
        raise Failed(f"the first carbon still has {left} that succeeded")
    # graphite-web does not ask again for a minute where it had no response.
    wait_for(
        "the second carbon's series in the first graphite-web",
        lambda: first.counted(*SUCCEEDED) == second.counted(*SUCCEEDED),
        2 * MINUTES,
    )
    print("The first carbon lost its files; the first graphite-web reads the second's.")


def check_relays(compose: Compose, first: Rollout, second: Rollout, deployments: list[dict[str, Any]]) -> None:
    """Stop the second host's relay during a rollout, and repair what its StatsD lost. Raises Failed."""
    number = first.start("without a relay")
    first.reach_second_ring(number)
    compose.show("stop", "relay-b")
    deployments.append(first.finish(number))
    compose.show("start", "relay-b")
    lost = reconciled(compose)
    print(f"Host b had no relay: {len(lost['differing'])} of {lost['series']} series are below the events.")
    if lost["equal"]:
        raise Failed("nothing was lost without a relay, so the repair was not tested")
    if not (repaired := reconciled(compose, "--repair"))["equal"]:
        raise Failed(f"the repair left differences: {repaired['differing']}")
    first.compare(*deployments)


def reconciled(compose: Compose, *options: str) -> dict[str, Any]:
    """Return the comparison of the whole event log with Graphite, once it has been quiet for long enough."""
    outcome: dict[str, Any] = {}

    def complete() -> bool:
        code, output = compose.attempt(*RECONCILE, *options)
        if code > 1:  # Graphite or the database did not respond
            return False
        outcome.update(json.loads(output))
        return bool(outcome["from"]) and not any("left out" in note for note in outcome["notes"])

    wait_for("a comparison of all events", complete, 3 * MINUTES)
    return outcome


def both_have(first: Rollout, second: Rollout, deployments: list[dict[str, Any]]) -> None:
    """Compare the totals of each carbon, and those that the first graphite-web merges. Raises Failed."""
    first.compare(*deployments, alone=True)
    second.compare(*deployments)
    first.compare(*deployments)
