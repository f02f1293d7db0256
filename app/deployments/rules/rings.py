"""Ring plans, and which ring a device belongs to; pure. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from app.commands.states import Verb
from app.deployments.rules import analysis
from app.deployments.rules.gates import GatePolicy, OnFail
from app.deployments.rules.problems import PlanProblem
from app.devices.places import BUCKETS
from app.vocabulary import RING_KEYS, Severity, SiteClass

_HOUR = 3_600
_DAY = 24 * _HOUR
SILENT_AFTER: Mapping[str, int] = {"online": _DAY, "intermittent": 3 * _DAY, "air_gapped": 7 * _DAY}
PLAN_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
SMALLEST_SHARE = 100 / BUCKETS
"""Per cent, one bucket. A smaller ring would have no device."""
MOST_DEVICES = 10_000_000
MOST_APPROVERS = 20
REMEDIATED_BY_NAME = ("lab", "canary")
"""The names of the rings that are remediated automatically in snapshots from before rings had `auto_remediate`."""
LONGEST_WAIT = 366 * _DAY
"""Seconds. A longer wait is a typo, and its end might not be a valid time."""


class ApprovalWhen(StrEnum):
    """When a ring needs approval before it starts."""

    NEVER = "never"
    RISK = "risk"
    ALWAYS = "always"


@dataclass(frozen=True, kw_only=True)
class ApprovalPolicy:
    """How many people must approve before a ring starts, and when: never, if the risk requires it, or always."""

    when: ApprovalWhen = ApprovalWhen.NEVER
    people: int = 1


@dataclass(frozen=True, kw_only=True)
class RingPlan:
    """One ring: its devices (by tag, by share in per cent, or neither for the rest), its pace, and its gate."""

    name: str
    gate: GatePolicy
    tag: str | None = None
    share: float | None = None
    approval: ApprovalPolicy = ApprovalPolicy()
    devices_per_minute: int | None = None
    """How many devices may be dispatched to within any minute; unset: no limit."""
    concurrency: int | None = None
    """How many devices may be dispatched to without a report yet, at any time; unset: no limit."""
    auto_remediate: bool = False
    """Whether drift of the ring's devices is remediated without asking a person."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Rings in order. `rotation` shifts the buckets, so that the same devices are not always in the canary."""

    name: str
    version: int
    rings: tuple[RingPlan, ...]
    rotation: int = 0
    silent_after: Mapping[str, int] = field(default_factory=lambda: SILENT_AFTER)
    """Seconds without a report after which a device is given up as silent, by site class."""
    windows: tuple[Mapping[str, Any], ...] = ()
    """Dispatch happens only within one of these, each {cron, duration_minutes, time_zone}; without any, always."""
    follow_up: bool = False
    """Whether devices that install the release after its rollback has completed are returned by themselves."""

    def as_json(self) -> dict[str, Any]:
        """The snapshot that a deployment stores."""
        return asdict(self)

    def patience(self, position: int, has_pending: bool) -> timedelta:
        """How long a ring may wait before a person is asked. Pending devices may still be given up as silent first."""
        silence = max(self.silent_after.values(), default=0) if has_pending else 0
        return self.rings[position].gate.max_wait + timedelta(seconds=silence)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Plan:
        """The plan in a snapshot."""
        rings = tuple(
            RingPlan(
                **{
                    "auto_remediate": ring["name"] in REMEDIATED_BY_NAME,
                    **ring,
                    "gate": GatePolicy.from_json(ring["gate"]),
                    "approval": _approval(ring.get("approval") or {}),
                }
            )
            for ring in value["rings"]
        )
        return cls(**{**value, "rings": rings, "windows": tuple(value.get("windows", ()))})


def _approval(value: Mapping[str, Any]) -> ApprovalPolicy:
    return ApprovalPolicy(when=ApprovalWhen(value.get("when", ApprovalWhen.NEVER)), people=value.get("people", 1))


