"""What weakens a ring plan, and the floor of approvals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from app.deployments.rules import risk
from app.deployments.rules.gates import GatePolicy
from app.deployments.rules.rings import BUILT_IN, DEMO, STANDARD, ApprovalPolicy, ApprovalWhen, Plan, RingPlan
from app.deployments.rules.weakening import differences, weakenings

PILOT = 2


def changed(position: int = PILOT, *, gate: dict[str, Any] | None = None, **fields: Any) -> Plan:
    """The standard plan with one ring changed."""
    ring = STANDARD.rings[position]
    ring = replace(ring, gate=replace(ring.gate, **(gate or {})), **fields)
    return replace(STANDARD, rings=(*STANDARD.rings[:position], ring, *STANDARD.rings[position + 1 :]))


WEAKER: dict[str, tuple[Plan, str]] = {
    "target": (changed(gate={"target": 0.5}), "rings.2.gate.target"),
    "min_reported": (changed(gate={"min_reported": 1}), "rings.2.gate.min_reported"),
    "min_coverage": (changed(gate={"min_coverage": 0.1}), "rings.2.gate.min_coverage"),
    "soak": (changed(gate={"soak_seconds": 0}), "rings.2.gate.soak_seconds"),
    "error_ceiling": (changed(gate={"error_ceiling": 0.9}), "rings.2.gate.error_ceiling"),
    "incident_limit": (changed(gate={"incident_limit": "P0"}), "rings.2.gate.incident_limit"),
    "rehearsal": (changed(0, gate={"validates_rollback": False}), "rings.0.gate.validates_rollback"),
    "a longer limit": (changed(gate={"compliant_within": {"online": 10**6}}), "rings.2.gate.compliant_within.online"),
    "no limit": (changed(gate={"compliant_within": {}}), "rings.2.gate.compliant_within.online"),
    "no approval": (changed(approval=ApprovalPolicy()), "rings.2.approval.when"),
    "a larger share": (changed(1, share=50), "rings.1.share"),
    "another tag": (changed(0, tag="corp"), "rings.0.tag"),
    "fewer rings": (replace(STANDARD, rings=STANDARD.rings[1:]), "rings"),
    "another order": (replace(STANDARD, rings=(*STANDARD.rings[1:], STANDARD.rings[0])), "rings"),
}
STRICTER: dict[str, Plan] = {
    "a higher target": changed(gate={"target": 0.999}),
    "a longer soak": changed(gate={"soak_seconds": 10**6}),
    "more people": changed(approval=ApprovalPolicy(when=ApprovalWhen.ALWAYS, people=2)),
    "a smaller share": changed(1, share=0.5),
    "a pace": changed(devices_per_minute=5),
    "strict": changed(gate={"strict": True}),
    "another rotation": replace(STANDARD, rotation=7),
}


@pytest.mark.parametrize("case", WEAKER)
def test_less_proof_is_weaker(case: str) -> None:
    plan, field = WEAKER[case]
    assert field in [each.field for each in weakenings(STANDARD, plan)]


@pytest.mark.parametrize("case", STRICTER)
def test_more_proof_is_not(case: str) -> None:
    assert weakenings(STANDARD, STRICTER[case]) == []
    assert differences(STANDARD, STRICTER[case])


def test_the_demo_plan_is_weaker_by_its_soaks_alone() -> None:
    assert {each.field.rpartition(".")[2] for each in weakenings(STANDARD, DEMO)} == {"soak_seconds"}


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_plan_does_not_differ_from_itself(name: str) -> None:
    plan = BUILT_IN[name]
    assert differences(plan, Plan.from_json({**plan.as_json(), "version": 9})) == []
    assert weakenings(plan, plan) == []


@given(first=st.sampled_from([*WEAKER]), second=st.sampled_from([*STRICTER]))
def test_what_weakens_is_found_among_the_differences(first: str, second: str) -> None:
    before, after = STRICTER[second], WEAKER[first][0]
    named = {each.field for each in differences(before, after)}
    for each in weakenings(before, after):
        assert any(field == each.field or field.startswith(f"{each.field}.") for field in named), each


def plan_of(*asking: int) -> Plan:
    """A plan whose rings ask for so many people."""
    gate = GatePolicy(target=0.9, min_reported=1, min_coverage=0.5, soak_seconds=0, error_ceiling=0.2)
    policies = [ApprovalPolicy(when=ApprovalWhen.RISK, people=n) if n else ApprovalPolicy() for n in asking]
    rings = tuple(RingPlan(name=f"r{n}", gate=gate, approval=policy) for n, policy in enumerate(policies))
    return Plan(name="p", version=1, rings=rings)


@pytest.mark.parametrize(
    ("asking", "devices", "people", "then"),
    [
        ((0,), (1000,), 1, (1,)),
        ((0, 0, 0), (50, 50, 900), 1, (0, 0, 1)),
        ((0, 0, 0), (50, 51, 899), 1, (0, 1, 0)),
        ((0, 1, 0), (50, 500, 450), 1, (0, 1, 0)),
        ((1, 0, 0), (50, 500, 450), 1, (1, 0, 0)),
        ((0, 1, 0), (50, 500, 450), 2, (0, 2, 0)),
        ((0, 3), (50, 950), 2, (0, 3)),
        ((0, 0), (10, 5), 1, (0, 1)),
        ((0, 0), (5, 5), 1, (0, 0)),
        ((0, 0), (50, 950), 0, (0, 0)),
    ],
)
def test_the_floor_asks_before_a_rollout_reaches_more_than_a_few(
    asking: tuple[int, ...], devices: tuple[int, ...], people: int, then: tuple[int, ...]
) -> None:
    floored = risk.with_floor(plan_of(*asking), devices, people)
    assert tuple(risk.people_needed(ring.approval, needs_approval=True) for ring in floored.rings) == then
    assert weakenings(plan_of(*asking), floored) == []


def test_the_floor_changes_no_built_in_plan() -> None:
    for plan in BUILT_IN.values():
        assert risk.with_floor(plan, (40, 10, 50, 200, 700), 1) == plan
