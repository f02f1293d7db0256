"""What can become of a deployment, each as a short story that people tell over REST.

A story does what its people would do, waits for what must come of it, and raises DemoFailed if that does not come.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.demo.client import RISK, Client
from app.demo.errors import DemoFailed

PATIENCE = 180.0
"""Seconds for what usually takes two or three, on a machine that does other things too."""
POLL = 0.4
LONGEST_CUT = 30.0
"""Seconds for which nobody's commands go out while one deployment is waited for."""
FLEET = "history"
"""The tag of the devices that these stories are about; nothing else is touched."""
LAB = "history-lab"
PLATFORMS = ("linux", "macos")
EVIDENCE = dict.fromkeys(
    (
        "sbom",
        "scan_result",
        "install",
        "uninstall",
        "detection",
        "rollout_plan",
        "rollback_plan",
        "test_results",
    ),
    "kept beside the release",
)
DANGEROUS = dict.fromkeys(RISK, 0.9)

Shown = dict[str, Any]


@dataclass(frozen=True)
class People:
    """Whoever takes part: two who operate, two who sign off, and one who may do everything."""

    requester: Client
    colleague: Client
    approver: Client
    board: Client
    admin: Client


@dataclass(frozen=True)
class Scene:
    """Where a story takes place: nobody else deploys this application on this platform meanwhile."""

    people: People
    application: str
    platform: str
    version: str

    def deploy(self, plan: str, **fields: Any) -> int:
        """Ask for a deployment; one that an earlier run has left behind gives way."""
        version = fields.pop("version", self.version)
        body = {
            "application": self.application,
            "version": version,
            "platform": self.platform,
            "artifact_hash": "sha256:" + hashlib.sha256(f"{self.application} {version}".encode()).hexdigest(),
            "plan": f"history-{plan}",
            "supersede": True,
            "scope": {"tags": [FLEET]},
            "risk": RISK,
            "evidence": EVIDENCE,
            **fields,
        }
        return int(self.people.requester.tell("/deployments", body)["id"])

    def until(self, number: int, what: str, holds: Callable[[Shown], bool], seconds: float = PATIENCE) -> Shown:
        """The deployment, once it is as wanted. Raises DemoFailed if it ends or rests otherwise."""
        deadline = time.monotonic() + seconds
        while not holds(seen := self.people.requester.deployment(number)):
            if time.monotonic() > deadline or (seen["finished_at"] and not holds(seen)):
                raise DemoFailed(f"deployment {number} is {seen['state']} ({seen['reason']}), not {what}")
            time.sleep(POLL)
        return seen

    def planned(self, number: int) -> Shown:
        """The deployment, once every device has its ring."""
        return self.until(number, "planned", lambda it: it["state"] != "planning")

    def becomes(self, number: int, state: str) -> Shown:
        """The deployment in that state."""
        return self.until(number, state, lambda it: it["state"] == state)

    def held(self, number: int, hold: str, seconds: float = PATIENCE) -> None:
        """Return when the deployment is held by that, and a tick has seen it."""
        self.until(number, f"held by {hold}", lambda it: hold in [each["hold"] for each in it["holds"]], seconds)
        time.sleep(2.5)

    def ring(self, number: int, key: str, state: str) -> None:
        """Return when a ring is in that state."""
        wanted = {"key": key, "state": state}
        self.until(number, f"{state} in {key}", lambda it: any(wanted.items() <= ring.items() for ring in it["rings"]))

    def decide(self, number: int, what: str, who: Client | None = None, **body: Any) -> Shown:
        """Somebody's decision about the deployment; the requester's, unless it is another's."""
        answer: Shown = (who or self.people.requester).tell(f"/deployments/{number}/{what}", body)
        return answer

    def fails(self, number: int, ring: str, share: float = 0.9) -> None:
        """Have devices of a ring report that the release does not work, before it is their turn."""
        self.planned(number)
        found = self.people.requester.ask(f"/deployments/{number}/assignments", ring=ring, limit=500)["items"]
        sequence = time.time_ns() // 1_000
        body = [
            {"deployment_id": number, "external_id": it["external_id"], "sequence": sequence, "outcome": "failed"}
            for it in found[: max(round(share * len(found)), 1)]
        ]
        self.people.requester.tell("/reports", body)

    def rolled_back(self, number: int) -> None:
        """Return when the way back of the deployment is over."""
        later = self.people.requester.ask("/deployments", application=self.application, cursor=number)["items"]
        back = next((it["id"] for it in later if it["rolls_back"] == number), None)
        if back is None:
            raise DemoFailed(f"deployment {number} is not rolled back")
        self.becomes(int(back), "completed")


def goes_through(scene: Scene) -> int:
    """Every gate opens; at the end somebody reports a device twice, and somebody another too late."""
    number = scene.deploy("short")
    scene.becomes(number, "completed")
    device = scene.people.requester.reported_device(number)
    report = {"deployment_id": number, "external_id": device, "sequence": time.time_ns(), "outcome": "succeeded"}
    for _ in range(2):
        scene.people.requester.tell("/reports", [report])
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
    scene.decide(number, "pause", reason="a look at the numbers")
    time.sleep(2)
    scene.decide(number, "resume", reason="all is well")
    scene.becomes(number, "completed")
    return number


def is_approved(scene: Scene) -> int:
    """The risk asks for the change board; its first approval is struck, since the evidence changes."""
    number = scene.deploy("signed", risk=DANGEROUS)
    scene.planned(number)
    scene.decide(number, "approve", scene.people.approver, comment="read")
    evidence = {**EVIDENCE, "test_results": "run again"}
    scene.people.requester.tell(f"/deployments/{number}/evidence", evidence, method="PUT")
    scene.held(number, "approval")
    scene.decide(number, "approve", scene.people.board, comment="read, with the new test results")
    scene.becomes(number, "completed")
    return number


