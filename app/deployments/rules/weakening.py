"""What a change makes of a ring plan: every difference, and those that let a release reach devices with less proof.

Pure. Standard library only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.deployments.rules.gates import GatePolicy
from app.deployments.rules.rings import ApprovalPolicy, ApprovalWhen, Plan, RingPlan

_EAGERNESS = {ApprovalWhen.NEVER: 0, ApprovalWhen.RISK: 1, ApprovalWhen.ALWAYS: 2}


@dataclass(frozen=True)
class Difference:
    """One field of a plan, by its dotted path, before and after a change; None: absent."""

    field: str
    before: Any
    after: Any

    def as_json(self) -> dict[str, Any]:
        """What events and the API show."""
        return asdict(self)


_LESS: Mapping[str, Callable[[Any, Any], bool]] = {
    "target": lambda before, after: after < before,
    "min_reported": lambda before, after: after < before,
    "min_coverage": lambda before, after: after < before,
    "soak_seconds": lambda before, after: after < before,
    "error_ceiling": lambda before, after: after > before,
    "incident_limit": lambda before, after: after < before,  # P0 tolerates the worst
    "validates_rollback": lambda before, after: before and not after,
    "strict": lambda before, after: before and not after,
    "analyses": lambda before, after: any(each not in after for each in before),
}
"""When a field of a gate demands less than before."""


def differences(before: Plan | None, after: Plan) -> list[Difference]:
    """Every field that differs, except name and version; all fields of a new plan."""
    old, new = dict(_fields(before.as_json() if before else {})), dict(_fields(after.as_json()))
    paths = [path for path in dict.fromkeys([*old, *new]) if path not in ("name", "version")]
    return [Difference(path, old.get(path), new.get(path)) for path in paths if old.get(path) != new.get(path)]


def weakenings(before: Plan, after: Plan) -> list[Difference]:
    """The differences by which a release reaches devices with less proof, fewer people, or sooner.

    Rings are compared in order. Another order, other rings or other tags count as weaker, because what they lead to
    depends on the fleet.
    """
    names = [[ring.name for ring in plan.rings] for plan in (before, after)]
    if names[0] != names[1]:
        return [Difference("rings", *names)]
    found: list[Difference] = []
    for position, pair in enumerate(zip(before.rings, after.rings, strict=True)):
        at = f"rings.{position}"
        if pair[0].tag != pair[1].tag:
            found.append(Difference(f"{at}.tag", pair[0].tag, pair[1].tag))
        found += _approval(f"{at}.approval", pair[0].approval, pair[1].approval)
        found += _gate(f"{at}.gate", pair[0].gate, pair[1].gate)
    return [*found, *_reach(before.rings, after.rings)]


def _approval(at: str, before: ApprovalPolicy, after: ApprovalPolicy) -> Iterator[Difference]:
    if _EAGERNESS[after.when] < _EAGERNESS[before.when]:
        yield Difference(f"{at}.when", before.when.value, after.when.value)
    elif before.when is not ApprovalWhen.NEVER and after.people < before.people:
        yield Difference(f"{at}.people", before.people, after.people)


def _gate(at: str, before: GatePolicy, after: GatePolicy) -> Iterator[Difference]:
    for name, is_less in _LESS.items():
        old, new = getattr(before, name), getattr(after, name)
        if is_less(old, new):
            yield Difference(f"{at}.{name}", _plain(old), _plain(new))
    for site_class, seconds in before.compliant_within.items():
        allowed = after.compliant_within.get(site_class)
        if allowed is None or allowed > seconds:
            yield Difference(f"{at}.compliant_within.{site_class}", seconds, allowed)


def _reach(before: Sequence[RingPlan], after: Sequence[RingPlan]) -> Iterator[Difference]:
    """The first ring up to which the plan now reaches a larger share of the devices without a tag."""
    old = new = 0.0
    for position, (ring, changed) in enumerate(zip(before, after, strict=True)):
        if ring.tag is not None:
            continue
        old += 100.0 if ring.share is None else ring.share
        new += 100.0 if changed.share is None else changed.share
        if new > old:
            yield Difference(f"rings.{position}.share", ring.share, changed.share)
            return


def _plain(value: Any) -> Any:
    return [asdict(each) for each in value] if isinstance(value, tuple) else value


def _fields(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    members: Any = ()
    if isinstance(value, Mapping):
        members = value.items()
    elif isinstance(value, list | tuple):
        members = enumerate(value)
    else:
        yield at, value
    for name, member in members:
        yield from _fields(member, f"{at}.{name}" if at else str(name))
