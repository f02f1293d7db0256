"""The scenarios of the demo history: what can happen to a deployment, each a short story played over REST.

A story acts as its people and waits for the result. It returns the id of its deployment. It raises DemoFailed if the
expected result does not occur, and ClientError if the API rejects a request or does not answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from app.demo.rollout import reported_device
from app.demo.scene import EVIDENCE, Scene
from client import ClientError
from client.controls import Stops
from client.types import Risk, Scope, Severity

BREAKER_PATIENCE = 30.0
"""Seconds to wait for the hold of an open breaker, which holds every rollout meanwhile."""
HIGH_RISK: Risk = {
    "privilege": 0.9,
    "supply_chain": 0.9,
    "vulnerabilities": 0.9,
    "exploitability": 0.9,
    "data_access": 0.9,
    "operational_complexity": 0.9,
}
NO_DEVICES: Scope = {"tags": ["history-none"]}
STOP_REASON = "something is wrong here"


def completes(scene: Scene) -> int:
    """Every gate passes. At the end, one device's success is reported late, then again as a duplicate."""
    number = scene.deploy("short")
    scene.wait_state(number, "completed")
    device, sequence = reported_device(scene.people.requester, number), time.time_ns()
    for _ in range(2):
        scene.people.requester.reports.submit(
            [{"deployment_id": number, "external_id": device, "sequence": sequence, "outcome": "succeeded"}]
        )
    return number


def completes_five_rings(scene: Scene) -> int:
    """Five rings; the lab also validates that the release can be rolled back."""
    number = scene.deploy("long")
    scene.wait_state(number, "completed")
    return number


def is_paused(scene: Scene) -> int:
    """An operator pauses the deployment to look at the numbers, then resumes it."""
    number = scene.deploy("short")
    scene.wait_planned(number)
    scene.people.requester.deployments.pause(number, "a look at the numbers")
    time.sleep(2)
    scene.people.requester.deployments.resume(number, "all is well")
    scene.wait_state(number, "completed")
    return number


def is_approved(scene: Scene) -> int:
    """The risk requires an approval by the change board; a change of the evidence invalidates the first one."""
    number = scene.deploy("signed", risk=HIGH_RISK)
    scene.wait_planned(number)
    scene.people.approver.deployments.approve(number, "read")
    scene.people.requester.deployments.replace_evidence(number, {**EVIDENCE, "test_results": "run again"})
    scene.wait_held(number, "approval")
    scene.people.board.deployments.approve(number, "read, with the new test results")
    scene.wait_state(number, "completed")
    return number


def is_rejected(scene: Scene) -> int:
    """The change board rejects the deployment."""
    number = scene.deploy("signed", risk=HIGH_RISK)
    scene.wait_held(number, "approval")
    scene.people.approver.deployments.reject(number, "not before the holidays")
    scene.wait_state(number, "aborted")
    return number


def is_promoted(scene: Scene) -> int:
    """A second operator promotes the ring, which ends a long soak."""
    number = scene.deploy("slow")
    scene.wait_until(number, "soaking", lambda deployment: deployment["rings"][0]["verdict_code"] == "soak")
    time.sleep(2)
    scene.people.colleague.deployments.promote(number, "the hotfix cannot wait")
    scene.wait_state(number, "completed")
    return number


def fails(scene: Scene) -> int:
    """Devices of the canary ring report failures; the plan aborts on failure."""
    number = scene.deploy("strict")
    scene.report_failures(number, "canary")
    scene.wait_state(number, "failed")
    return number


def fails_and_rolls_back(scene: Scene) -> int:
    """Devices of the canary ring report failures; the plan rolls back on failure."""
    number = scene.deploy("back")
    scene.report_failures(number, "canary")
    scene.wait_state(number, "failed")
    scene.wait_rolled_back(number)
    return number


def is_rolled_back(scene: Scene) -> int:
    """The rollout completes, but an operator rolls it back."""
    number = scene.deploy("short")
    scene.wait_state(number, "completed")
    scene.people.requester.deployments.rollback(number, "the help desk is flooded")
    scene.wait_rolled_back(number)
    return number


def is_waived(scene: Scene) -> int:
    """The canary ring fails for a known reason; an approver waives the failure."""
    number = scene.deploy("short")
    scene.report_failures(number, "canary")
    scene.wait_state(number, "paused")
    scene.people.approver.deployments.waive(
        number,
        reason="a known printer driver",
        compensating_controls="the help desk is informed",
        expires_at=datetime.now(UTC) + timedelta(days=30),
    )
    scene.people.requester.deployments.resume(number, "waived")
    scene.wait_state(number, "completed")
    return number


def is_aborted(scene: Scene) -> int:
    """The canary ring fails and an operator aborts the deployment."""
    number = scene.deploy("short")
    scene.report_failures(number, "canary")
    scene.wait_state(number, "paused")
    scene.people.requester.deployments.abort(number, "back to the drawing board")
    return number


def stalls(scene: Scene) -> int:
    """Some lab devices fail: too few to fail the gate, too many to pass it. An operator aborts the deployment."""
    number = scene.deploy("stalling")
    scene.report_failures(number, "lab", share=0.25)
    scene.wait_until(number, "stalled", lambda deployment: deployment["reason"].startswith("stalled"))
    time.sleep(2)
    scene.people.requester.deployments.abort(number, "it will not get better")
    return number


