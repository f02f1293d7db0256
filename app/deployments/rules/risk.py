"""The risk of a rollout: a score from 0 to 100 and its parts; pure. Standard library only."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.deployments.rules.rings import ApprovalPolicy, ApprovalWhen, Plan

POLICY_VERSION = 1
WEIGHTS: Mapping[str, int] = {
    "privilege": 20,
    "supply_chain": 15,
    "vulnerabilities": 15,
    "exploitability": 10,
    "data_access": 10,
    "blast_radius": 10,
    "operational_complexity": 10,
    "history": 10,
}
"""Points that a factor of 1 adds; the sum is 100."""
UNKNOWN = 0.5
"""The value of a factor that is neither declared nor known, because unknown does not mean harmless."""
AUTOMATIC_UP_TO = 50
"""The highest score that needs no approval."""
HISTORY = 10
"""How many of the latest rollouts count as history."""
CRITICAL_COHORT = 1.2
"""The blast radius is multiplied by this if the rollout reaches critical devices."""
_DIGITS = 4
"""Decimals to round to, so that contributions add up to the score without floating-point residue."""


@dataclass(frozen=True)
class Blast:
    """A class of rollouts by their number of devices: up to `devices`, or any number."""

    name: str
    factor: float
    devices: int | None = None


BLASTS = (
    Blast("under_10", 0.1, 9),
    Blast("under_100", 0.3, 99),
    Blast("under_1000", 0.5, 999),
    Blast("up_to_10000", 0.7, 10_000),
    Blast("over_10000", 1.0),
)
_ORDER = {blast.name: position for position, blast in enumerate(BLASTS)}


@dataclass(frozen=True)
class Declared:
    """The factors of a release that the requester declares, 0 to 1; None: not declared."""

    privilege: float | None = None
    supply_chain: float | None = None
    vulnerabilities: float | None = None
    exploitability: float | None = None
    data_access: float | None = None
    operational_complexity: float | None = None

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Declared:
        """The factors in what a deployment stores."""
        return cls(**{name: value[name] for name in cls.__dataclass_fields__ if name in value})


@dataclass(frozen=True)
class Assessment:
    """A score, its factors, and the points that each of them adds."""

    score: float
    factors: Mapping[str, float]
    contributions: Mapping[str, float]
    blast_class: str
    policy_version: int = POLICY_VERSION


def assess(declared: Declared, devices: int, critical_cohort: bool, history: Sequence[bool]) -> Assessment:
    """The risk of a rollout to that many devices; `history` says for past ones, latest first, whether they failed."""
    blast = blast_of(devices)
    stated = {name: UNKNOWN if value is None else value for name, value in vars(declared).items()}
    radius = min(blast.factor * CRITICAL_COHORT, 1.0) if critical_cohort else blast.factor
    observed = {"blast_radius": round(radius, _DIGITS), "history": round(_share_gone_wrong(history), _DIGITS)}
    factors = {name: {**stated, **observed}[name] for name in WEIGHTS}
    contributions = {name: round(weight * factors[name], _DIGITS) for name, weight in WEIGHTS.items()}
    score = min(max(round(math.fsum(contributions.values()), _DIGITS), 0.0), 100.0)
    return Assessment(score, factors, contributions, blast.name)


def blast_of(devices: int) -> Blast:
    """The blast class of that many devices."""
    return next(blast for blast in BLASTS if blast.devices is None or devices <= blast.devices)


def rises(before: str, after: str) -> bool:
    """Whether the second blast class is above the first."""
    return _ORDER[after] > _ORDER[before]


def needs_approval(score: float, privileged_tooling: bool) -> bool:
    """Whether the risk requires approval, where the plan makes approval depend on it."""
    return privileged_tooling or score > AUTOMATIC_UP_TO


def people_needed(policy: ApprovalPolicy, needs_approval: bool) -> int:
    """How many people must approve before a ring with this policy starts."""
    applies = policy.when is ApprovalWhen.ALWAYS or (policy.when is ApprovalWhen.RISK and needs_approval)
    return policy.people if applies else 0


def most_people(plan: Plan, needs_approval: bool) -> int:
    """How many people must approve before every ring of the plan can start."""
    return max(people_needed(ring.approval, needs_approval) for ring in plan.rings)


FREE_SHARE = 0.1
FREE_DEVICES = 10
"""Rings that together reach no more than this share, or number, of a rollout's devices may start without approval."""


def with_floor(plan: Plan, devices: Sequence[int], people: int) -> Plan:
    """The plan of a rollout whose risk requires approval: whatever it says, `people` must approve before it reaches
    more than a few devices. `devices` are those of each ring, in order.
    """
    free, reached, asked = max(FREE_SHARE * sum(devices), FREE_DEVICES), 0, 0
    for position, (ring, count) in enumerate(zip(plan.rings, devices, strict=True)):
        reached += count
        asked = max(asked, people_needed(ring.approval, needs_approval=True))
        if reached > free and asked < people:
            when = ApprovalWhen.RISK if ring.approval.when is ApprovalWhen.NEVER else ring.approval.when
            raised = replace(ring, approval=ApprovalPolicy(when=when, people=people))
            return replace(plan, rings=(*plan.rings[:position], raised, *plan.rings[position + 1 :]))
    return plan


def entry_met(policy: ApprovalPolicy, needs_approval: bool, approvals: int) -> bool:
    """Whether a ring with this policy can start with that many approvals."""
    return approvals >= people_needed(policy, needs_approval)


def _share_gone_wrong(history: Sequence[bool]) -> float:
    latest = history[:HISTORY]
    return sum(latest) / len(latest) if latest else UNKNOWN
