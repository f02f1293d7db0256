"""Ring plans and a device's place in them, pure. Standard library only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from app.deployments.rules.gates import GatePolicy, OnFail

BUCKETS = 10_000
_HOUR = 3_600
_DAY = 24 * _HOUR
SILENT_AFTER: Mapping[str, int] = {"online": _DAY, "intermittent": 3 * _DAY, "air_gapped": 7 * _DAY}
CANONICAL_KEYS = ("lab", "canary", "pilot", "department", "global", "ring_6", "ring_7", "ring_8", "ring_9")
"""A ring's key by its position: what metrics call it, whatever its name."""


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
