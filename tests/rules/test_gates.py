"""The gate: fail on evidence only, pass on evidence only, wait for the rest, and always say why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deployments.rules.gates import GatePolicy, OnFail, Outcome, Tally, Verdict, breached, judge, missing_report
from app.deployments.rules.rings import BUILT_IN, Plan
from app.deployments.rules.sequential import rejects
from tests.conftest import Api

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=365)
POLICY = GatePolicy(target=0.9, min_reported=10, min_coverage=0.8, soak_seconds=60, error_ceiling=0.1)

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
    assert judge(policy, counted, since, NOW) == judge(replace(policy), replace(counted), since, NOW)


@given(policies, counts, counts, soaks)
def test_no_data_is_never_success(policy: GatePolicy, silent: int, pending: int, since: datetime | None) -> None:
    assert judge(policy, tally(0, 0, silent, pending), since, NOW).outcome is Outcome.WAIT


def test_an_empty_ring_never_passes() -> None:
    nothing_asked = GatePolicy(target=0, min_reported=0, min_coverage=0, soak_seconds=0, error_ceiling=1)
    assert judge(nothing_asked, tally(0), LONG_AGO, NOW).outcome is Outcome.WAIT


@given(policies, tallies(), counts, counts, soaks)
def test_silence_never_fails(
    policy: GatePolicy, counted: Tally, silent: int, pending: int, since: datetime | None
) -> None:
    before = judge(policy, counted, since, NOW)
    quieter = tally(counted.succeeded, counted.failed, counted.silent + silent, counted.pending + pending)
    if before.outcome is not Outcome.FAIL:
        assert judge(policy, quieter, since, NOW).outcome is not Outcome.FAIL


@given(policies, tallies(), soaks)
def test_evidence_of_failure_wins_over_everything(policy: GatePolicy, counted: Tally, since: datetime | None) -> None:
    verdict = judge(policy, counted, since, NOW)
    over = counted.failed > max(policy.error_ceiling * counted.eligible, 1)
    tested = rejects(counted.failed, counted.reported, policy.target, policy.error_ceiling)
    assert (verdict.outcome is Outcome.FAIL) == (over or tested)


@given(policies, tallies(), soaks)
def test_a_pass_meets_every_condition(policy: GatePolicy, counted: Tally, since: datetime | None) -> None:
    if judge(policy, counted, since, NOW).outcome is Outcome.PASS:
        assert not breached(policy, counted)
        assert counted.reported >= min(policy.min_reported, counted.eligible)
        assert counted.reported > 0
        assert counted.coverage >= policy.min_coverage
        assert counted.success_rate is not None
        assert counted.success_rate >= policy.target
        assert since is not None
        assert since + timedelta(seconds=policy.soak_seconds) <= NOW


@given(policies, tallies(), soaks, st.integers(0, 10**6))
def test_waiting_longer_never_takes_a_pass_back(
    policy: GatePolicy, counted: Tally, since: datetime | None, seconds: int
) -> None:
    verdict = judge(policy, counted, since, NOW)
    if verdict.outcome is Outcome.PASS:
        assert judge(policy, counted, since, NOW + timedelta(seconds=seconds)) == verdict


def test_a_breach_fails_though_nothing_else_is_met() -> None:
    verdict = judge(POLICY, tally(0, 3, 0, 17), None, NOW)
    assert (verdict.outcome, verdict.code) == (Outcome.FAIL, "error_ceiling")
    assert "3 of 20 devices failed" in verdict.reason
    assert "10.0%" in verdict.reason


def test_a_breach_fails_though_all_else_is_met() -> None:
    lenient = replace(POLICY, target=0.5)
    assert judge(lenient, tally(90, 10), LONG_AGO, NOW).outcome is Outcome.PASS
    assert judge(lenient, tally(89, 11), LONG_AGO, NOW).outcome is Outcome.FAIL


@pytest.mark.parametrize(("failed", "eligible", "over"), [(10, 100, False), (11, 100, True), (2, 19, True)])
def test_exactly_at_the_ceiling_is_no_breach(failed: int, eligible: int, over: bool) -> None:
    assert breached(POLICY, tally(eligible - failed, failed)) is over


@given(policies, counts, counts, counts)
def test_one_failure_alone_is_no_breach(policy: GatePolicy, succeeded: int, silent: int, pending: int) -> None:
    assert not breached(policy, tally(succeeded, 1, silent, pending))


def test_the_minimum_of_reports_is_the_whole_ring_where_that_is_smaller() -> None:
    waiting = judge(POLICY, tally(3, 0, 0, 1), None, NOW)
    assert (waiting.outcome, waiting.code, waiting.reason) == (
        Outcome.WAIT,
        "min_reported",
        "3 of 4 devices reported",
    )
    assert missing_report(POLICY, tally(4)) is None


def test_the_minimum_of_reports_is_met_exactly() -> None:
    some = replace(POLICY, min_coverage=0.0)
    assert judge(some, tally(9, 0, 0, 91), LONG_AGO, NOW).reason == "9 of 10 devices reported"
    assert judge(some, tally(10, 0, 0, 90), LONG_AGO, NOW).outcome is Outcome.PASS


def test_coverage_is_met_exactly() -> None:
    short = judge(POLICY, tally(79, 0, 21), LONG_AGO, NOW)
    assert (short.outcome, short.code) == (Outcome.WAIT, "coverage")
    assert "79.0%" in short.reason
    assert "80.0% needed" in short.reason
    assert judge(POLICY, tally(80, 0, 20), LONG_AGO, NOW).outcome is Outcome.PASS


def test_the_target_is_met_exactly() -> None:
    patient = replace(POLICY, error_ceiling=0.5)
    short = judge(patient, tally(89, 11), LONG_AGO, NOW)
    assert (short.outcome, short.code) == (Outcome.WAIT, "target")
    assert "89.00%" in short.reason
    assert "90.00% needed" in short.reason
    assert judge(patient, tally(90, 10), LONG_AGO, NOW).outcome is Outcome.PASS


def test_the_soak_is_over_exactly() -> None:
    good, since = tally(100), NOW - timedelta(seconds=60)
    assert judge(POLICY, good, since, NOW - timedelta(microseconds=1)).code == "soak"
    assert judge(POLICY, good, None, NOW).code == "soak"
    assert "60 s" in judge(POLICY, good, None, NOW).reason
    assert judge(POLICY, good, since, NOW).outcome is Outcome.PASS


def test_a_pass_says_its_numbers() -> None:
    verdict = judge(POLICY, tally(95, 5, 10), LONG_AGO, NOW)
    assert verdict.reason == "95 of 100 reports succeeded (95.00%), coverage 90.9%"


@pytest.mark.parametrize("plan", BUILT_IN.values(), ids=lambda plan: plan.name)
@pytest.mark.parametrize("size", [1, 7, 100, 1_000, 50_000])
def test_a_healthy_release_passes_every_ring_in_spite_of_silent_devices(plan: Plan, size: int) -> None:
    for ring in plan.rings:
        silent = int(size * (1 - ring.gate.min_coverage) * 0.999)
        reported = size - silent
        if reported < min(ring.gate.min_reported, size):
            reported, silent = size, 0
        failed = int(reported * (1 - ring.gate.target) * 0.5)
        verdict = judge(ring.gate, tally(reported - failed, failed, silent), LONG_AGO, NOW)
        assert verdict.outcome is Outcome.PASS, (ring.name, verdict)


def test_every_stored_evaluation_replays_to_its_verdict(api: Api, drive: Callable[..., None]) -> None:
    api.register(1_000)
    path = f"/deployments/{api.deploy()['id']}"
    drive(120, until=lambda: api.get(path)["state"] == "completed")
    assert api.get(path)["state"] == "completed"
    evaluations = api.get(f"{path}/gates?limit=500")["items"]
    assert {row["ring"] for row in evaluations if row["verdict"] == "pass"} == {
        ring["key"] for ring in api.get(path)["rings"]
    }
    for row in evaluations:
        inputs = row["inputs"]
        policy = GatePolicy(**{**inputs["policy"], "on_fail": OnFail(inputs["policy"]["on_fail"])})
        since = datetime.fromisoformat(inputs["soaking_since"]) if inputs["soaking_since"] else None
        again = judge(policy, Tally(**inputs["tally"]), since, datetime.fromisoformat(inputs["now"]))
        assert again == Verdict(Outcome(row["verdict"]), row["code"], row["reason"])
