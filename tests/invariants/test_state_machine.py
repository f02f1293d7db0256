"""The twelve invariants, held after every step of whatever people, devices, connectors and time do.

The rules are what callers can do; the engine runs for real, on the real database, under a clock that the machine moves.
The laws themselves are in `laws.py` and `tallies.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
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

from app.db import db
from app.deployments import membership, progress, silence
from app.deployments.approval import break_glass
from app.deployments.rules.states import OUTCOMES
from app.events.unit import unit_of_work
from app.identity.roles import Role
from tests.support import laws
from tests.support.api import deployment, make_token
from tests.support.approval import EVIDENCE
from tests.support.clock import Clock
from tests.support.database import empty, rows
from tests.support.http import Client
from tests.support.jobs import Work
from tests.support.plans import PLANS
from tests.support.simulation import Behave
from tests.support.tallies import totals_equal_the_tables

NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
"""Fixed, because what strikes the simulated vendor follows from the time: the same run every time."""
PEOPLE = {
    "rita": Role.OPERATOR,
    "otto": Role.OPERATOR,
    "anna": Role.APPROVER,
    "adam": Role.ADMIN,
    "robo": Role.REPORTER,
    "vera": Role.VIEWER,
}
FAULTLESS = {"failure": 0.06, "silent": 0.06, "duplicates": 0.2, "out_of_order": 0.2, "slowest_seconds": 6}
FAULTS: tuple[dict[str, float], ...] = ({}, {"timeouts": 0.3}, {"outages": 1}, {"throttled": 0.3, "outages": 0.2})
ANSWERS = (200, 201, 202, 403, 404, 409, 422)
OUTCOME = st.sampled_from([*(it.value for it in OUTCOMES), "succeeded", "succeeded", "failed"])
"""What devices say; success and failure more often than the rest."""
FEWEST = 12
"""Devices that stay, so that there is something to roll out to."""
which = st.integers(0, 30)


happenings: list[str] = []


def happens(**given: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Mark what can happen. Hypothesis' own choice among many rules leaves most of them out of any one history."""

    def mark(action: Callable[..., None]) -> Callable[..., None]:
        happenings.append(action.__name__)
        action.given = given  # type: ignore[attr-defined]  # read by `things_happen`
        return action

    return mark


