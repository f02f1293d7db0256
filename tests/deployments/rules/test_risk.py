"""The risk score: known answers, the edges of its classes, and what never holds less."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from app.deployments.rules.rings import ApprovalPolicy, ApprovalWhen
from app.deployments.rules.risk import (
    BLASTS,
    WEIGHTS,
    Assessment,
    Declared,
    assess,
    blast_of,
    entry_met,
    needs_approval,
    people_needed,
    rises,
)

NAMES = ("privilege", "supply_chain", "vulnerabilities", "exploitability", "data_access", "operational_complexity")
factor = st.one_of(st.none(), st.floats(0, 1))
declarations = st.builds(Declared, **dict.fromkeys(NAMES, factor))
histories = st.lists(st.booleans(), max_size=20)


def all_of(value: float) -> Declared:
    return Declared(**dict.fromkeys(NAMES, value))


def test_the_weights_add_up_to_a_hundred() -> None:
    assert sum(WEIGHTS.values()) == 100


@pytest.mark.parametrize(
    ("declared", "devices", "critical", "history", "score"),
    [
        # 20·0.4 + 15·0.2 + 15·0.1 + 10·0.1 + 10·0.3 + blast 10·0.7 + operations 10·0.5 + history 10·0.5
        # = 8 + 3 + 1.5 + 1 + 3 + 7 + 5 + 5
        (Declared(0.4, 0.2, 0.1, 0.1, 0.3), 6_000, False, [], 33.5),
        # Nothing told, nothing known, 500 devices: half of everything.
        (Declared(), 500, False, [], 50.0),
        # The same for 6,000: 90·0.5 + 10·0.7
        (Declared(), 6_000, False, [], 52.0),
        # 80·0.1 + 10·min(1.0·1.2, 1) + 10·0.5
        (all_of(0.1), 20_000, True, [], 23.0),
        # 80·0.1 + 10·(0.3·1.2) + 10·(1 of 4)
        (all_of(0.1), 50, True, [False, True, False, False], 14.1),
        # Nothing of it harmless: 80 + 10·1 + 10·1
        (all_of(1.0), 1_000_000, False, [True], 100.0),
        # Nothing of it harmful: 0 + 10·0.1 + 0
        (all_of(0.0), 1, False, [False] * 10, 1.0),
    ],
)
def test_scores_by_hand(declared: Declared, devices: int, critical: bool, history: list[bool], score: float) -> None:
    assert assess(declared, devices, critical, history).score == score


def test_contributions_by_hand() -> None:
    found = assess(Declared(privilege=0.25, data_access=1.0), 99, True, [True, False])
    assert found == Assessment(
        score=48.6,
        factors={
            "privilege": 0.25,
            "supply_chain": 0.5,
            "vulnerabilities": 0.5,
            "exploitability": 0.5,
            "data_access": 1.0,
            "blast_radius": 0.36,
            "operational_complexity": 0.5,
            "history": 0.5,
        },
        contributions={
            "privilege": 5.0,
            "supply_chain": 7.5,
            "vulnerabilities": 7.5,
            "exploitability": 5.0,
            "data_access": 10.0,
            "blast_radius": 3.6,
            "operational_complexity": 5.0,
            "history": 5.0,
        },
        blast_class="under_100",
        policy_version=1,
    )


@pytest.mark.parametrize(
    ("devices", "name", "value"),
    [
        (0, "under_10", 0.1),
        (9, "under_10", 0.1),
        (10, "under_100", 0.3),
        (99, "under_100", 0.3),
        (100, "under_1000", 0.5),
        (999, "under_1000", 0.5),
        (1_000, "up_to_10000", 0.7),
        (10_000, "up_to_10000", 0.7),
        (10_001, "over_10000", 1.0),
    ],
)
def test_blast_classes(devices: int, name: str, value: float) -> None:
    assert (blast_of(devices).name, blast_of(devices).factor) == (name, value)
    assert assess(Declared(), devices, False, []).factors["blast_radius"] == value


def test_a_class_rises_only_upwards() -> None:
    names = [blast.name for blast in BLASTS]
    assert [[rises(before, after) for after in names] for before in names] == [
        [after > before for after in range(5)] for before in range(5)
    ]


def test_only_the_last_ten_rollouts_count() -> None:
    assert assess(Declared(), 1, False, [False] * 10 + [True] * 10).factors["history"] == 0
    assert assess(Declared(), 1, False, [True] * 3 + [False] * 17).factors["history"] == 0.3


def test_what_is_not_told_counts_as_half() -> None:
    assert assess(Declared(), 10, False, []) == assess(all_of(0.5), 10, False, [True, False])
    assert Declared.from_json({"privilege": 0.0, "critical_cves": 3}) == Declared(privilege=0.0)


@given(declarations, st.integers(0, 2_000_000), st.booleans(), histories)
def test_a_score_is_the_sum_of_its_contributions(
    declared: Declared, devices: int, critical: bool, history: list[bool]
) -> None:
    found = assess(declared, devices, critical, history)
    assert 0 <= found.score <= 100
    assert found.score == pytest.approx(sum(found.contributions.values()), abs=1e-3)
    assert list(found.factors) == list(found.contributions) == list(WEIGHTS)
    assert all(0 <= value <= 1 for value in found.factors.values())


@given(declarations, st.sampled_from(NAMES), st.floats(0, 1), st.integers(0, 20_000), st.integers(0, 20_000))
def test_more_risk_is_never_a_lower_score(
    declared: Declared, name: str, more: float, devices: int, others: int
) -> None:
    before = assess(declared, devices, False, [])
    raised = Declared(**{**vars(declared), name: max(before.factors[name], more)})
    assert assess(raised, devices + others, True, [True]).score >= before.score


@pytest.mark.parametrize(
    ("score", "privileged", "needed"), [(50.0, False, False), (50.0001, False, True), (0.0, True, True)]
)
def test_who_needs_approval(score: float, privileged: bool, needed: bool) -> None:
    assert needs_approval(score, privileged) is needed


@pytest.mark.parametrize(
    ("when", "needs", "people"),
    [("never", True, 0), ("risk", False, 0), ("risk", True, 2), ("always", False, 2), ("always", True, 2)],
)
def test_how_many_must_approve(when: str, needs: bool, people: int) -> None:
    policy = ApprovalPolicy(when=ApprovalWhen(when), people=2)
    assert people_needed(policy, needs) == people
    assert [entry_met(policy, needs, given) for given in range(4)] == [given >= people for given in range(4)]
