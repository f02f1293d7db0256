"""History for the dashboards: many small deployments over REST, several at once, each a story of `stories.py`."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from app import queue
from app.demo import proof, run, stories
from app.demo.calling import connect, failing_calls
from app.demo.errors import DemoFailed
from app.demo.proof import SeriesTotals
from app.demo.scene import FLEET, LAB, PATIENCE, PLATFORMS, People, Scene
from app.demo.stories import Story
from app.identity.roles import Role
from app.metrics.reading.graphite import Graphite
from app.queue import Job
from app.settings import Settings
from client import ClientError
from client.types import DriftFinding, NewDevice, SiteClass

SUBJECTS = {
    "requester": Role.OPERATOR,
    "colleague": Role.OPERATOR,
    "approver": Role.APPROVER,
    "board": Role.APPROVER,
    "admin": Role.ADMIN,
}
"""The people of the stories and their roles; the subject of each is `history-<name>`."""
LANES = 8
"""Stories played at once. An application can have one live deployment per platform, so each lane has its own."""
DEVICES = 40
"""Devices on each platform; every fifth is in the lab."""
RETIRED = 3
"""Devices that are retired, so drift detection has something to find."""
SITES: tuple[SiteClass, ...] = ("online", "intermittent", "air_gapped")

TokenMaker = Callable[[str, Role], str]


def _gate(**fields: Any) -> dict[str, Any]:
    defaults = {"target": 0.8, "min_reported": 3, "min_coverage": 0.6, "soak_seconds": 1, "error_ceiling": 0.3}
    return {**defaults, "compliant_within": {"online": 30, "intermittent": 2, "air_gapped": 30}, **fields}


def _plan(lab: dict[str, Any] | None = None, canary: dict[str, Any] | None = None, **gate: Any) -> dict[str, Any]:
    rings = [
        {"name": "lab", "tag": LAB, "gate": _gate(**gate), **(lab or {})},
        {"name": "canary", "share": 35, "gate": _gate(**gate), **(canary or {})},
        {"name": "pilot", "gate": _gate(**{**gate, "soak_seconds": 0})},
    ]
    # Not shorter: on a busy machine, a device that is about to report would be given up as silent.
    return {"rings": rings, "silent_after": dict.fromkeys(SITES, 20)}


def plans(now: datetime) -> dict[str, Any]:
    """The ring plans of the stories, by name without `history-`. The window of `closed` is months after `now`."""
    another_month = (now.month + 5) % 12 + 1
    short, long = _plan(), _plan({"gate": _gate(validates_rollback=True)})
    long["rings"][1:] = [
        {"name": "canary", "share": 20, "gate": _gate()},
        {"name": "pilot", "share": 20, "gate": _gate()},
        {"name": "department", "share": 30, "gate": _gate()},
        {"name": "global", "gate": _gate()},
    ]
    return {
        "short": short,
        "long": long,
        "slow": _plan({"gate": _gate(soak_seconds=600)}),
        "signed": _plan({}, {"approval": {"when": "risk", "people": 1}}),
        "strict": _plan(on_fail="abort"),
        "back": _plan(on_fail="rollback"),
        "stalling": _plan({"gate": _gate(error_ceiling=0.45, max_wait_seconds=5)}),
        "paced": _plan({"concurrency": 5}, {"concurrency": 5}),
        "closed": {**short, "windows": [{"cron": f"0 0 1 {another_month} *", "duration_minutes": 1}]},
    }


def fleet() -> list[NewDevice]:
    """The devices of the stories; every call returns the same ones."""
    chance = random.Random(FLEET)  # noqa: S311  # an inventory, not a secret
    return [
        {
            "external_id": f"{FLEET}-{platform}-{number:03d}",
            "platform": platform,
            "connector": "simulated",
            "site_class": chance.choices(SITES, (80, 15, 5))[0],
            "tags": [FLEET, LAB] if number % 5 == 0 else [FLEET],
        }
        for platform in PLATFORMS
        for number in range(DEVICES)
    ]


@dataclass(frozen=True)
class PlayedStory:
    """A story and how it ended, after how many seconds; `problem` says why it did not end as expected."""

    story: Story
    scene: Scene
    seconds: float
    number: int | None = None
    state: str = ""
    problem: str | None = None


@dataclass
class Result:
    """The outcome of a demo history; `seconds` is the duration without the comparison of the totals."""

    played: list[PlayedStory] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    totals: list[SeriesTotals] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def agreed(self) -> bool:
        """Whether every story ended as expected and every total of the event log equals Graphite's."""
        as_expected = not any(story.problem for story in self.played)
        return as_expected and bool(self.totals) and all(each.equal for each in self.totals)


@failing_calls()
def play(console: Console, settings: Settings, token: TokenMaker, count: int) -> Result:
    """Play `count` stories. Raises DemoFailed if they cannot start."""
    people = People(**{name: connect(settings, token(f"{FLEET}-{name}", role)) for name, role in SUBJECTS.items()})
    graphite, before, since, started = (
        Graphite(settings.graphite_url),
        proof.last_event_id(),
        proof.now(),
        time.monotonic(),
    )
    _prepare(people)
    result = Result(_play_all(console, people, count))
    for played in result.played:
        if played.number is not None:
            proof.wait_until_collected(played.number)
    result.notes.append(_drift(people))
    result.seconds = time.monotonic() - started
    result.totals = proof.compare(graphite, before, since)
    return result


