"""People read the names that they gave to rings, wherever they look; only metrics have keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from app.drift import remediation, service as drift
from app.metrics.catalogue import OTHER
from app.metrics.following.annotations import mark
from app.metrics.projection import totals
from app.settings import load_settings
from app.vocabulary import RING_KEYS
from tests.support.api import Api, make_token
from tests.support.approval import EVIDENCE
from tests.support.clock import Clock
from tests.support.database import rows
from tests.support.drift import INSTANT, change
from tests.support.jobs import Drive, Work
from tests.support.plans import gate
from tests.support.simulation import simulation
from tests.support.tallies import totals_equal_the_tables

WITH_A_GAP = ("lab", "canary", "department", "global")
OF_THEIR_OWN = ("IT", "Branch offices", "VIP", "pilot 2")
PLANS = [pytest.param(WITH_A_GAP, id="with_a_gap"), pytest.param(OF_THEIR_OWN, id="of_their_own")]
NAMING = {
    "assignments.cancelled",
    "command.confirmed",
    "drift.remediation_sent",
    "gate.evaluated",
    "reports.ingested",
    "ring.failed",
    "ring.waived",
    "validation.passed",
}
FOR_MACHINES = {"ring_key", "next_ring_key", "key"}


def plan(names: Sequence[str]) -> dict[str, Any]:
    """The first ring rehearses and is remediated, the second needs an approval, the third is slow."""
    rings: list[dict[str, Any]] = [{"name": name, "share": 25, "gate": gate(soak_seconds=0)} for name in names]
    rings[0] |= {"share": None, "tag": "first", "auto_remediate": True}
    rings[0]["gate"]["validates_rollback"] = True
    rings[1]["approval"] = {"when": "always", "people": 1}
    rings[2]["devices_per_minute"] = 6
    rings[-1]["share"] = None
    return {"rings": rings}


def start(api: Api, names: Sequence[str]) -> str:
    """Begin a rollout to 60 devices through rings of these names; its path."""
    make_token("colleague")
    assert api.raw("PUT", "/ring-plans/named", json=plan(names)).status_code == 201
    for n in range(60):
        device = {"external_id": f"dev-{n:02d}", "platform": "windows", "connector": "simulated"}
        assert api.post("/devices", [{**device, "tags": ["first"] if n < 6 else []}])[0] == 200
    return f"/deployments/{api.deploy(plan='named', evidence=EVIDENCE)['id']}"


class Story:
    """A rollout that meets whatever names a ring, and what people read of it."""

    def __init__(self, api: Api, drive: Drive, work: Work, clock: Clock, names: Sequence[str]) -> None:
        self.api, self.drive, self.work, self.clock, self.names = api, drive, work, clock, names
        self.path = start(api, names)
        self.other = Api(api.client, make_token("colleague"))

    def until(self, state: str, **holds: Any) -> Any:
        """The deployment in this state, or with this hold."""
        hold = holds.get("hold")

        def reached() -> bool:
            found = self.api.get(self.path)
            return found["state"] == state and (not hold or hold in [each["hold"] for each in found["holds"]])

        self.drive(200, until=reached)
        found = self.api.get(self.path)
        assert reached(), found
        return found

    def decide(self, decision: str, **body: Any) -> None:
        """Another person's decision."""
        status, answer = self.other.post(f"{self.path}/{decision}", body)
        assert status in (200, 201), answer

    def read(self) -> Iterator[tuple[str, Any]]:
        """Everything that people can read about it, with where they read it."""
        numbers = [1, *(row.id for row in rows("SELECT id FROM deployments WHERE rolls_back IS NOT NULL"))]
        for number in numbers:
            for part in ("", "/rings", "/gates", "/assignments", "/events", "/approvals"):
                path = f"/deployments/{number}{part}"
                yield (
                    path,
                    self.api.get(path, query_string={} if part in ("", "/rings", "/approvals") else {"limit": 500}),
                )
            yield f"{number}: left behind", self.api.get(f"/deployments/{number}/left-behind")
        yield "drift", self.api.get("/drift?limit=500")
        yield "log", self.api.get("/events?limit=500")
        for event in rows("SELECT * FROM events ORDER BY id"):
            yield f"mark of event {event.id}", mark(event) if event.deployment_id else None
        yield "vendor", [row.ring for row in rows("SELECT ring FROM simulated_publications")]