def is_superseded(scene: Scene) -> int:
    """A newer version supersedes a rollout in progress."""
    first = scene.deploy("slow")
    scene.wait_ring(first, "lab", "soaking")
    number = scene.deploy("short", version=f"{scene.version}-fixed")
    scene.wait_state(first, "aborted")
    scene.wait_state(number, "completed")
    return number


def matches_no_devices(scene: Scene) -> int:
    """No device matches the scope, so the deployment is rejected."""
    number = scene.deploy("short", scope=NO_DEVICES)
    scene.wait_state(number, "rejected")
    return number


def is_paused_by_an_incident(scene: Scene) -> int:
    """A severe incident pauses the deployment; a minor one does not."""
    number = scene.deploy("slow")
    scene.wait_planned(number)
    complaints: dict[Severity, str] = {"P3": "a misspelt dialogue", "P1": "the application does not start"}
    incidents = [
        scene.people.requester.incidents.open(severity, title, deployment_id=number)["id"]
        for severity, title in complaints.items()
    ]
    scene.wait_state(number, "paused")
    scene.people.requester.deployments.abort(number, "the application does not start")
    for incident in incidents:
        scene.people.colleague.incidents.close(incident, "fixed in the next version")
    return number


def is_frozen(scene: Scene) -> int:
    """A freeze holds dispatch until two people lift it."""
    number = scene.deploy("short")
    freeze = _freeze(scene)
    scene.wait_held(number, "freeze")
    lift(scene.people.requester.freezes, scene.people.approver.freezes, freeze)
    scene.wait_state(number, "completed")
    return number


def breaks_glass(scene: Scene) -> int:
    """An urgent fix passes a freeze by break-glass, which a second person confirms."""
    people = scene.people
    number = scene.deploy("short")
    scene.wait_planned(number)
    freeze = _freeze(scene)
    incident = people.requester.incidents.open("P2", "the fix is urgent")["id"]
    people.admin.deployments.break_glass(number, reason="the fix is urgent", incident_id=incident)
    people.approver.deployments.confirm_break_glass(number, "agreed")
    scene.wait_state(number, "completed")
    people.colleague.incidents.close(incident, "rolled out")
    lift(people.requester.freezes, people.approver.freezes, freeze)
    return number


def is_emergency_stopped(scene: Scene) -> int:
    """An emergency stop holds all dispatch of the application until two people lift it."""
    number = scene.deploy("short")
    requester, approver = scene.people.requester, scene.people.approver
    stop = requester.emergency_stops.declare(STOP_REASON, application=scene.application)["id"]
    scene.wait_held(number, "emergency_stop")
    lift(requester.emergency_stops, approver.emergency_stops, stop)
    scene.wait_state(number, "completed")
    return number


def is_held_by_the_breaker(scene: Scene) -> int:
    """An operator opens the connector's breaker for a few seconds, which holds every rollout."""
    connectors = scene.people.colleague.connectors
    # Opened before anything is dispatched: the breaker does not hold commands already sent, and delays their results.
    connectors.set_breaker("simulated", "open", "the vendor asks for a pause")
    try:
        number = scene.deploy("short")
        scene.wait_held(number, "breaker", BREAKER_PATIENCE)
    finally:
        connectors.set_breaker("simulated", "closed", "the vendor is back")
    scene.wait_state(number, "completed")
    return number


def is_paced(scene: Scene) -> int:
    """A concurrency limit dispatches to a few devices at a time."""
    number = scene.deploy("paced")
    scene.wait_state(number, "completed")
    return number


def misses_its_window(scene: Scene) -> int:
    """The plan's only window is one minute of another month; an operator aborts the deployment."""
    number = scene.deploy("closed")
    scene.wait_held(number, "window")
    scene.people.requester.deployments.abort(number, "the window opens too late")
    return number


def _freeze(scene: Scene) -> int:
    ends_at = datetime.now(UTC) + timedelta(minutes=5)
    freeze = scene.people.requester.freezes.declare(STOP_REASON, application=scene.application, ends_at=ends_at)
    return freeze["id"]


def lift(requesting: Stops, agreeing: Stops, number: int) -> None:
    """Lift a freeze or an emergency stop: one person requests it, another agrees."""
    with suppress(ClientError):  # an earlier run may have requested it already, or the freeze has ended
        requesting.lift(number, "the reason is gone")
        agreeing.lift(number, "agreed")


Story = Callable[[Scene], int]
STORIES: Mapping[Story, str] = {
    is_approved: "completed",
    fails_and_rolls_back: "failed",
    is_promoted: "completed",
    is_rejected: "aborted",
    is_emergency_stopped: "completed",
    completes_five_rings: "completed",
    is_paused: "completed",
    is_waived: "completed",
    is_rolled_back: "completed",
    is_paused_by_an_incident: "aborted",
    is_frozen: "completed",
    fails: "failed",
    is_superseded: "completed",
    stalls: "aborted",
    breaks_glass: "completed",
    matches_no_devices: "rejected",
    is_held_by_the_breaker: "completed",
    is_paced: "completed",
    is_aborted: "aborted",
    misses_its_window: "aborted",
}
"""Each story with the state in which its deployment ends; a short history plays only the first ones."""


def chosen(count: int) -> list[Story]:
    """The first `count` stories: each story once, then as many that complete without events, and so on."""
    rounds: list[Story] = [*STORIES, *[completes] * len(STORIES)]
    return [rounds[n % len(rounds)] for n in range(count)]


def expected(story: Story) -> str:
    """The state in which the story's deployment should end."""
    return STORIES.get(story, "completed")