def _prepare(people: People) -> None:
    """Register devices and store plans; lift freezes and stops that an interrupted run left in force."""
    breaker = people.requester.connectors.get("simulated")
    if breaker["state"] == "open" and breaker["retry_at"] is None:
        raise DemoFailed(
            "The breaker of `simulated` was opened by hand, perhaps by an interrupted run. If it need not stay open, "
            'POST /connectors/simulated/breaker {"state": "closed", "reason": …}, then try again.'
        )
    people.requester.devices.register(fleet())
    for name, plan in plans(datetime.now(UTC)).items():
        people.requester.ring_plans.put(f"{FLEET}-{name}", plan)
    for requesting, agreeing in (
        (people.requester.freezes, people.approver.freezes),
        (people.requester.emergency_stops, people.approver.emergency_stops),
    ):
        for stop in list(requesting.each(standing=True)):
            if (stop["application"] or "").startswith(f"{FLEET}-"):
                stories.lift(requesting, agreeing, stop["id"])


def _play_all(console: Console, people: People, count: int) -> list[PlayedStory]:
    """Play all stories in lanes and print a line when one ends."""
    run_id = int(time.time())
    chosen = stories.chosen(count)
    lanes = [
        [
            (
                story,
                Scene(people, f"{FLEET}-{lane + 1}", PLATFORMS[lane % len(PLATFORMS)], f"{run_id}.{lane + n * LANES}"),
            )
            for n, story in enumerate(chosen[lane::LANES])
        ]
        for lane in range(min(LANES, count))
    ]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("deployments", total=count)

        def play_lane(lane: Sequence[tuple[Story, Scene]]) -> list[PlayedStory]:
            finished = []
            for story, scene in lane:
                finished.append(_play(story, scene))
                progress.console.print(_line(finished[-1]), highlight=False)
                progress.advance(task)
            return finished

        with ThreadPoolExecutor(max(len(lanes), 1)) as pool:
            played = list(pool.map(play_lane, lanes))
    return [story for turn in zip_longest(*played) for story in turn if story is not None]


def _play(story: Story, scene: Scene) -> PlayedStory:
    """Play one story. An error becomes its `problem`, so the lane continues with the next story."""
    started, played = time.monotonic(), PlayedStory(story, scene, 0.0)
    try:
        number = story(scene)
        state = scene.people.requester.deployments.get(number)["state"]
        expected = stories.expected(story)
        problem = None if state == expected else f"deployment {number} is {state}, not {expected}"
        played = replace(played, number=number, state=state, problem=problem)
    except (DemoFailed, ClientError) as error:
        played = replace(played, problem=str(error))
    return replace(played, seconds=time.monotonic() - started)


def _line(played: PlayedStory) -> str:
    what = f"{played.scene.application} {played.scene.version} {_title(played.story)}"
    end = f"[red]{played.problem}[/]" if played.problem else played.state
    return f"  {what}: {end} ({played.seconds:.0f} s)"


def _title(story: Story) -> str:
    return story.__name__.replace("_", " ")


def _drift(people: People) -> str:
    """Retire devices with installed releases until drift is found, then register them again until it is resolved.

    Enqueues the periodic comparison instead of waiting up to five minutes for it. Returns a sentence about the result.
    """
    operator = people.colleague
    retired = [device for device in fleet() if LAB in device["tags"]][:RETIRED]
    names = {device["external_id"] for device in retired}

    def findings() -> list[DriftFinding]:
        unresolved = operator.drift.each(kind="scope", state="needs_person")
        return [finding for finding in unresolved if finding["external_id"] in names]

    operator.devices.retire(sorted(names))
    try:
        detected = _compare_until(lambda: bool(findings()))
        drift = findings()
        if drift:
            operator.drift.accept(drift[0]["id"], "given away together with the device")
    finally:
        operator.devices.register(retired)
    resolved = _compare_until(lambda: not findings())
    if not detected:
        return "No drift was found on retired devices."
    others = "resolved after they were registered again" if resolved else "not yet resolved"
    return f"Drift was found on retired devices ({len(drift)} findings). One was accepted; the others are {others}."


def _compare_until(condition: Callable[[], bool]) -> bool:
    """Enqueue the comparison until the condition holds; False if it does not hold in time."""
    deadline = time.monotonic() + PATIENCE / 10
    while time.monotonic() < deadline:
        queue.enqueue(Job.RECONCILE)
        for _ in range(6):
            time.sleep(0.5)
            if condition():
                return True
    return False


def show(console: Console, result: Result, *, every_total: bool) -> None:
    """Print the stories by outcome, and the totals of the event log and of Graphite."""
    table = Table(title="deployments by scenario", title_justify="left")
    for heading in ("scenario", "expected state"):
        table.add_column(heading)
    for heading in ("deployments", "as expected"):
        table.add_column(heading, justify="right")
    counts = Counter(played.story for played in result.played)
    for story, count in counts.items():
        as_expected = sum(played.story is story and not played.problem for played in result.played)
        table.add_row(_title(story), stories.expected(story), str(count), str(as_expected))
    console.print(table)
    for note in result.notes:
        console.print(note)
    run.show_totals(console, result.totals, every=every_total)
    states = ", ".join(
        f"{count} {state or 'interrupted'}" for state, count in Counter(each.state for each in result.played).items()
    )
    console.print(f"{len(result.played)} deployments in {result.seconds:.0f} s: {states}.")
