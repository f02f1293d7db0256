"""The twelve invariants, and nobody stuck, after every step of whatever people, devices, connectors and time do.

The rules are what callers can do; the engine runs for real, on the real database, under a clock that the machine moves.
The laws themselves are in `laws.py`, `tallies.py` and `ways.py`; people and their surroundings are in `stage.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from app.connectors import registry
from app.deployments import membership
from app.deployments.rules.states import OUTCOMES
from tests.support import laws, ways
from tests.support.api import deployment
from tests.support.approval import EVIDENCE
from tests.support.clock import Clock
from tests.support.database import rows
from tests.support.jobs import Work
from tests.support.plans import PLANS
from tests.support.simulation import Behave, Vendors
from tests.support.stage import FAULTLESS, Stage
from tests.support.tallies import totals_equal_the_tables
from tests.support.timeline import last

NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
"""Fixed, because what strikes the simulated vendor follows from the time: the same run every time."""
FAULTS: tuple[dict[str, float], ...] = (
    {},
    {"timeouts": 0.3},
    {"outages": 1},
    {"throttled": 0.3, "outages": 0.2},
    {"silent": 1},
    {"failure": 0.5},
)
OUTCOME = st.sampled_from([*(it.value for it in OUTCOMES), "succeeded", "succeeded", "failed"])
"""What devices say; success and failure more often than the rest."""
FEWEST = 12
"""Devices that stay, so that there is something to roll out to."""
CHANGES: tuple[dict[str, Any], ...] = (
    {"platform": "macos"},
    {"tags": []},
    {"tags": ["lab"]},
    {"connector": "second"},
    {"connector": "simulated"},
    {},
    {},
)
LIVE_ROLLBACK = """
    SELECT d.id FROM deployments d JOIN applications a ON a.id = d.application_id
     WHERE d.kind = 'rollback' AND d.state IN ('planning', 'running', 'paused') AND a.name = :application
"""
AT_ONCE = 6
"""So many things happen in one step."""
which = st.integers(0, 30)


happenings: list[str] = []


def happens(**given: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Mark what can happen. Hypothesis' own choice among so many leaves most of them out of all of its histories."""

    def mark(action: Callable[..., None]) -> Callable[..., None]:
        happenings.append(action.__name__)
        action.given = given  # type: ignore[attr-defined]  # read by `things_happen`
        return action

    return mark