def problems(plan: Plan) -> list[PlanProblem]:
    """The invalid fields of a plan. Each rule states what must be true, so a NaN violates it."""
    if not 1 <= len(plan.rings) <= len(RING_KEYS):
        return [("rings", f"must contain 1 to {len(RING_KEYS)} rings")]
    of_rings = (
        (f"rings.{position}.{place}", message)
        for position, ring in enumerate(plan.rings)
        for place, message in (*_ring_problems(ring), *_pace_problems(ring), *_gate_problems(ring.gate))
    )
    return [*_plan_problems(plan), *of_rings]


def _plan_problems(plan: Plan) -> Iterator[PlanProblem]:
    if not PLAN_NAME.fullmatch(plan.name):
        yield "name", "must be 1 to 63 lower-case letters, digits, `_` and `-`, and start with a letter or a digit"
    if not 0 <= plan.rotation < BUCKETS:
        yield "rotation", f"must be 0 to {BUCKETS - 1}"
    without_tag = [position for position, ring in enumerate(plan.rings) if ring.tag is None]
    if not without_tag:
        yield "rings", "must contain a ring without a tag, which takes the devices that no tag selects"
    for position in without_tag[:-1]:
        if plan.rings[position].share is None:
            yield (
                f"rings.{position}.share",
                "must be given: only the last ring without a tag takes the rest",
            )
    yield from _share_problems(plan, without_tag)
    for site_class, seconds in plan.silent_after.items():
        if not 1 <= seconds <= LONGEST_WAIT:
            yield f"silent_after.{site_class}", f"must be 1 to {LONGEST_WAIT}"
    for unique in ("name", "tag"):
        values = [getattr(ring, unique) for ring in plan.rings]
        for position, value in enumerate(values):
            if value is not None and value in values[:position]:
                yield f"rings.{position}.{unique}", f"must be unique, but another ring already has {value!r}"


def _share_problems(plan: Plan, without_tag: Sequence[int]) -> Iterator[PlanProblem]:
    # Rounded, because 33.3 + 33.3 + 33.4 must be a hundred.
    total = round(sum(ring.share or 0 for ring in plan.rings), 6)
    if total > 100:
        yield "rings", "must have shares that add up to at most 100 per cent"
    last = without_tag[-1] if without_tag else None
    if last is not None and plan.rings[last].share is not None and total < 100:
        yield (
            f"rings.{last}.share",
            f"must be left out: the last ring without a tag takes the rest, but with this share all shares add up to "
            f"{total:g} per cent instead of 100",
        )


def _ring_problems(ring: RingPlan) -> Iterator[PlanProblem]:
    if ring.share is None:
        return
    if ring.tag is not None:
        yield "share", "must be left out of a ring that has a tag"
    if not SMALLEST_SHARE <= ring.share <= 100:
        yield "share", f"must be {SMALLEST_SHARE} to 100 per cent"


def _pace_problems(ring: RingPlan) -> Iterator[PlanProblem]:
    for name, limit in (("devices_per_minute", ring.devices_per_minute), ("concurrency", ring.concurrency)):
        if limit is not None and not 1 <= limit <= MOST_DEVICES:
            yield name, f"must be 1 to {MOST_DEVICES}, or left out for no limit"
    if not 1 <= ring.approval.people <= MOST_APPROVERS:
        yield "approval.people", f"must be 1 to {MOST_APPROVERS}"