def texts(value: Any, where: str) -> Iterator[tuple[str, str]]:
    """Every text in an answer but those for machines, with its place."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            if name not in FOR_MACHINES:
                yield f"{where}.{name}", name
                yield from texts(each, f"{where}.{name}")
    elif isinstance(value, Sequence):
        for n, each in enumerate(value):
            yield from texts(each, f"{where}.{n}")


@pytest.fixture(params=PLANS)
def story(
    request: pytest.FixtureRequest, api: Api, drive: Drive, work: Work, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Story]:
    monkeypatch.setenv("EUCORA_REMEDIATION_SHARE", "1")
    load_settings.cache_clear()
    names = request.param
    with simulation(**INSTANT) as behave:
        behave(failure_in_ring={names[2]: 1})
        told = Story(api, drive, work, clock, names)
        held = told.until("running", hold="approval")
        (hold,) = held["holds"]
        assert f"ring {names[1]} " in hold["reason"]
        told.decide("approve", comment="looks good")
        paced = told.until("running", hold="rate")
        (hold,) = paced["holds"]
        assert hold["reason"] == f"ring {names[2]} dispatches to at most 6 devices per minute"
        failed = told.until("paused")
        assert failed["reason"] == f"gate_failed:{names[2]}"
        status, problem = told.other.post(f"{told.path}/resume", {})
        assert (status, f"Ring {names[2]} " in problem["detail"]) == (409, True)
        expires = (clock.time + timedelta(days=1)).isoformat()
        told.decide("waive", reason="known", compensating_controls="help desk", expires_at=expires, skip_rest=True)
        told.decide("resume", reason="waived")
        told.until("completed")
        behave(drift_missing=0.5)
        drift.reconcile()
        work()
        remediation.remediate()
        drive(3)
        behave()
        told.decide("rollback", reason="it was wrong after all")
        drive(60)
        yield told


def test_people_read_only_the_names_that_they_gave(story: Story) -> None:
    strange = re.compile(rf"\b({'|'.join(key for key in RING_KEYS if key not in ' '.join(story.names))})\b")
    seen = list(story.read())
    found = [place for where, value in seen for place in texts(value, where) if strange.search(place[1])]
    assert found == []
    assert {it["ring"] for where, value in seen if where.endswith("/assignments") for it in value["items"]} == set(
        story.names
    )
    assert {name for where, value in seen if where == "vendor" for name in value} == set(story.names)
    verdicts = {value["what"] for where, value in seen if "mark" in where and value}
    assert f"{story.names[2]}: fail ({OTHER})" in verdicts


def test_an_event_names_a_ring_and_the_key_by_which_metrics_count_it(story: Story) -> None:
    rings = story.api.get(story.path)["rings"]
    keys = {ring["name"]: ring["key"] for ring in rings}
    named = rows("SELECT type, payload FROM events WHERE payload ? 'ring' OR payload ? 'tallies'")
    parts = [part for event in named for part in (event.payload, *event.payload.get("tallies", ()))]
    seen = [part for part in parts if "ring" in part]
    assert {(part["ring"], part["ring_key"]) for part in seen} == {*keys.items()}
    following = {(part["next_ring"], part["next_ring_key"]) for part in seen if "next_ring" in part}
    assert following == {(None, None), *keys.items()}  # the way back has the first ring follow, too
    assert {event.type for event in named} > NAMING

    emitted = totals(rows("SELECT type, payload FROM events"))
    for key, status in zip(keys.values(), ("passed", "passed", "failed", "passed"), strict=True):
        assert emitted[f"stats.counters.eucora.deployment.total.{key}.{status}.count"] == 1
    for source, target in pairwise(keys.values()):
        assert any(f"ring.promotion.{source}.{target}." in series for series in emitted)
    totals_equal_the_tables({})

    (back,) = rows("SELECT id FROM deployments WHERE rolls_back = :there", there=1)
    returned = {ring["name"]: ring["key"] for ring in story.api.get(f"/deployments/{back.id}")["rings"]}
    assert [*returned.items()] == [*reversed(keys.items())]


@pytest.mark.parametrize("names", PLANS)
def test_devices_are_found_by_the_name_of_their_ring(api: Api, drive: Drive, names: Sequence[str]) -> None:
    path = f"{start(api, names)}/assignments"
    drive(1)
    for name in names:
        found = api.get(path, query_string={"ring": name, "limit": 500})["items"]
        assert {it["ring"] for it in found} == {name}
    answer = api.raw("GET", path, query_string={"ring": "nobody"})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "ring")
    assert ", ".join(names) in answer.json["detail"]


@pytest.fixture
def stored(api: Api, drive: Drive) -> str:
    """A rollout whose rings were stored when keys went by position; its path."""
    path = start(api, WITH_A_GAP)
    drive(1)
    for name, key in (("department", "pilot"), ("global", "department")):
        change("UPDATE rings SET key = :key WHERE name = :name", name=name, key=key)
    return path


def test_a_key_finds_its_ring_unless_another_ring_bears_it_as_its_name(api: Api, stored: str) -> None:
    def rings_of(ring: str) -> set[str]:
        query = {"ring": ring, "limit": 500}
        return {it["ring"] for it in api.get(f"{stored}/assignments", query_string=query)["items"]}

    assert rings_of("department") == rings_of("pilot") == {"department"}
    assert rings_of("global") == {"global"}


def test_stored_rings_and_their_way_back_keep_their_keys(api: Api, drive: Drive, stored: str) -> None:
    drive(10)
    status, back = api.post(f"{stored}/rollback", {"reason": "wrong"})
    assert status == 201
    assert [(ring["name"], ring["key"]) for ring in back["rings"]] == [
        ("global", "department"),
        ("department", "pilot"),
        ("canary", "canary"),
        ("lab", "lab"),
    ]
    drive(60)
    totals_equal_the_tables({})
