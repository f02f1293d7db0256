"""What can become of a deployment, each as a short story that people play over REST.

A story does what its people would do and waits for what must come of it. It raises DemoFailed if that does not come,
ClientError if the API refuses or does not answer.
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

LONGEST_CUT = 30.0
"""Seconds for which nobody's commands go out while one deployment is waited for."""
DANGEROUS: Risk = {
    "privilege": 0.9,
    "supply_chain": 0.9,
    "vulnerabilities": 0.9,
    "exploitability": 0.9,
    "data_access": 0.9,
    "operational_complexity": 0.9,
}
NOBODY: Scope = {"tags": ["history-nobody"]}
WRONG = "something is wrong here"


def goes_through(scene: Scene) -> int:
    """Every gate opens; at the end somebody reports a device twice, and somebody another too late."""
    number = scene.deploy("short")
    scene.becomes(number, "completed")
    device, sequence = reported_device(scene.people.requester, number), time.time_ns()
    for _ in range(2):
        scene.people.requester.reports.submit(
            [{"deployment_id": number, "external_id": device, "sequence": sequence, "outcome": "succeeded"}]
        )
    return number


def goes_far(scene: Scene) -> int:
    """Five rings, and in the lab the proof that the release can be rolled back."""
    number = scene.deploy("long")
    scene.becomes(number, "completed")
    return number


def is_paused(scene: Scene) -> int:
    """Somebody wants to look first."""
    number = scene.deploy("short")
    scene.planned(number)
    scene.people.requester.deployments.pause(number, "a look at the numbers")
    time.sleep(2)
    scene.people.requester.deployments.resume(number, "all is well")
    scene.becomes(number, "completed")
    return number


def is_approved(scene: Scene) -> int:
    """The risk asks for the change board; its first approval is struck, since the evidence changes."""
    number = scene.deploy("signed", risk=DANGEROUS)
    scene.planned(number)
    scene.people.approver.deployments.approve(number, "read")
    scene.people.requester.deployments.replace_evidence(number, {**EVIDENCE, "test_results": "run again"})
    scene.held(number, "approval")
    scene.people.board.deployments.approve(number, "read, with the new test results")
    scene.becomes(number, "completed")
    return number


def is_rejected(scene: Scene) -> int:
    """The change board says no."""
    number = scene.deploy("signed", risk=DANGEROUS)
    scene.held(number, "approval")
    scene.people.approver.deployments.reject(number, "not before the holidays")
    scene.becomes(number, "aborted")
    return number


def is_promoted(scene: Scene) -> int:
    """Another person ends a long soak."""
    number = scene.deploy("slow")
    scene.until(number, "soaking", lambda it: it["rings"][0]["verdict_code"] == "soak")
    time.sleep(2)
    scene.people.colleague.deployments.promote(number, "the hotfix cannot wait")
    scene.becomes(number, "completed")
    return number


def fails(scene: Scene) -> int:
    """Devices of the canary ring report failures, and the plan says that this is the end."""
    number = scene.deploy("strict")
    scene.fails(number, "canary")
    scene.becomes(number, "failed")
    return number


def fails_and_goes_back(scene: Scene) -> int:
    """The same, and the plan says that what was installed shall be taken back."""
    number = scene.deploy("back")
    scene.fails(number, "canary")
    scene.becomes(number, "failed")
    scene.rolled_back(number)
    return number


def is_rolled_back(scene: Scene) -> int:
    """It went well, and was not what people wanted."""
    number = scene.deploy("short")
    scene.becomes(number, "completed")
    scene.people.requester.deployments.rollback(number, "the help desk is flooded")
    scene.rolled_back(number)
    return number


def is_waived(scene: Scene) -> int:
    """The canary fails for a known reason; another person lets it go on."""
    number = scene.deploy("short")
    scene.fails(number, "canary")
    scene.becomes(number, "paused")
    scene.people.approver.deployments.waive(
        number,
        reason="a known printer driver",
        compensating_controls="the help desk is informed",
        expires_at=datetime.now(UTC) + timedelta(days=30),
    )
    scene.people.requester.deployments.resume(number, "waived")
    scene.becomes(number, "completed")
    return number


def is_aborted(scene: Scene) -> int:
    """The canary fails and nobody wants to go on."""
    number = scene.deploy("short")
    scene.fails(number, "canary")
    scene.becomes(number, "paused")
    scene.people.requester.deployments.abort(number, "back to the drawing board")
    return number


def stalls(scene: Scene) -> int:
    """Some devices of the lab fail: too few to be evidence, too many to go on. A person is asked, and gives up."""
    number = scene.deploy("stalling")
    scene.fails(number, "lab", share=0.25)
    scene.until(number, "stalled", lambda it: it["reason"].startswith("stalled"))
    time.sleep(2)
    scene.people.requester.deployments.abort(number, "it will not get better")
    return number


def is_superseded(scene: Scene) -> int:
    """A newer version takes the place of one that is on its way."""
    first = scene.deploy("slow")
    scene.ring(first, "lab", "soaking")
    number = scene.deploy("short", version=f"{scene.version}-fixed")
    scene.becomes(first, "aborted")
    scene.becomes(number, "completed")
    return number