def _gate_problems(gate: GatePolicy) -> Iterator[PlanProblem]:
    soak, wait = gate.soak_seconds, gate.max_wait_seconds
    rules = (
        ("target", 0 < gate.target < 1, "must be above 0 and below 1"),
        ("min_reported", 1 <= gate.min_reported <= MOST_DEVICES, f"must be 1 to {MOST_DEVICES}"),
        ("min_coverage", 0 < gate.min_coverage <= 1, "must be above 0 and at most 1"),
        ("soak_seconds", 0 <= soak <= LONGEST_WAIT, f"must be 0 to {LONGEST_WAIT}"),
        (
            "max_wait_seconds",
            wait is None or max(soak, 0) < wait <= LONGEST_WAIT,
            f"must be above soak_seconds (the wait includes the soak) and at most {LONGEST_WAIT}",
        ),
        # Added up, not subtracted: 1 - 0.9 is a little less than 0.1, but 0.9 + 0.1 is 1.
        (
            "error_ceiling",
            gate.error_ceiling < 1 < gate.target + gate.error_ceiling,
            "must be above 1 - target (the failure rate at which a ring still passes) and below 1",
        ),
    )
    yield from ((f"gate.{name}", message) for name, is_met, message in rules if not is_met)
    if gate.incident_limit not in list(Severity):
        yield "gate.incident_limit", f"must be one of {', '.join(Severity)}"
    for site_class, seconds in gate.compliant_within.items():
        if not 1 <= seconds <= LONGEST_WAIT:
            yield f"gate.compliant_within.{site_class}", f"must be 1 to {LONGEST_WAIT}"
    for position, each in enumerate(gate.analyses):
        yield from ((f"gate.analyses.{position}.{place}", message) for place, message in analysis.problems(each))
        if each.name in (other.name for other in gate.analyses[:position]):
            yield f"gate.analyses.{position}.name", f"must be unique, but another analysis already has {each.name!r}"


def upper_bounds(plan: Plan) -> list[int | None]:
    """For each ring, the bucket below which an untagged device belongs to it; None for a ring with a tag.

    Shares add up in ring order; the last ring without a tag takes the rest.
    """
    bounds: list[int | None] = []
    reached = 0.0
    for ring in plan.rings:
        if ring.tag is not None:
            bounds.append(None)
            continue
        reached += ring.share or 0.0
        bounds.append(min(round(reached * BUCKETS / 100), BUCKETS))
    last = max(index for index, bound in enumerate(bounds) if bound is not None)
    bounds[last] = BUCKETS
    return bounds


def ring_of(plan: Plan, bucket: int, tags: Collection[str]) -> int:
    """The position of the one ring a device belongs to."""
    for position, ring in enumerate(plan.rings):
        if ring.tag is not None and ring.tag in tags:
            return position
    place = (bucket + plan.rotation) % BUCKETS
    return next(position for position, bound in enumerate(upper_bounds(plan)) if bound is not None and place < bound)


@dataclass(frozen=True)
class Lot:
    """What devices of one command have in common: the connector, the release and the verb."""

    connector: str
    release_id: int | None = None
    """The release to install; unset: the deployment's own."""
    verb: Verb = Verb.PUBLISH

    @property
    def key(self) -> str:
        """The lot as text, by which a ring's waiting devices are counted."""
        if self.verb is Verb.WITHDRAW:
            return f"{self.connector}/{self.verb}"
        return self.connector if self.release_id is None else f"{self.connector}/{self.verb}/{self.release_id}"

    @classmethod
    def of(cls, key: str) -> Lot:
        """The lot with that key."""
        connector, verb, release_id = (*key.split("/"), "", "")[:3]
        return cls(connector, int(release_id) if release_id else None, Verb(verb or Verb.PUBLISH))


def batches(
    waiting: Mapping[str, int], size: int, budget: int | None = None, closed: Collection[str] = ()
) -> Sequence[tuple[Lot, int]]:
    """Commands for waiting devices, as (lot, devices): at most `size` devices each and `budget` in total.

    Connectors in `closed` are left out; they may not be called now.
    """
    commands: list[tuple[Lot, int]] = []
    left = sum(waiting.values()) if budget is None else budget
    for key, count in sorted(waiting.items()):
        lot = Lot.of(key)
        while count > 0 and left > 0 and lot.connector not in closed:
            devices = min(size, count, left)
            commands.append((lot, devices))
            count, left = count - devices, left - devices
    return commands


