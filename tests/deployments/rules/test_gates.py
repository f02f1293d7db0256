"""The gate: fail on evidence only, pass on evidence only, wait for the rest, and always say why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, strategies as st

from app.deployments.rules.analysis import Analysis, AnalysisResults, Condition
from app.deployments.rules.binomial import forgiven
from app.deployments.rules.gates import (
    GateInputs,
    GateOutcome,
    GatePolicy,
    OnFail,
    Verdict,
    breached,
    judge,
    missing_report,
)
from app.deployments.rules.rings import BUILT_IN, Plan
from app.deployments.rules.sequential import rejects
from app.deployments.rules.tally import Tally
from tests.support.api import Api
from tests.support.jobs import Drive
from tests.support.moments import state_at

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=365)
LENIENT = GatePolicy(target=0.9, min_reported=10, min_coverage=0.8, soak_seconds=60, error_ceiling=0.1)
POLICY = replace(LENIENT, strict=True)
"""Rates met exactly, so that the tests of one rule need not reckon with chance."""

rates = st.floats(0, 1)
counts = st.integers(0, 3_000)
policies = st.builds(
    GatePolicy,
    target=rates,
    min_reported=st.integers(0, 1_000),
    min_coverage=rates,
    soak_seconds=st.integers(0, 7 * 86_400),
    error_ceiling=rates,
    on_fail=st.sampled_from(OnFail),
    strict=st.booleans(),
)
soaks = st.one_of(st.none(), st.integers(-(10**6), 10**6).map(lambda seconds: NOW - timedelta(seconds=seconds)))


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    return tally(draw(counts), draw(counts), draw(counts), draw(counts))


def tally(succeeded: int, failed: int = 0, silent: int = 0, pending: int = 0) -> Tally:
    """A ring's counters, with E as their sum."""
    return Tally(succeeded + failed + silent + pending, succeeded, failed, silent, pending)


@given(policies, tallies(), soaks)
def test_a_verdict_is_pure(policy: GatePolicy, counted: Tally, since: datetime | None) -> None:
    again = judge(replace(policy), GateInputs(replace(counted), since), NOW)
    assert judge(policy, GateInputs(counted, since), NOW) == again


@given(policies, counts, counts, soaks)
def test_no_data_is_never_success(policy: GatePolicy, silent: int, pending: int, since: datetime | None) -> None:
    assert judge(policy, GateInputs(tally(0, 0, silent, pending), since), NOW).outcome is GateOutcome.WAIT


def test_an_empty_ring_never_passes() -> None:
    nothing_asked = GatePolicy(target=0, min_reported=0, min_coverage=0, soak_seconds=0, error_ceiling=1)
    assert judge(nothing_asked, GateInputs(tally(0), LONG_AGO), NOW).outcome is GateOutcome.WAIT


@given(policies, tallies(), counts, counts, soaks)
def test_silence_never_fails(
    policy: GatePolicy, counted: Tally, silent: int, pending: int, since: datetime | None
) -> None:
    before = judge(policy, GateInputs(counted, since), NOW)
    quieter = tally(counted.succeeded, counted.failed, counted.silent + silent, counted.pending + pending)
    if before.outcome is not GateOutcome.FAIL:
        assert judge(policy, GateInputs(quieter, since), NOW).outcome is not GateOutcome.FAIL


@given(policies, tallies(), soaks)
def test_evidence_of_failure_wins_over_everything(policy: GatePolicy, counted: Tally, since: datetime | None) -> None:
    verdict = judge(policy, GateInputs(counted, since), NOW)
    over = breached(policy, counted)
    tested = rejects(counted.failed, counted.reported, policy.target, policy.error_ceiling)
    best = tally(counted.succeeded + counted.silent + counted.pending, counted.failed)
    missed = judge(policy, GateInputs(best, LONG_AGO), NOW).outcome is not GateOutcome.PASS and counted.failed > 0
    assert (verdict.outcome is GateOutcome.FAIL) == (over or tested or missed)


