"""A past for the dashboards: many small deployments over REST, several at once, each a story of `stories.py`."""

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
from app.demo.proof import Row
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
"""Who takes part, and as what; each speaks as `history-<name>`."""
LANES = 8
"""Stories told at once. An application has one live deployment on a platform, so each lane has its own."""
DEVICES = 40
"""On each platform; every fifth is in the lab."""
RETIRED = 3
SITES: tuple[SiteClass, ...] = ("online", "intermittent", "air_gapped")

TokenMaker = Callable[[str, Role], str]


def _gate(**fields: Any) -> dict[str, Any]:
    small = {"target": 0.8, "min_reported": 3, "min_coverage": 0.6, "soak_seconds": 1, "error_ceiling": 0.3}
    return {**small, "compliant_within": {"online": 30, "intermittent": 2, "air_gapped": 30}, **fields}


def _plan(of_lab: dict[str, Any] | None = None, of_canary: dict[str, Any] | None = None, **gate: Any) -> dict[str, Any]:
    rings = [
        {"name": "lab", "tag": LAB, "gate": _gate(**gate), **(of_lab or {})},
        {"name": "canary", "share": 35, "gate": _gate(**gate), **(of_canary or {})},
        {"name": "pilot", "gate": _gate(**{**gate, "soak_seconds": 0})},
    ]
    # Not shorter: on a busy machine a device that is about to answer would be given up.
    return {"rings": rings, "silent_after": dict.fromkeys(SITES, 20)}


def plans(now: datetime) -> dict[str, Any]:
    """The ring plans of the stories, by what follows `history-`."""
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
    """The devices; the same each time."""
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
class Told:
    """One story and how it ended; `problem` says what did not come of it as it should."""

    story: Story
    scene: Scene
    seconds: float
    number: int | None = None
    state: str = ""
    problem: str | None = None


@dataclass
class Result:
    """What came out."""

    told: list[Told] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def agreed(self) -> bool:
        """Whether every story ended as it should, and every total is the same on both sides."""
        return not any(it.problem for it in self.told) and bool(self.rows) and all(row.equal for row in self.rows)


@failing_calls()
def tell(console: Console, settings: Settings, token: TokenMaker, count: int) -> Result:
    """Tell so many stories. Raises DemoFailed if they cannot even begin."""
    people = People(**{name: connect(settings, token(f"{FLEET}-{name}", role)) for name, role in SUBJECTS.items()})
    graphite, before, since, started = (
        Graphite(settings.graphite_url),
        proof.last_event_id(),
        proof.now(),
        time.monotonic(),
    )
    _prepare(people)
    result = Result(_told(console, people, count))
    for it in result.told:
        if it.number is not None:
            proof.wait_until_collected(it.number)
    result.notes.append(_drift(people))
    result.seconds = time.monotonic() - started
    result.rows = proof.compare(graphite, before, since)
    return result


def _prepare(people: People) -> None:
    """Devices and plans; and what an earlier run that was broken off has left standing is lifted."""
    breaker = people.requester.connectors.get("simulated")
    if breaker["state"] == "open" and breaker["retry_at"] is None:
        raise DemoFailed(
            "The breaker of `simulated` was opened by hand, perhaps by a run that was broken off. If nobody needs it "
            'open, POST /connectors/simulated/breaker {"state": "closed", "reason": …}, then try again.'
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


def _told(console: Console, people: People, count: int) -> list[Told]:
    """All stories, in lanes; a line for each that is over."""
    run_id = int(time.time())
    wanted = stories.told(count)
    lanes = [
        [
            (
                story,
                Scene(people, f"{FLEET}-{lane + 1}", PLATFORMS[lane % len(PLATFORMS)], f"{run_id}.{lane + n * LANES}"),
            )
            for n, story in enumerate(wanted[lane::LANES])
        ]
        for lane in range(min(LANES, count))
    ]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("deployments", total=count)

        def walk(lane: Sequence[tuple[Story, Scene]]) -> list[Told]:
            found = []
            for story, scene in lane:
                found.append(_tell(story, scene))
                progress.console.print(_line(found[-1]), highlight=False)
                progress.advance(task)
            return found

        with ThreadPoolExecutor(max(len(lanes), 1)) as pool:
            walked = list(pool.map(walk, lanes))
    return [it for turn in zip_longest(*walked) for it in turn if it is not None]


def _tell(story: Story, scene: Scene) -> Told:
    """One story; whatever goes wrong in it is what it says in the end, and the next one is told."""
    started, told = time.monotonic(), Told(story, scene, 0.0)
    try:
        number = story(scene)
        state = scene.people.requester.deployments.get(number)["state"]
        wanted = stories.expected(story)
        problem = None if state == wanted else f"deployment {number} is {state}, not {wanted}"
        told = replace(told, number=number, state=state, problem=problem)
    except (DemoFailed, ClientError) as error:
        told = replace(told, problem=str(error))
    return replace(told, seconds=time.monotonic() - started)


def _line(told: Told) -> str:
    what = f"{told.scene.application} {told.scene.version} {told.story.__name__.replace('_', ' ')}"
    end = f"[red]{told.problem}" if told.problem else f"{told.state}"
    return f"  {what}: {end}[/] ({told.seconds:.0f} s)" if told.problem else f"  {what}: {end} ({told.seconds:.0f} s)"


def _drift(people: People) -> str:
    """Devices that are given away with what was installed on them; they are found, and found again after they are back.

    The comparison is the periodic one, asked for at once: nobody wants to wait five minutes for it.
    """
    operator = people.colleague
    gone = [it for it in fleet() if LAB in it["tags"]][:RETIRED]
    names = {it["external_id"] for it in gone}

    def findings() -> list[DriftFinding]:
        standing = operator.drift.each(kind="scope", state="needs_person")
        return [it for it in standing if it["external_id"] in names]

    operator.devices.retire(sorted(names))
    try:
        found = _compared_until(lambda: bool(findings()))
        seen = findings()
        if seen:
            operator.drift.accept(seen[0]["id"], "given to the people who leave with it")
    finally:
        operator.devices.register(gone)
    resolved = _compared_until(lambda: not findings())
    if not found:
        return "No drift was found on devices that were retired."
    back = "resolved after they were registered again" if resolved else "not yet resolved"
    return f"Drift was found on retired devices ({len(seen)} findings), one accepted, the others {back}."


def _compared_until(enough: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE / 10
    while time.monotonic() < deadline:
        queue.enqueue(Job.RECONCILE)
        for _ in range(6):
            time.sleep(0.5)
            if enough():
                return True
    return False


def show(console: Console, result: Result) -> None:
    """Print what was told, and the totals side by side."""
    table = Table(title="deployments by what became of them", title_justify="left")
    for heading in ("story", "ended as"):
        table.add_column(heading)
    for heading in ("deployments", "as it should"):
        table.add_column(heading, justify="right")
    counts = Counter(it.story for it in result.told)
    for story, count in counts.items():
        well = sum(it.story is story and not it.problem for it in result.told)
        table.add_row(story.__name__.replace("_", " "), stories.expected(story), str(count), str(well))
    console.print(table)
    for note in result.notes:
        console.print(note)
    run.show_totals(console, result.rows)
    states = ", ".join(
        f"{count} {state or 'broken off'}" for state, count in Counter(it.state for it in result.told).items()
    )
    console.print(f"{len(result.told)} deployments in {result.seconds:.0f} s: {states}.")