class Machine(RuleBasedStateMachine):
    """What people and devices do, and what is remembered of it to compare with."""

    def __init__(self, app: Flask, work: Work, clock: Clock, behave: Behave) -> None:
        super().__init__()
        db.session.remove()  # what the last example read would keep its tables from being emptied
        empty()
        self.app, self.work, self.clock, self.behave = app, work, clock, behave
        clock.time = NOON
        behave(**FAULTLESS)
        self.people = {name: Client(app.test_client(), make_token(name, role)) for name, role in PEOPLE.items()}
        self.ended: dict[str, str] = {}
        self.versions: dict[int, tuple[int, int]] = {}
        self.stops: dict[int, tuple[str | None, datetime, datetime | None]] = {}
        self.answered: Counter[str] = Counter()
        self.last_publication = 0
        self.keyed: tuple[str, str, Any, Any] | None = None
        self.devices = self.gone = 0
        self.keys = 0

    # What callers do

    def _send(self, who: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Ask for something; whatever the answer, it is one that the contract has."""
        self.clock.advance(0.001)
        self.keys += 1
        answer = self.people[who].raw(method, path, json=body, headers={"Idempotency-Key": f"key-{self.keys}"})
        self.clock.advance(0.001)
        assert answer.status_code in ANSWERS, answer.text
        if 200 <= answer.status_code < 300:
            self.keyed = (who, path, body, answer) if method == "POST" else None
            self.keyed_by = f"key-{self.keys}"
        return answer.status_code, answer.json

    def _deployment(self, number: int) -> int:
        """One of those that there are, the latest first."""
        ids = [row.id for row in rows("SELECT id FROM deployments ORDER BY id DESC LIMIT 4")]
        return int(ids[number % len(ids)])

    @initialize(plan=st.sampled_from(sorted(PLANS)))
    def begin(self, plan: str) -> None:
        for name, wanted in PLANS.items():
            assert self._send("rita", "PUT", f"/ring-plans/{name}", wanted)[0] == 201
        self.register(22)
        self.create("rita", plan, "vpn", False, False)
        self.drive(4, 2)

    def register(self, count: int) -> None:
        devices = [self._device(n) for n in range(self.devices, self.devices + count)]
        self.devices += count
        assert self._send("rita", "POST", "/devices", devices)[0] == 200

    def _device(self, n: int) -> dict[str, Any]:
        """The device as it is first registered."""
        sites = ("online", "online", "intermittent")
        device = {"external_id": f"d{n:03d}", "platform": "windows", "connector": "simulated"}
        return {**device, "tags": ["lab"] if n % 4 == 0 else [], "site_class": sites[n % 3]}

    @happens(count=st.integers(1, 3))
    def devices_come(self, count: int) -> None:
        self.register(count)

    @happens(number=which)
    def a_device_goes(self, number: int) -> None:
        if self.devices - self.gone <= FEWEST:
            return
        self.gone += 1
        with unit_of_work("test") as unit:
            found = rows("SELECT id FROM devices WHERE retired_at IS NULL ORDER BY id")
            gone = found[number % len(found)].id
            unit.session.execute(laws.RETIRE_DEVICE, {"id": gone})
            membership.retire(unit, [gone])

    @happens(number=which, looks_first=st.booleans())
    def a_device_comes_back(self, number: int, looks_first: bool) -> None:
        """Registered again as it was; perhaps its retirement was the last that was noticed of it."""
        gone = rows("SELECT external_id FROM devices WHERE retired_at IS NOT NULL ORDER BY id")
        if gone:
            self.gone -= 1
            device = self._device(int(gone[number % len(gone)].external_id[1:]))
            assert self._send("rita", "POST", "/devices", [device])[0] == 200
            if looks_first:
                membership.join_all()
            self.drive(2, 1)

    @happens(number=which, change=st.sampled_from([{"platform": "macos"}, {"tags": []}, {"tags": ["lab"]}, {}, {}]))
    def a_device_changes(self, number: int, change: dict[str, Any]) -> None:
        device = self._device(number % self.devices)
        retired = "SELECT 1 FROM devices WHERE external_id = :it AND retired_at IS NOT NULL"
        if not rows(retired, it=device["external_id"]):
            assert self._send("rita", "POST", "/devices", [{**device, **change}])[0] == 200

    @happens(
        who=st.sampled_from(["rita", "otto", "adam"]),
        plan=st.sampled_from(sorted(PLANS)),
        application=st.sampled_from(["vpn", "vpn", "chat"]),
        supersede=st.booleans(),
        risky=st.booleans(),
    )
    def create(self, who: str, plan: str, application: str, supersede: bool, risky: bool) -> None:
        version = str(len(rows("SELECT 1 FROM releases")) + 1)
        risk = {"risk": {"privileged_tooling": True}} if risky else {}
        body = deployment(application=application, version=version, plan=plan, supersede=supersede, **risk)
        status, answer = self._send(who, "POST", "/deployments", {**body, "evidence": EVIDENCE})
        assert status == 201 or answer["type"].endswith("live-deployment"), answer
        self.drive(2, 1)

    @happens(sweeps=st.integers(3, 8), step=st.sampled_from([1, 1, 2, 3]))
    def drive(self, sweeps: int, step: float) -> None:
        for _ in range(sweeps):
            progress.sweep()
            self.work()
            self.clock.advance(step)

    @happens(sweeps=st.integers(8, 15))
    def drive_on(self, sweeps: int) -> None:
        self.drive(sweeps, 3)
        self.housekeeping()

    @happens()
    def housekeeping(self) -> None:
        for job in (silence.give_up, membership.join_all, break_glass.pause_unconfirmed):
            job()
        self.work()

    @happens(seconds=st.sampled_from([20, 61, 61, 600, 3_600, 90_000]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds)
        self.drive(1, 1)

    @happens(
        number=which,
        first=which,
        devices=st.integers(1, 6),
        outcomes=st.lists(OUTCOME, min_size=1, max_size=3),
        sequence=st.integers(1, 5),
        ago=st.sampled_from([None, 0, 30, 5_000, -5_000, -60_000_000]),
    )
    def report(
        self, number: int, first: int, devices: int, outcomes: list[str], sequence: int, ago: int | None
    ) -> None:
        id = self._deployment(number)
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
        status, answer = self._send("robo", "POST", "/reports", body)
        if status == 200:
            self.answered.update(item["status"] for item in answer["items"])
        else:
            self.answered["rejected"] += len(body)
        self.drive(2, 1)

    @happens(who=st.sampled_from(["rita", "otto"]), number=which, what=st.sampled_from(["pause", "resume", "resume"]))
    def decide(self, who: str, number: int, what: str) -> None:
        self._send(who, "POST", f"/deployments/{self._deployment(number)}/{what}", {"reason": "so it is"})
        self.drive(2, 1)

    @happens(
        who=st.sampled_from(["rita", "otto"]), number=which, what=st.sampled_from(["abort", "rollback", "rollback"])
    )
    def give_in(self, who: str, number: int, what: str) -> None:
        self._send(who, "POST", f"/deployments/{self._deployment(number)}/{what}", {"reason": "enough"})

    @happens(who=st.sampled_from(["rita", "otto"]), number=which)
    def promote(self, who: str, number: int) -> None:
        id = self._deployment(number)
        status, _ = self._send(who, "POST", f"/deployments/{id}/promote", {"reason": "it cannot wait"})
        assert status != 200 or rows("SELECT requested_by FROM deployments WHERE id = :id", id=id) != [(who,)]

    @happens(who=st.sampled_from(["anna", "adam"]), number=which, goes_on=st.booleans())
    def waive(self, who: str, number: int, goes_on: bool) -> None:
        expires = (self.clock.time + timedelta(days=2)).isoformat()
        terms = {"reason": "known", "compensating_controls": "help desk", "expires_at": expires}
        id = self._deployment(number)
        status, _ = self._send(who, "POST", f"/deployments/{id}/waive", terms)
        assert status != 200 or rows("SELECT requested_by FROM deployments WHERE id = :id", id=id) != [(who,)]
        if goes_on:
            self._send("otto", "POST", f"/deployments/{id}/resume", {})
        self.drive(2, 1)

    @happens(who=st.sampled_from(["anna", "adam"]), number=which)
    def approve(self, who: str, number: int) -> None:
        id = self._deployment(number)
        status, _ = self._send(who, "POST", f"/deployments/{id}/approve", {"comment": "read"})
        assert status != 200 or rows("SELECT requested_by FROM deployments WHERE id = :id", id=id) != [(who,)]
        self.drive(2, 1)

    @happens(
        who=st.sampled_from(["vera", "robo", "rita"]),
        number=which,
        what=st.sampled_from(["waive", "approve", "reject", "break-glass"]),
    )
    def overreach(self, who: str, number: int, what: str) -> None:
        assert self._send(who, "POST", f"/deployments/{self._deployment(number)}/{what}", {})[0] == 403

    @happens(kind=st.sampled_from(["freezes", "emergency-stop"]), application=st.sampled_from([None, "vpn"]))
    def stop(self, kind: str, application: str | None) -> None:
        begun = self.clock.time
        body = {"reason": "quarter's end", "application": application}
        status, answer = self._send("otto", "POST", f"/{kind}", body)
        assert status == 201
        self.stops[answer["id"]] = (application, begun, None)

    @happens(who=st.sampled_from(["anna", "adam"]))
    def lift(self, who: str) -> None:
        for id, (application, begun, until) in self.stops.items():
            if until is None:
                (kind,) = rows("SELECT kind FROM freezes WHERE id = :id", id=id)
                path = f"/{'freezes' if kind.kind == 'freeze' else 'emergency-stop'}/{id}/lift"
                assert self._send("rita", "POST", path, {"reason": "over"})[0] == 202
                assert self._send("rita", "POST", path, {"reason": "over"})[0] == 403
                ends = self.clock.time
                assert self._send(who, "POST", path, {"reason": "agreed"})[0] == 200
                self.stops[id] = (application, begun, ends)

    @happens(number=which, severity=st.sampled_from(["P1", "P3"]))
    def an_incident_opens(self, number: int, severity: str) -> None:
        body = {"severity": severity, "title": "calls", "deployment_id": self._deployment(number)}
        assert self._send("otto", "POST", "/incidents", body)[0] == 201
        self.drive(2, 1)

    @happens()
    def incidents_close(self) -> None:
        for incident in rows("SELECT id FROM incidents WHERE closed_at IS NULL"):
            assert self._send("otto", "POST", f"/incidents/{incident.id}/close", {"resolution": "fixed"})[0] == 200

    @happens(faults=st.sampled_from(FAULTS))
    def the_vendor_changes(self, faults: dict[str, Any]) -> None:
        self.behave(**FAULTLESS, **faults)

    @happens()
    def say_it_again(self) -> None:
        """7: the same request under the same key has the same answer and does nothing; another one is refused."""
        if self.keyed is None:
            return
        who, path, body, first = self.keyed
        (before,) = rows("SELECT count(*) FROM events")
        headers = {"Idempotency-Key": self.keyed_by}
        again = self.people[who].raw("POST", path, json=body, headers=headers)
        assert (again.status_code, again.data) == (first.status_code, first.data)
        assert again.headers["Idempotency-Replayed"] == "true"
        other = self.people[who].raw("POST", path, json={"another": "body"}, headers=headers)
        assert other.status_code == 409, other.text
        assert rows("SELECT count(*) FROM events") == [before]

    @rule(several=st.lists(st.sampled_from(happenings), min_size=5, max_size=5), data=st.data())
    def things_happen(self, several: list[str], data: st.DataObject) -> None:
        for what in several:
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
        self.last_publication = laws.nothing_is_dispatched_against_the_rules(self.last_publication)

    def teardown(self) -> None:
        laws.the_program_recounts_alike()
        laws.the_log_is_whole()
        laws.verdicts_can_be_repeated()
        totals_equal_the_tables(self.answered)


LONG = settings(
    max_examples=8,
    phases=[Phase.generate],
    stateful_step_count=7,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def test_the_invariants_hold_whatever_happens(database: Flask, work: Work, clock: Clock, behave: Behave) -> None:
    machine: Callable[[], Machine] = lambda: Machine(database, work, clock, behave)  # noqa: E731  # a factory
    run_state_machine_as_test(machine, settings=LONG)  # type: ignore[arg-type]  # it calls it