@given(policies, tallies(), counts)
def test_what_is_out_of_reach_stays_so_whatever_the_open_devices_report(
    policy: GatePolicy, counted: Tally, succeed: int
) -> None:
    if judge(policy, GateInputs(counted, LONG_AGO), NOW).code == "out_of_reach":
        more = min(succeed, counted.silent + counted.pending)
        open_devices = counted.silent + counted.pending - more
        later = tally(counted.succeeded + more, counted.failed, 0, open_devices)
        assert judge(policy, GateInputs(later, LONG_AGO), NOW).outcome is GateOutcome.FAIL


@given(policies, tallies(), soaks)
@example(replace(POLICY, target=0, min_reported=2, min_coverage=0), tally(0, 1, 1), LONG_AGO)
def test_a_pass_meets_every_condition(policy: GatePolicy, counted: Tally, since: datetime | None) -> None:
    if judge(policy, GateInputs(counted, since), NOW).outcome is GateOutcome.PASS:
        assert not breached(policy, counted)
        assert counted.reported >= min(policy.min_reported, counted.eligible - counted.silent)
        assert counted.reported > 0
        assert counted.succeeded > 0 or policy.strict
        assert counted.success_rate is not None
        if policy.strict:
            assert counted.coverage >= policy.min_coverage
            assert counted.success_rate >= policy.target
        else:
            assert counted.eligible - counted.reported <= forgiven(counted.eligible, 1 - policy.min_coverage)
            assert counted.failed <= forgiven(counted.reported, 1 - policy.target)
        assert since is not None
        assert since + timedelta(seconds=policy.soak_seconds) <= NOW


@given(policies, tallies(), soaks, st.integers(0, 10**6))
def test_waiting_longer_never_takes_a_pass_back(
    policy: GatePolicy, counted: Tally, since: datetime | None, seconds: int
) -> None:
    verdict = judge(policy, GateInputs(counted, since), NOW)
    if verdict.outcome is GateOutcome.PASS:
        assert judge(policy, GateInputs(counted, since), NOW + timedelta(seconds=seconds)) == verdict


def test_a_breach_fails_though_nothing_else_is_met() -> None:
    verdict = judge(POLICY, GateInputs(tally(0, 3, 0, 17), None), NOW)
    assert (verdict.outcome, verdict.code) == (GateOutcome.FAIL, "error_ceiling")
    assert "3 of 20 devices failed" in verdict.reason
    assert "10.0%" in verdict.reason


def test_a_breach_fails_though_all_else_is_met() -> None:
    lenient = replace(POLICY, target=0.5)
    assert judge(lenient, GateInputs(tally(90, 10), LONG_AGO), NOW).outcome is GateOutcome.PASS
    assert judge(lenient, GateInputs(tally(89, 11), LONG_AGO), NOW).outcome is GateOutcome.FAIL


@pytest.mark.parametrize(("failed", "eligible", "over"), [(10, 100, False), (11, 100, True), (2, 19, True)])
def test_exactly_at_the_ceiling_is_no_breach(failed: int, eligible: int, over: bool) -> None:
    assert breached(POLICY, tally(eligible - failed, failed)) is over


@given(policies, counts, counts, counts)
def test_one_failure_alone_is_no_breach(policy: GatePolicy, succeeded: int, silent: int, pending: int) -> None:
    assert not breached(policy, tally(succeeded, 1, silent, pending))


def test_the_minimum_of_reports_is_the_whole_ring_where_that_is_smaller() -> None:
    waiting = judge(POLICY, GateInputs(tally(3, 0, 0, 1), None), NOW)
    assert (waiting.outcome, waiting.code, waiting.reason) == (
        GateOutcome.WAIT,
        "min_reported",
        "3 of 4 devices reported",
    )
    assert missing_report(POLICY, tally(4)) is None


def test_the_minimum_of_reports_is_met_exactly() -> None:
    some = replace(POLICY, min_coverage=0.0)
    assert judge(some, GateInputs(tally(9, 0, 0, 91), LONG_AGO), NOW).reason == "9 of 10 devices reported"
    assert judge(some, GateInputs(tally(10, 0, 0, 90), LONG_AGO), NOW).outcome is GateOutcome.PASS


def test_coverage_is_met_exactly() -> None:
    short = judge(POLICY, GateInputs(tally(79, 0, 21), LONG_AGO), NOW)
    assert (short.outcome, short.code) == (GateOutcome.WAIT, "coverage")
    assert "79.0%" in short.reason
    assert "80.0% needed" in short.reason
    assert judge(POLICY, GateInputs(tally(80, 0, 20), LONG_AGO), NOW).outcome is GateOutcome.PASS