class Machine(Stage, RuleBasedStateMachine):
    """What people and devices do, and what is remembered of it to compare with."""

    def __init__(self, app: Flask, work: Work, clock: Clock, behave: Behave) -> None:
        clock.time = NOON
        super().__init__(app, work, clock, behave)
        self.ended: dict[str, str] = {}
        self.versions: dict[int, tuple[int, int]] = {}
        self.stops: dict[int, tuple[str | None, int, int | None]] = {}
        self.answered: Counter[str] = Counter()
        self.fleet: laws.Fleet = {}
        self.last_publication = self.gone = 0

    @initialize(plan=st.sampled_from(sorted(PLANS)))
    def begin(self, plan: str) -> None:
        for name, wanted in PLANS.items():
            assert self.send("rita", "PUT", f"/ring-plans/{name}", wanted)[0] == 201
        self.register(22)
        self.create("rita", plan, "vpn", False, False, False, None)
        self.let(4, 2)

    @happens(count=st.integers(1, 3))
    def devices_come(self, count: int) -> None:
        self.register(count)

    @happens(number=which)
    def a_device_goes(self, number: int) -> None:
        if self.devices - self.gone <= FEWEST:
            return
        self.gone += 1
        found = rows("SELECT external_id FROM devices WHERE retired_at IS NULL ORDER BY id")
        gone = [found[number % len(found)].external_id]
        assert self.send("rita", "POST", "/devices/retire", {"external_ids": gone})[0] == 200

    @happens(number=which, looks_first=st.booleans())
    def a_device_comes_back(self, number: int, looks_first: bool) -> None:
        """Registered again as it was; perhaps its retirement was the last that was noticed of it."""
        gone = rows("SELECT external_id FROM devices WHERE retired_at IS NOT NULL ORDER BY id")
        if gone:
            self.gone -= 1
            device = self.device(int(gone[number % len(gone)].external_id[1:]))
            assert self.send("rita", "POST", "/devices", [device])[0] == 200
            if looks_first:
                membership.join_all()
            self.let(2, 1)

    @happens(number=which, change=st.sampled_from(CHANGES))
    def a_device_changes(self, number: int, change: dict[str, Any]) -> None:
        device = self.device(number % self.devices)
        retired = "SELECT 1 FROM devices WHERE external_id = :it AND retired_at IS NOT NULL"
        if not rows(retired, it=device["external_id"]):
            assert self.send("rita", "POST", "/devices", [{**device, **change}])[0] == 200

    @happens(
        who=st.sampled_from(["rita", "otto", "adam"]),
        plan=st.sampled_from(sorted(PLANS)),
        application=st.sampled_from(["vpn", "vpn", "chat"]),
        supersede=st.booleans(),
        of_rollback=st.booleans(),
        risky=st.booleans(),
        starts_in=st.sampled_from([None, None, None, 5, 900]),
    )
    def create(
        self,
        who: str,
        plan: str,
        application: str,
        supersede: bool,
        of_rollback: bool,
        risky: bool,
        starts_in: int | None,
    ) -> None:
        version = str(len(rows("SELECT 1 FROM releases")) + 1)
        risk = {"risk": {"privileged_tooling": True}} if risky else {}
        live = rows(LIVE_ROLLBACK, application=application) if of_rollback else []
        risk = {**risk, **({"supersedes_rollback": live[0].id} if live else {})}
        body = deployment(application=application, version=version, plan=plan, supersede=supersede, **risk)
        start = {} if starts_in is None else {"starts_at": (self.clock.time + timedelta(seconds=starts_in)).isoformat()}
        status, answer = self.send(who, "POST", "/deployments", {**body, **start, "evidence": EVIDENCE})
        assert status == 201 or answer["type"].rsplit(":", 1)[1] in ("live-deployment", "live-rollback"), answer
        assert status == 201 or not live, answer
        self.let(2, 1)

    @happens(sweeps=st.integers(3, 8), step=st.sampled_from([1, 1, 2, 3]))
    def drive(self, sweeps: int, step: float) -> None:
        self.let(sweeps, step)

    @happens(seconds=st.sampled_from([-30, -600, -3_600, 3_600]))
    def the_clock_is_set(self, seconds: int) -> None:
        """As NTP or a resumed machine does."""
        self.set_clock(seconds)
        self.let(3, 2)

    @happens(sweeps=st.integers(8, 15))
    def drive_on(self, sweeps: int) -> None:
        self.let(sweeps, 3)
        self.keep_house()

    @happens()
    def housekeeping(self) -> None:
        self.keep_house()

    @happens(seconds=st.sampled_from([20, 61, 61, 600, 3_600, 90_000]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds)
        self.let(1, 1)

    @happens(
        number=which,
        first=which,
        devices=st.integers(1, 6),
        outcomes=st.lists(OUTCOME, min_size=1, max_size=3),
        sequence=st.integers(1, 5),
        ago=st.sampled_from([None, 0, 30, 5_000, 300_000_000, -5_000, -60_000_000]),
    )
    def report(
        self, number: int, first: int, devices: int, outcomes: list[str], sequence: int, ago: int | None
    ) -> None:
        id = self.deployment(number)
        told = "SELECT d.external_id FROM assignments a JOIN devices d ON d.id = a.device_id WHERE deployment_id = :id"
        known = [row.external_id for row in rows(f"{told} ORDER BY a.ring_id, a.id", id=id)] or ["nobody"]
        body = [
            {
                "deployment_id": id,
                "external_id": known[(first + n) % len(known)],
                "sequence": sequence + n % 2,
                "outcome": outcomes[n % len(outcomes)],
                **({} if ago is None else {"occurred_at": (self.clock.time - timedelta(seconds=ago)).isoformat()}),
            }
            for n in range(devices)
        ]
        status, answer = self.send("robo", "POST", "/reports", body)
        if status == 200:
            self.answered.update(item["status"] for item in answer["items"])
        else:
            self.answered["rejected"] += len(body)
        self.let(2, 1)

    @happens(number=which, outcome=st.sampled_from(["failed", "failed", "succeeded"]))
    def all_that_were_told_report(self, number: int, outcome: str) -> None:
        id = self.deployment(number)
        body = [
            {"deployment_id": id, "external_id": it.external_id, "sequence": 9, "outcome": outcome}
            for it in rows(laws.TOLD, id=id)
        ]
        if body:
            status, answer = self.send("robo", "POST", "/reports", body)
            assert status == 200, answer
            self.answered.update(item["status"] for item in answer["items"])
        self.let(2, 1)

    @happens(who=st.sampled_from(["rita", "otto"]), number=which, what=st.sampled_from(["pause", "resume", "resume"]))
    def decide(self, who: str, number: int, what: str) -> None:
        self.send(who, "POST", f"/deployments/{self.deployment(number)}/{what}", {"reason": "so it is"})
        self.let(2, 1)

    @happens(
        who=st.sampled_from(["rita", "otto"]), number=which, what=st.sampled_from(["abort", "rollback", "rollback"])
    )
    def give_in(self, who: str, number: int, what: str) -> None:
        self.send(who, "POST", f"/deployments/{self.deployment(number)}/{what}", {"reason": "enough"})

    @happens(who=st.sampled_from(["rita", "otto"]), number=which)
    def promote(self, who: str, number: int) -> None:
        id = self.open_to("promote", number)
        status, _ = self.send(who, "POST", f"/deployments/{id}/promote", {"reason": "it cannot wait"})
        assert status != 200 or rows("SELECT requested_by FROM deployments WHERE id = :id", id=id) != [(who,)]

    @happens(
        who=st.sampled_from(["anna", "adam"]),
        number=which,
        hours=st.sampled_from([0.01, 48]),
        skip_rest=st.booleans(),
        goes_on=st.booleans(),
    )
    def waive(self, who: str, number: int, hours: float, skip_rest: bool, goes_on: bool) -> None:
        id = self.open_to("waive", number)
        body = ways.terms(hours, skip_rest=skip_rest)
        status, _ = self.send(who, "POST", f"/deployments/{id}/waive", body)
        assert status != 200 or rows("SELECT requested_by FROM deployments WHERE id = :id", id=id) != [(who,)]
        if goes_on:
            self.send("otto", "POST", f"/deployments/{id}/resume", {})
        self.let(2, 1 if goes_on else 30)  # in a minute the shorter waiver expires

    @happens(number=which, way=which, goes_on=st.booleans())
    def someone_does_what_next_names(self, number: int, way: int, goes_on: bool) -> None:
        """A call that `next` names is never refused to who it says."""
        live = rows(ways.LIVE)
        if live:
            chosen = live[number % len(live)]
            named = self.named(chosen.id)
            if goes_on:
                named = [each for each in named if each["decision"] in ways.GOING_ON] or named
            self.take(chosen, named[way % len(named)])
            self.let(2, 1)

    @happens(who=st.sampled_from(["anna", "adam"]), number=which)
    def approve(self, who: str, number: int) -> None:
        id = self.deployment(number)
        status, _ = self.send(who, "POST", f"/deployments/{id}/approve", {"comment": "read"})
        assert status != 200 or rows("SELECT requested_by FROM deployments WHERE id = :id", id=id) != [(who,)]
        self.let(2, 1)

    @happens(
        who=st.sampled_from(["vera", "robo", "rita"]),
        number=which,
        what=st.sampled_from(["waive", "approve", "reject", "break-glass"]),
    )
    def overreach(self, who: str, number: int, what: str) -> None:
        assert self.send(who, "POST", f"/deployments/{self.deployment(number)}/{what}", {})[0] == 403

    @happens(kind=st.sampled_from(["freezes", "emergency-stop"]), application=st.sampled_from([None, "vpn"]))
    def stop(self, kind: str, application: str | None) -> None:
        begun = last("simulated_publications")
        body = {"reason": "quarter's end", "application": application}
        status, answer = self.send("otto", "POST", f"/{kind}", body)
        assert status == 201
        self.stops[answer["id"]] = (application, begun, None)

    @happens(who=st.sampled_from(["anna", "adam"]))
    def lift(self, who: str) -> None:
        for id, (application, begun, until) in self.stops.items():
            if until is None:
                (kind,) = rows("SELECT kind FROM freezes WHERE id = :id", id=id)
                path = f"/{'freezes' if kind.kind == 'freeze' else 'emergency-stop'}/{id}/lift"
                assert self.send("rita", "POST", path, {"reason": "over"})[0] == 202
                assert self.send("rita", "POST", path, {"reason": "over"})[0] == 403
                ends = last("simulated_publications")
                assert self.send(who, "POST", path, {"reason": "agreed"})[0] == 200
                self.stops[id] = (application, begun, ends)

    @happens(number=which, severity=st.sampled_from(["P1", "P3"]))
    def an_incident_opens(self, number: int, severity: str) -> None:
        body = {"severity": severity, "title": "calls", "deployment_id": self.deployment(number)}
        assert self.send("otto", "POST", "/incidents", body)[0] == 201
        self.let(2, 1)

    @happens()
    def incidents_close(self) -> None:
        for incident in rows("SELECT id FROM incidents WHERE closed_at IS NULL"):
            path, body = f"/incidents/{incident.id}/close", {"resolution": "fixed"}
            if self.send("otto", "POST", path, body)[0] == 403:  # it is about a deployment that otto requested
                assert self.send("adam", "POST", path, body)[0] == 200

    @happens(faults=st.sampled_from(FAULTS))
    def the_vendor_changes(self, faults: dict[str, Any]) -> None:
        self.behave(**{**FAULTLESS, **faults})

    @happens()
    def say_it_again(self) -> None:
        """7: the same request under the same key has the same answer and does nothing; another one is refused."""
        if self.last_post is None:
            return
        who, path, body, key, first = self.last_post
        (before,) = rows("SELECT count(*) FROM events")
        headers = {"Idempotency-Key": key}
        again = self.people[who].raw("POST", path, json=body, headers=headers)
        assert (again.status_code, again.data) == (first.status_code, first.data)
        assert again.headers["Idempotency-Replayed"] == "true"
        other = self.people[who].raw("POST", path, json={"another": "body"}, headers=headers)
        assert other.status_code == 409, other.text
        assert rows("SELECT count(*) FROM events") == [before]

    @rule(seed=st.integers(0, 2**32), data=st.data())
    def things_happen(self, seed: int, data: st.DataObject) -> None:
        for what in Random(seed).sample(happenings, AT_ONCE):  # chosen by a draw of Hypothesis
            action = getattr(self, what)
            action(**{name: data.draw(strategy, f"{what}: {name}") for name, strategy in action.given.items()})
            self.the_laws_hold()

    # What must hold

    @invariant()
    def the_laws_hold(self) -> None:
        laws.rings_start_in_turn()
        laws.devices_are_in_one_ring()
        laws.counters_equal_a_recount()
        laws.nobody_answers_himself()
        laws.ends_stay(self.ended)
        laws.changes_have_events(self.versions)
        laws.silence_is_nothing()
        laws.no_hold_was_passed(self.stops)
        self.fleet = laws.nobody_is_told_who_should_not_be(self.last_publication, self.fleet)
        self.last_publication = laws.nothing_is_dispatched_against_the_rules(self.last_publication, self.timeline)
        ways.nobody_is_stuck()
        ways.every_way_is_open()

    def teardown(self) -> None:
        self.behave(**FAULTLESS)
        self.incidents_close()
        self.lift("anna")
        self.everything_ends()
        self.the_laws_hold()
        laws.the_program_recounts_alike()
        laws.the_log_is_whole()
        laws.verdicts_can_be_repeated()
        totals_equal_the_tables(self.answered)


LONG = settings(
    max_examples=8,
    phases=[Phase.generate],
    stateful_step_count=6,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def test_the_invariants_hold_whatever_happens(database: Flask, work: Work, clock: Clock, behave: Behave) -> None:
    machine: Callable[[], Machine] = lambda: Machine(database, work, clock, behave)  # noqa: E731  # a factory
    with registry.replaced(Vendors()):
        run_state_machine_as_test(machine, settings=LONG)  # type: ignore[arg-type]  # it calls it