def budget(ring: RingPlan, waiting: int, pending: int, dispatched_lately: int) -> int:
    """How many of the waiting devices may be dispatched now.

    `pending` counts the devices without an outcome, including the waiting ones; `dispatched_lately` those in commands
    that are not confirmed yet or were confirmed within the last minute.
    """
    limits = [waiting]
    if ring.devices_per_minute is not None:
        limits.append(ring.devices_per_minute - dispatched_lately)
    if ring.concurrency is not None:
        limits.append(ring.concurrency - (pending - waiting))
    return max(min(limits), 0)


def backwards(plan: Plan) -> Plan:
    """The plan of a rollback: the rings in reverse, without soak, approvals, analyses, time limits or windows."""
    rings = tuple(
        replace(
            ring,
            approval=ApprovalPolicy(),
            gate=replace(
                ring.gate,
                soak_seconds=0,
                on_fail=OnFail.PAUSE,
                max_wait_seconds=ring.gate.max_wait_seconds,
                compliant_within={},
                validates_rollback=False,
                analyses=(),
                incident_limit=Severity.P0.value,
            ),
        )
        for ring in reversed(plan.rings)
    )
    return replace(plan, rings=rings, windows=())


_IN_TIME = {"online": _DAY, "intermittent": 3 * _DAY, "air_gapped": 7 * _DAY}
"""No class is held to less than the time after which it is given up: a device that answers in time is in time."""
_BY_RISK = ApprovalPolicy(when=ApprovalWhen.RISK)


def _within(seconds: int) -> Mapping[str, int]:
    return {site_class.value: seconds for site_class in SiteClass}


_LAB = GatePolicy(
    target=0.95,
    min_reported=5,
    min_coverage=0.90,
    soak_seconds=4 * _HOUR,
    error_ceiling=0.10,
    compliant_within={**_IN_TIME, "online": 4 * _HOUR},
    validates_rollback=True,
)
_CANARY = GatePolicy(
    target=0.97,
    min_reported=30,
    min_coverage=0.85,
    soak_seconds=24 * _HOUR,
    error_ceiling=0.06,
    compliant_within=_IN_TIME,
)
_PILOT = GatePolicy(
    target=0.98,
    min_reported=200,
    min_coverage=0.80,
    soak_seconds=48 * _HOUR,
    error_ceiling=0.04,
    compliant_within=_IN_TIME,
)
_DEPARTMENT = GatePolicy(
    target=0.99,
    min_reported=500,
    min_coverage=0.80,
    soak_seconds=72 * _HOUR,
    error_ceiling=0.02,
    compliant_within=_IN_TIME,
)
_GLOBAL = GatePolicy(
    target=0.99,
    min_reported=500,
    min_coverage=0.80,
    soak_seconds=7 * _DAY,
    error_ceiling=0.02,
    compliant_within=_IN_TIME,
)


STANDARD = Plan(
    name="standard",
    version=1,
    rings=(
        RingPlan(name="lab", gate=_LAB, tag="lab", auto_remediate=True),
        RingPlan(name="canary", gate=_CANARY, share=1, auto_remediate=True),
        RingPlan(name="pilot", gate=_PILOT, share=5, approval=_BY_RISK),
        RingPlan(name="department", gate=_DEPARTMENT, share=20),
        RingPlan(name="global", gate=_GLOBAL),
    ),
)
DEMO = Plan(
    name="demo",
    version=1,
    rings=tuple(
        replace(ring, gate=replace(ring.gate, soak_seconds=1, compliant_within=_within(60))) for ring in STANDARD.rings
    ),
    silent_after={"online": 15, "intermittent": 15, "air_gapped": 15},
)
BUILT_IN: Mapping[str, Plan] = {plan.name: plan for plan in (DEMO, STANDARD)}