def test_the_target_is_met_exactly() -> None:
    patient = replace(POLICY, error_ceiling=0.5)
    short = judge(patient, GateInputs(tally(89, 11, 10), LONG_AGO), NOW)
    assert (short.outcome, short.code) == (GateOutcome.WAIT, "target")
    assert "89.00%" in short.reason
    assert "90.00% needed" in short.reason
    assert judge(patient, GateInputs(tally(90, 10), LONG_AGO), NOW).outcome is GateOutcome.PASS


def test_the_soak_is_over_exactly() -> None:
    good, since = tally(100), NOW - timedelta(seconds=60)
    assert judge(POLICY, GateInputs(good, since), NOW - timedelta(microseconds=1)).code == "soak"
    assert judge(POLICY, GateInputs(good, None), NOW).code == "soak"
    assert judge(POLICY, GateInputs(good, None), NOW).reason == "the soak of 1 min has not begun"
    soaking = judge(POLICY, GateInputs(good, NOW - timedelta(seconds=20)), NOW)
    assert soaking.reason == "soaking until 2026-03-01 12:00Z, 40 s left"
    assert judge(POLICY, GateInputs(good, since), NOW).outcome is GateOutcome.PASS


def test_a_pass_says_its_numbers() -> None:
    verdict = judge(POLICY, GateInputs(tally(95, 5, 10), LONG_AGO), NOW)
    assert verdict.reason == (
        "95 of 100 reports succeeded (95.00%), coverage 90.9%; this proves a success rate of 89.8%, "
        "not yet the target of 90.0%"
    )
    proof = judge(POLICY, GateInputs(tally(100), LONG_AGO), NOW)
    assert proof.reason == "100 of 100 reports succeeded (100.00%), coverage 100.0%"


@pytest.mark.parametrize(
    ("counted", "outcome", "code"),
    [
        (tally(4, 1), "pass", "passed"),  # one failing laptop says more about itself than about the release
        (tally(3, 2), "pass", "passed"),
        (tally(2, 3), "fail", "error_ceiling"),
        (tally(0, 1), "fail", "out_of_reach"),
        (tally(0, 0, 1), "wait", "min_reported"),
        (tally(4, 0, 1), "pass", "passed"),
        (tally(1, 0, 4), "wait", "coverage"),
        (tally(86, 14), "pass", "passed"),
        (tally(84, 16, 20), "wait", "target"),
        (tally(80, 14, 5), "pass", "passed"),
        (tally(60, 14, 5, 25), "wait", "coverage"),
    ],
)
def test_a_gate_forgives_what_chance_explains_at_any_size(counted: Tally, outcome: str, code: str) -> None:
    counted = replace(counted, compliant=counted.succeeded)
    verdict = judge(replace(LENIENT, error_ceiling=0.101), GateInputs(counted, LONG_AGO), NOW)
    assert (verdict.outcome, verdict.code) == (outcome, code), verdict.reason


def test_what_the_target_forgives_is_never_above_the_ceiling() -> None:
    department = BUILT_IN["standard"].rings[3].gate
    two_of_99 = replace(tally(97, 2), compliant=97)
    assert judge(department, GateInputs(two_of_99, LONG_AGO), NOW).outcome is GateOutcome.PASS
    assert breached(replace(department, strict=True), two_of_99)


@pytest.mark.parametrize("plan", BUILT_IN.values(), ids=lambda plan: plan.name)
@pytest.mark.parametrize("size", [1, 7, 100, 1_000, 50_000])
def test_a_healthy_release_passes_every_ring_in_spite_of_silent_devices(plan: Plan, size: int) -> None:
    for ring in plan.rings:
        silent = int(size * (1 - ring.gate.min_coverage) * 0.999)
        reported = size - silent
        if reported < min(ring.gate.min_reported, size):
            reported, silent = size, 0
        failed = int(reported * (1 - ring.gate.target) * 0.5)
        counted = replace(tally(reported - failed, failed, silent), compliant=reported - failed)
        verdict = judge(ring.gate, GateInputs(counted, LONG_AGO, rollback_validated=True), NOW)
        assert verdict.outcome is GateOutcome.PASS, (ring.name, verdict)


