"""Ring plans and a device's place in them, pure. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from app.deployments.rules.gates import GatePolicy, OnFail

BUCKETS = 10_000
_HOUR = 3_600
_DAY = 24 * _HOUR
SILENT_AFTER: Mapping[str, int] = {"online": _DAY, "intermittent": 3 * _DAY, "air_gapped": 7 * _DAY}
CANONICAL_KEYS = ("lab", "canary", "pilot", "department", "global", "ring_6", "ring_7", "ring_8", "ring_9")
"""A ring's key by its position: what metrics call it, whatever its name."""
PLAN_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
SMALLEST_SHARE = 100 / BUCKETS
"""Per cent: one place. In a smaller ring nobody would be."""
LONGEST_WAIT = 366 * _DAY
"""Seconds. A longer one is a slip of the pen, and its end may be no time that can be written."""

Problem = tuple[str, str]
"""Where it is (`rings.0.share`) and what must be so there."""


@dataclass(frozen=True)
class RingPlan:
    """One ring: who is in it (a tag, a share in per cent, or neither: the rest) and the gate to leave it."""

    name: str
    gate: GatePolicy
    tag: str | None = None
    share: float | None = None


@dataclass(frozen=True)
class Plan:
    """Ordered rings. `rotation` turns the places, so that not always the same people are canary."""

    name: str
    version: int
    rings: tuple[RingPlan, ...]
    rotation: int = 0
    silent_after: Mapping[str, int] = field(default_factory=lambda: SILENT_AFTER)
    """Seconds without a sign of life after which a device is given up as silent, by site class."""

    def as_json(self) -> dict[str, Any]:
        """The snapshot that a deployment keeps."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Plan:
        """The plan of a snapshot."""
        rings = tuple(
            RingPlan(**{**ring, "gate": GatePolicy(**{**ring["gate"], "on_fail": OnFail(ring["gate"]["on_fail"])})})
            for ring in value["rings"]
        )
        return cls(**{**value, "rings": rings})


def problems(plan: Plan) -> list[Problem]:
    """What keeps a plan from being used. Each rule says what must be so, and of a NaN nothing is."""
    if not 1 <= len(plan.rings) <= len(CANONICAL_KEYS):
        return [("rings", f"must be 1 to {len(CANONICAL_KEYS)} rings")]
    of_rings = (
        (f"rings.{position}.{place}", message)
        for position, ring in enumerate(plan.rings)
        for place, message in (*_ring_problems(ring), *_gate_problems(ring.gate))
    )
    return [*_plan_problems(plan), *of_rings]


def _plan_problems(plan: Plan) -> Iterator[Problem]:
    if not PLAN_NAME.fullmatch(plan.name):
        yield "name", "must be 1 to 63 lower-case letters, digits, `_` and `-`, and begin with a letter or a digit"
    if not 0 <= plan.rotation < BUCKETS:
        yield "rotation", f"must be 0 to {BUCKETS - 1}"
    without_tag = [position for position, ring in enumerate(plan.rings) if ring.tag is None]
    if not without_tag:
        yield "rings", "one ring at least must have no tag: it takes the devices that no tag selects"
    for position in without_tag[:-1]:
        if plan.rings[position].share is None:
            yield f"rings.{position}.share", "must be given: only the last ring without a tag takes the rest"
    # Rounded, because 33.3 + 33.3 + 33.4 are a hundred.
    if round(sum(ring.share or 0 for ring in plan.rings), 6) > 100:
        yield "rings", "the shares must add up to at most 100 per cent"
    for site_class, seconds in plan.silent_after.items():
        if not 1 <= seconds <= LONGEST_WAIT:
            yield f"silent_after.{site_class}", f"must be 1 to {LONGEST_WAIT}"
    for unique in ("name", "tag"):
        values = [getattr(ring, unique) for ring in plan.rings]
        for position, value in enumerate(values):
            if value is not None and value in values[:position]:
                yield f"rings.{position}.{unique}", f"{value!r} is another ring's already"


def _ring_problems(ring: RingPlan) -> Iterator[Problem]:
    if ring.share is None:
        return
    if ring.tag is not None:
        yield "share", "a ring has a tag or a share, not both"
    if not SMALLEST_SHARE <= ring.share <= 100:
        yield "share", f"must be {SMALLEST_SHARE} to 100 per cent"


def _gate_problems(gate: GatePolicy) -> Iterator[Problem]:
    soak, wait = gate.soak_seconds, gate.max_wait_seconds
    rules = (
        ("target", 0 < gate.target < 1, "must be above 0 and below 1"),
        ("min_reported", gate.min_reported >= 1, "must be at least 1"),
        ("min_coverage", 0 < gate.min_coverage <= 1, "must be above 0 and at most 1"),
        ("soak_seconds", 0 <= soak <= LONGEST_WAIT, f"must be 0 to {LONGEST_WAIT}"),
        (
            "max_wait_seconds",
            wait is None or max(soak, 0) < wait <= LONGEST_WAIT,
            f"must be above soak_seconds, which is waited for too, and at most {LONGEST_WAIT}",
        ),
        # Added up, not subtracted: 1 - 0.9 is a little less than 0.1, but 0.9 + 0.1 is 1.
        (
            "error_ceiling",
            gate.error_ceiling < 1 < gate.target + gate.error_ceiling,
            "must be above 1 - target (the failures a ring may have and pass) and below 1",
        ),
    )
    yield from ((f"gate.{name}", message) for name, is_met, message in rules if not is_met)


def upper_bounds(plan: Plan) -> list[int | None]:
    """For each ring the place below which an untagged device belongs to it; None for a ring chosen by tag.

    Shares add up in ring order; the last ring that is not chosen by tag takes the rest.
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


def batches(waiting: Mapping[str, int], size: int) -> Sequence[tuple[str, int]]:
    """Commands for the devices that wait, at most `size` devices each: (connector, devices)."""
    return [
        (connector, min(size, count - start))
        for connector, count in sorted(waiting.items())
        for start in range(0, count, size)
    ]


STANDARD = Plan(
    "standard",
    1,
    (
        RingPlan("lab", GatePolicy(0.95, 5, 0.90, 4 * _HOUR, 0.10), tag="lab"),
        RingPlan("canary", GatePolicy(0.97, 30, 0.85, 24 * _HOUR, 0.06), share=1),
        RingPlan("pilot", GatePolicy(0.98, 200, 0.80, 48 * _HOUR, 0.04), share=5),
        RingPlan("department", GatePolicy(0.99, 500, 0.80, 72 * _HOUR, 0.02), share=20),
        RingPlan("global", GatePolicy(0.99, 500, 0.80, 7 * _DAY, 0.02)),
    ),
)
DEMO = Plan(
    "demo",
    1,
    (
        RingPlan("lab", GatePolicy(0.95, 5, 0.90, 1, 0.10), tag="lab"),
        RingPlan("canary", GatePolicy(0.97, 30, 0.85, 1, 0.06), share=1),
        RingPlan("pilot", GatePolicy(0.98, 200, 0.80, 1, 0.04), share=5),
        RingPlan("department", GatePolicy(0.99, 500, 0.80, 1, 0.02), share=20),
        RingPlan("global", GatePolicy(0.99, 500, 0.80, 1, 0.02)),
    ),
    silent_after={"online": 15, "intermittent": 15, "air_gapped": 15},
)
BUILT_IN: Mapping[str, Plan] = {plan.name: plan for plan in (DEMO, STANDARD)}