def is_rejected(scene: Scene) -> int:
    """The change board says no."""
    number = scene.deploy("signed", risk=DANGEROUS)
    scene.held(number, "approval")
    scene.decide(number, "reject", scene.people.approver, comment="not before the holidays")
    scene.becomes(number, "aborted")
    return number


def is_promoted(scene: Scene) -> int:
    """Another person ends a long soak."""
    number = scene.deploy("slow")
    scene.until(number, "soaking", lambda it: it["rings"][0]["verdict_code"] == "soak")
    time.sleep(2)
    scene.decide(number, "promote", scene.people.colleague, reason="the hotfix cannot wait")
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
    scene.decide(number, "rollback", reason="the help desk is flooded")
    scene.rolled_back(number)
    return number


def is_waived(scene: Scene) -> int:
    """The canary fails for a known reason; another person lets it go on."""
    number = scene.deploy("short")
    scene.fails(number, "canary")
    scene.becomes(number, "paused")
    expires = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    terms = {"reason": "a known printer driver", "compensating_controls": "help desk told", "expires_at": expires}
    scene.decide(number, "waive", scene.people.approver, **terms)
    scene.decide(number, "resume", reason="waived")
    scene.becomes(number, "completed")
    return number


def is_aborted(scene: Scene) -> int:
    """The canary fails and nobody wants to go on."""
    number = scene.deploy("short")
    scene.fails(number, "canary")
    scene.becomes(number, "paused")
    scene.decide(number, "abort", reason="back to the drawing board")
    return number


def stalls(scene: Scene) -> int:
    """Some devices of the lab fail: too few to be evidence, too many to go on. A person is asked, and gives up."""
    number = scene.deploy("stalling")
    scene.fails(number, "lab", share=0.25)
    scene.until(number, "stalled", lambda it: it["reason"].startswith("stalled"))
    time.sleep(2)
    scene.decide(number, "abort", reason="it will not get better")
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
    number = scene.deploy("short", scope={"tags": ["history-nobody"]})
    scene.becomes(number, "rejected")
    return number


def meets_an_incident(scene: Scene) -> int:
    """Trouble on the help desk stops it; what is merely annoying would not."""
    number = scene.deploy("slow")
    scene.planned(number)
    people = scene.people
    slight, grave = (
        people.requester.tell("/incidents", {"severity": severity, "title": title, "deployment_id": number})["id"]
        for severity, title in (("P3", "a misspelt dialogue"), ("P1", "the application does not start"))
    )
    scene.becomes(number, "paused")
    scene.decide(number, "abort", reason="the application does not start")
    for incident in (slight, grave):
        people.colleague.tell(f"/incidents/{incident}/close", {"resolution": "fixed in the next version"})
    return number


def is_frozen(scene: Scene) -> int:
    """Month's end: nothing moves until two people lift the freeze."""
    number = scene.deploy("short")
    freeze = _stop(scene, "/freezes", ends_at=(datetime.now(UTC) + timedelta(minutes=5)).isoformat())
    scene.held(number, "freeze")
    lift(scene.people, "/freezes", freeze)
    scene.becomes(number, "completed")
    return number


def passes_a_freeze(scene: Scene) -> int:
    """An incident cannot wait for the end of a freeze: the glass is broken, and a second person confirms it."""
    people = scene.people
    number = scene.deploy("short")
    scene.planned(number)
    freeze = _stop(scene, "/freezes", ends_at=(datetime.now(UTC) + timedelta(minutes=5)).isoformat())
    incident = people.requester.tell("/incidents", {"severity": "P2", "title": "the fix is urgent"})["id"]
    scene.decide(number, "break-glass", people.admin, reason="the fix is urgent", incident_id=incident)
    scene.decide(number, "break-glass/confirm", people.approver, comment="agreed")
    scene.becomes(number, "completed")
    people.colleague.tell(f"/incidents/{incident}/close", {"resolution": "rolled out"})
    lift(people, "/freezes", freeze)
    return number


def is_stopped(scene: Scene) -> int:
    """Everything of the application stops at once, until two people let it go on."""
    number = scene.deploy("short")
    stop = _stop(scene, "/emergency-stop")
    scene.held(number, "emergency_stop")
    lift(scene.people, "/emergency-stop", stop)
    scene.becomes(number, "completed")
    return number


def is_cut_off(scene: Scene) -> int:
    """Somebody opens the vendor's breaker for a moment, for everyone."""
    breaker = "/connectors/simulated/breaker"
    # Before anything is sent: what is sent already is not held, and its results are not read either.
    scene.people.colleague.tell(breaker, {"state": "open", "reason": "the vendor asks for a pause"})
    try:
        number = scene.deploy("short")
        scene.held(number, "breaker", LONGEST_CUT)
    finally:
        scene.people.colleague.tell(breaker, {"state": "closed", "reason": "the vendor is back"})
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
    scene.decide(number, "abort", reason="the window opens too late")
    return number


def _stop(scene: Scene, path: str, **fields: Any) -> int:
    body = {"reason": "something is wrong here", "application": scene.application, **fields}
    return int(scene.people.requester.tell(path, body)["id"])


def lift(people: People, path: str, number: int) -> None:
    """One person asks for it, another agrees."""
    with suppress(DemoFailed):  # an earlier run may have asked already, or it has ended by itself
        people.requester.tell(f"{path}/{number}/lift", {"reason": "the reason is gone"})
        people.approver.tell(f"{path}/{number}/lift", {"reason": "agreed"})


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