def test_too_few_devices_that_became_compliant_in_time_keep_the_ring_waiting() -> None:
    timely = replace(POLICY, compliant_within={"online": 60})
    counted = tally(90, 0, 10)  # needs 0.8 * 0.9 * 100 = 72
    late = judge(timely, GateInputs(replace(counted, compliant=71), LONG_AGO), NOW)
    assert (late.outcome, late.code) == (GateOutcome.WAIT, "compliance")
    never = judge(timely, GateInputs(replace(tally(100), compliant=71), LONG_AGO), NOW)
    assert (never.outcome, never.code) == (GateOutcome.FAIL, "out_of_reach")
    assert late.reason == "71 of 100 devices became compliant in time, 72 needed"
    assert judge(timely, GateInputs(replace(counted, compliant=72), LONG_AGO), NOW).outcome is GateOutcome.PASS
    assert judge(POLICY, GateInputs(counted, LONG_AGO), NOW).outcome is GateOutcome.PASS


@pytest.mark.parametrize(("worst", "outcome"), [("P0", "fail"), ("P1", "fail"), ("P2", "pass"), ("P3", "pass")])
def test_an_incident_above_the_limit_fails_the_gate(worst: str, outcome: str) -> None:
    verdict = judge(POLICY, GateInputs(tally(100), LONG_AGO, incidents=("P3", worst)), NOW)
    assert verdict.outcome == outcome
    strict, lenient = replace(POLICY, incident_limit="P3"), replace(POLICY, incident_limit="P0")
    assert judge(strict, GateInputs(tally(100), LONG_AGO, incidents=("P2",)), NOW).code == "incident"
    assert judge(lenient, GateInputs(tally(100), LONG_AGO, incidents=("P0",)), NOW).outcome is GateOutcome.PASS


def test_a_rollback_that_was_not_validated_keeps_the_ring_waiting() -> None:
    careful = replace(POLICY, validates_rollback=True)
    assert judge(careful, GateInputs(tally(100), LONG_AGO), NOW).code == "rollback_validation"
    assert judge(careful, GateInputs(tally(100), LONG_AGO, rollback_validated=True), NOW).outcome is GateOutcome.PASS


WATCHED = Analysis("errors", "a.b", Condition("<", 0.01), failure=Condition(">=", 0.05), failure_limit=1, error_limit=2)


@pytest.mark.parametrize(
    ("findings", "outcome", "code"),
    [
        ([], "wait", "analysis"),
        ([AnalysisResults("errors", 1, 0, 0, 1, 0.001, "")], "pass", "passed"),
        ([AnalysisResults("errors", 0, 0, 3, 3, None, "no answer")], "error", "analysis"),
        ([AnalysisResults("errors", 0, 0, 2, 2, None, "no answer")], "wait", "analysis"),
        ([AnalysisResults("errors", 1, 2, 0, 3, 0.06, "0.06")], "fail", "guardrail"),
        ([AnalysisResults("errors", 1, 1, 0, 2, 0.06, "0.06")], "pass", "passed"),
    ],
)
def test_what_graphite_says(findings: list[AnalysisResults], outcome: str, code: str) -> None:
    verdict = judge(
        replace(POLICY, analyses=(WATCHED,)), GateInputs(tally(100), LONG_AGO, analysis_results=findings), NOW
    )
    assert (verdict.outcome, verdict.code) == (outcome, code)


def test_every_stored_evaluation_replays_to_its_verdict(api: Api, drive: Drive) -> None:
    api.register(1_000)
    path = f"/deployments/{api.deploy()['id']}"
    drive(120, until=lambda: state_at(path) == "completed")
    assert api.get(path)["state"] == "completed"
    evaluations = api.get(f"{path}/gates?order=oldest&limit=500")["items"]
    assert {row["ring"] for row in evaluations if row["verdict"] == "pass"} == {
        ring["key"] for ring in api.get(path)["rings"]
    }
    for row in evaluations:
        inputs = row["inputs"]
        policy, now = GatePolicy.from_json(inputs["policy"]), datetime.fromisoformat(inputs["now"])
        again = judge(policy, GateInputs.from_json(inputs), now)
        assert again == Verdict(GateOutcome(row["verdict"]), row["code"], row["reason"])