def reaches_nobody(scene: Scene) -> int:
    """Nobody is in its scope."""
    number = scene.deploy("short", scope=NOBODY)
    scene.becomes(number, "rejected")
    return number


def meets_an_incident(scene: Scene) -> int:
    """Trouble on the help desk stops it; what is merely annoying would not."""
    number = scene.deploy("slow")
    scene.planned(number)
    complaints: dict[Severity, str] = {"P3": "a misspelt dialogue", "P1": "the application does not start"}
    incidents = [
        scene.people.requester.incidents.open(severity, title, deployment_id=number)["id"]
        for severity, title in complaints.items()
    ]
    scene.becomes(number, "paused")
    scene.people.requester.deployments.abort(number, "the application does not start")
    for incident in incidents:
        scene.people.colleague.incidents.close(incident, "fixed in the next version")
    return number


def is_frozen(scene: Scene) -> int:
    """Month's end: nothing moves until two people lift the freeze."""
    number = scene.deploy("short")
    freeze = _freeze(scene)
    scene.held(number, "freeze")
    lift(scene.people.requester.freezes, scene.people.approver.freezes, freeze)
    scene.becomes(number, "completed")
    return number


def passes_a_freeze(scene: Scene) -> int:
    """An incident cannot wait for the end of a freeze: the glass is broken, and a second person confirms it."""
    people = scene.people
    number = scene.deploy("short")
    scene.planned(number)
    freeze = _freeze(scene)
    incident = people.requester.incidents.open("P2", "the fix is urgent")["id"]
    people.admin.deployments.break_glass(number, reason="the fix is urgent", incident_id=incident)
    people.approver.deployments.confirm_break_glass(number, "agreed")
    scene.becomes(number, "completed")
    people.colleague.incidents.close(incident, "rolled out")
    lift(people.requester.freezes, people.approver.freezes, freeze)
    return number


def is_stopped(scene: Scene) -> int:
    """Everything of the application stops at once, until two people let it go on."""
    number = scene.deploy("short")
    requester, approver = scene.people.requester, scene.people.approver
    stop = requester.emergency_stops.declare(WRONG, application=scene.application)["id"]
    scene.held(number, "emergency_stop")
    lift(requester.emergency_stops, approver.emergency_stops, stop)
    scene.becomes(number, "completed")
    return number


def is_cut_off(scene: Scene) -> int:
    """Somebody opens the vendor's breaker for a moment, for everyone."""
    connectors = scene.people.colleague.connectors
    # Before anything is sent: what is sent already is not held, and its results are not read either.
    connectors.set_breaker("simulated", "open", "the vendor asks for a pause")
    try:
        number = scene.deploy("short")
        scene.held(number, "breaker", LONGEST_CUT)
    finally:
        connectors.set_breaker("simulated", "closed", "the vendor is back")
    scene.becomes(number, "completed")
    return number


def takes_its_time(scene: Scene) -> int:
    """A few devices at once."""
    number = scene.deploy("paced")
    scene.becomes(number, "completed")
    return number


def misses_its_window(scene: Scene) -> int:
    """It may only move in one minute of another month; somebody notices."""
    number = scene.deploy("closed")
    scene.held(number, "window")
    scene.people.requester.deployments.abort(number, "the window opens too late")
    return number


def _freeze(scene: Scene) -> int:
    ends_at = datetime.now(UTC) + timedelta(minutes=5)
    declared = scene.people.requester.freezes.declare(WRONG, application=scene.application, ends_at=ends_at)
    return declared["id"]


def lift(requesting: Stops, agreeing: Stops, number: int) -> None:
    """One person asks for it, another agrees."""
    with suppress(ClientError):  # an earlier run may have asked already, or it has ended by itself
        requesting.lift(number, "the reason is gone")
        agreeing.lift(number, "agreed")


Story = Callable[[Scene], int]
STORIES: Mapping[Story, str] = {
    is_approved: "completed",
    fails_and_goes_back: "failed",
    is_promoted: "completed",
    is_rejected: "aborted",
    is_stopped: "completed",
    goes_far: "completed",
    is_paused: "completed",
    is_waived: "completed",
    is_rolled_back: "completed",
    meets_an_incident: "aborted",
    is_frozen: "completed",
    fails: "failed",
    is_superseded: "completed",
    stalls: "aborted",
    passes_a_freeze: "completed",
    reaches_nobody: "rejected",
    is_cut_off: "completed",
    takes_its_time: "completed",
    is_aborted: "aborted",
    misses_its_window: "aborted",
}
"""Each with the state its deployment ends in. In a short history only the first ones come."""


def told(count: int) -> list[Story]:
    """So many stories: every one in turn, and after each round as many that simply go well."""
    rounds: list[Story] = [*STORIES, *[goes_through] * len(STORIES)]
    return [rounds[n % len(rounds)] for n in range(count)]


def expected(story: Story) -> str:
    """The state in which the story's deployment ends."""
    return STORIES.get(story, "completed")
