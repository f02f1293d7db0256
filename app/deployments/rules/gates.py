"""The gate of a ring: a pure verdict with its reason. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Any

from app.deployments.rules import analysis
from app.deployments.rules.analysis import Analysis, AnalysisResults
from app.deployments.rules.binomial import forgiven, proven, significant
from app.deployments.rules.durations import spell
from app.deployments.rules.sequential import rejects
from app.deployments.rules.tally import Tally

POLICY_VERSION = 5
"""The version of these rules, stored with each evaluation so that it can be replayed by the same rules."""
DAY = 24 * 3_600


class OnFail(StrEnum):
    """What a failed gate does: pause the deployment for a person, fail it, or fail it and roll it back."""

    PAUSE = "pause"
    ABORT = "abort"
    ROLLBACK = "rollback"


class GateOutcome(StrEnum):
    """What a gate decides: let the ring pass, fail it, wait, or wait because an input could not be read."""

    PASS = "pass"
    FAIL = "fail"
    WAIT = "wait"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class GatePolicy:
    """What a ring must show before the next one starts. Rates are 0 to 1."""

    target: float
    min_reported: int
    min_coverage: float
    soak_seconds: int
    error_ceiling: float
    on_fail: OnFail = OnFail.PAUSE
    max_wait_seconds: int | None = None
    """How long the ring may wait before the deployment pauses; unset: three times the soak, at least a day."""
    compliant_within: Mapping[str, int] = field(default_factory=dict)
    """Seconds from dispatch to success, by site class; a missing class has no limit."""
    incident_limit: str = "P2"
    """The worst severity that an open incident may have; a worse one fails the gate."""
    validates_rollback: bool = False
    """Whether one device must be rolled back and installed again before the ring can pass."""
    analyses: tuple[Analysis, ...] = ()
    """Metric analyses that guard the ring."""
    strict: bool = False
    """Whether the rates must be met exactly; otherwise a ring may miss them by what chance explains (`binomial`)."""

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> GatePolicy:
        """The policy in a snapshot. Missing fields have their defaults; unknown fields are ignored."""
        values = {each.name: value[each.name] for each in fields(cls) if each.name in value}
        values["on_fail"] = OnFail(values.get("on_fail", OnFail.PAUSE))
        values["analyses"] = tuple(Analysis.from_json(each) for each in values.get("analyses", ()))
        return cls(**values)

    @property
    def max_wait(self) -> timedelta:
        """How long the ring may wait before the deployment pauses."""
        configured = self.max_wait_seconds
        return timedelta(seconds=max(3 * self.soak_seconds, DAY) if configured is None else configured)


@dataclass(frozen=True)
class GateInputs:
    """Everything that determines a verdict, except the policy and the time."""

    tally: Tally
    soaking_since: datetime | None = None
    incidents: Sequence[str] = ()
    """Severities of the deployment's open incidents."""
    rollback_validated: bool = False
    analysis_results: Sequence[AnalysisResults] = ()
    """What the ring's metric analyses have measured so far; stored as `findings`."""
    on_the_way: int = 0
    """Devices that wait for a command or whose command no connector has confirmed yet."""
    soak_waived: bool = False
    """Whether a person has ended the soak, which waives the time and nothing else."""
    whole: Tally | None = None
    """In a rollback, the counters of all its rings: it is judged as a whole (`returning`)."""
    has_passed: bool = False
    """Whether the ring has passed already: then only its devices can still fail it."""

    def as_json(self) -> dict[str, Any]:
        """The inputs as an evaluation stores them."""
        stored = asdict(self)
        stored["findings"] = stored.pop("analysis_results")
        return {**stored, "soaking_since": self.soaking_since and self.soaking_since.isoformat()}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> GateInputs:
        """The inputs of a stored evaluation. Raises KeyError, TypeError, ValueError if they cannot be read."""
        since, whole = value["soaking_since"], value.get("whole")
        return cls(
            Tally.from_json(value["tally"]),
            None if since is None else datetime.fromisoformat(since),
            tuple(value.get("incidents", ())),
            bool(value.get("rollback_validated", False)),
            tuple(AnalysisResults(**each) for each in value.get("findings", ())),
            value.get("on_the_way", 0),
            bool(value.get("soak_waived", False)),
            None if whole is None else Tally.from_json(whole),
            bool(value.get("has_passed", False)),
        )


@dataclass(frozen=True)
class Verdict:
    """A gate's decision, with a code for machines and a sentence for people."""

    outcome: GateOutcome
    code: str
    reason: str


def _misses(policy: GatePolicy, missing: int, devices: int, share: float) -> bool:
    """Whether so many of the devices are missing that the others are not the share: by more than chance explains."""
    if policy.strict:
        return (devices - missing) / devices < share
    return significant(missing, devices, 1 - share)


def breached(policy: GatePolicy, tally: Tally) -> bool:
    """Whether more devices failed than the ceiling allows; a single failure never breaches it.

    In a small ring the ceiling is a device or two. There it also takes more failures than the target forgives by
    chance: otherwise 2 failures of 99 would stop a release that fails on 0.5 % of the devices in 9 % of its rollouts.
    """
    if tally.failed <= max(policy.error_ceiling * tally.eligible, 1):
        return False
    return policy.strict or significant(tally.failed, tally.eligible, 1 - policy.target)


def missing_report(policy: GatePolicy, tally: Tally) -> Verdict | None:
    """What is missing until the ring is covered: first a number of reports, then a share of the devices."""
    # Silent devices cannot be required to report. They lower the coverage, which is checked next.
    needed = min(policy.min_reported, tally.eligible - tally.silent)
    if not policy.strict:
        needed = max(needed, 1)  # no data is never success, also where chance forgives a silent device
    if tally.reported < needed or not tally.eligible:
        return Verdict(GateOutcome.WAIT, "min_reported", f"{tally.reported} of {needed} devices reported")
    if _misses(policy, tally.eligible - tally.reported, tally.eligible, policy.min_coverage):
        return Verdict(
            GateOutcome.WAIT,
            "coverage",
            f"{tally.coverage:.1%} of the devices reported, {policy.min_coverage:.1%} needed",
        )
    return None


def nobody_to_hear(policy: GatePolicy, tally: Tally) -> bool:
    """Whether the ring can prove nothing: it has no devices, or only silent ones, and no more than chance explains.

    A ring of one switched-off laptop must not stop a rollout; a ring of many asks a person.
    """
    if tally.silent < tally.eligible:
        return False
    return not tally.eligible or not _misses(policy, tally.silent, tally.eligible, policy.min_coverage)


def judge(policy: GatePolicy, inputs: GateInputs, now: datetime) -> Verdict:
    """The verdict on a ring: what fails it, then what could not be read, then what is missing, then pass."""
    if inputs.has_passed:
        broken = _too_many_failed(policy, inputs.tally) or _target_out_of_reach(policy, inputs.tally)
        return broken or Verdict(GateOutcome.PASS, "passed", "too few devices have failed since it passed to fail it")
    return _failure(policy, inputs) or _out_of_reach(policy, inputs.tally) or _rest(policy, inputs, now)


def judge_by_version_4(policy: GatePolicy, inputs: GateInputs, now: datetime) -> Verdict:
    """The verdict by the rules up to version 4: rates are met exactly, and nothing is ever out of reach."""
    policy = replace(policy, strict=True)
    return _failure(policy, inputs) or _rest(policy, inputs, now)


def _rest(policy: GatePolicy, inputs: GateInputs, now: datetime) -> Verdict:
    """The verdict on a ring that nothing fails."""
    return (
        _unreadable(policy, inputs)
        or missing_report(policy, inputs.tally)
        or _missing_quality(policy, inputs, now)
        or _missing_proof(policy, inputs)
        or _passed(policy, inputs.tally)
    )


def _out_of_reach(policy: GatePolicy, tally: Tally) -> Verdict | None:
    """A failure of what even the best outcome of every open device could no longer repair; silence is no failure."""
    target = _target_out_of_reach(policy, tally)
    too_late = tally.failed + tally.succeeded - tally.compliant
    if (
        target is None
        and too_late
        and policy.compliant_within
        and (_misses(policy, too_late, tally.eligible, _compliance(policy)))
    ):
        return Verdict(
            GateOutcome.FAIL,
            "out_of_reach",
            f"{too_late} of {tally.eligible} devices failed or became compliant too late: the share in time cannot "
            f"reach {_compliance(policy):.1%} any more",
        )
    return target


def _target_out_of_reach(policy: GatePolicy, tally: Tally) -> Verdict | None:
    if not tally.failed:
        return None
    if tally.failed < tally.eligible and not _misses(policy, tally.failed, tally.eligible, policy.target):
        return None
    return Verdict(
        GateOutcome.FAIL,
        "out_of_reach",
        f"{tally.failed} of {tally.eligible} devices failed: even if all others succeed, the target of "
        f"{policy.target:.1%} cannot be reached any more",
    )


def _compliance(policy: GatePolicy) -> float:
    """The share of the devices that must become compliant in time."""
    return round(policy.min_coverage * policy.target, 9)  # because 0.8 * 0.9 is a little more than 0.72


def _failure(policy: GatePolicy, inputs: GateInputs) -> Verdict | None:
    """What fails the ring. Silent devices never do."""
    return _too_many_failed(policy, inputs.tally) or _alarm(policy, inputs)


def _too_many_failed(policy: GatePolicy, tally: Tally) -> Verdict | None:
    if breached(policy, tally):
        return Verdict(
            GateOutcome.FAIL,
            "error_ceiling",
            f"{tally.failed} of {tally.eligible} devices failed, above the ceiling of {policy.error_ceiling:.1%}",
        )
    tested = max(tally.dispatched, tally.reported)
    if rejects(tally.failed, tested, policy.target, policy.error_ceiling):
        return Verdict(
            GateOutcome.FAIL,
            "sequential_test",
            f"{tally.failed} of {tested} dispatched devices failed: the sequential test finds a failure rate at the "
            f"ceiling of {policy.error_ceiling:.1%}, not a success rate at the target of {policy.target:.1%}",
        )
    return None


def _alarm(policy: GatePolicy, inputs: GateInputs) -> Verdict | None:
    """What fails the ring although its devices do not: an incident, or an analysis."""
    worst = min(inputs.incidents, default=None)
    if worst is not None and worst < policy.incident_limit:
        return Verdict(
            GateOutcome.FAIL,
            "incident",
            f"an incident of severity {worst} is open; the worst severity allowed is {policy.incident_limit}",
        )
    for each, results in _analysed(policy, inputs):
        if analysis.breached(each, results):
            return Verdict(
                GateOutcome.FAIL,
                "guardrail",
                f"analysis {each.name} failed {results.failures} times; the latest: {results.detail}",
            )
    return None


def _unreadable(policy: GatePolicy, inputs: GateInputs) -> Verdict | None:
    """An input that could not be read, which neither passes nor fails the ring."""
    for each, results in _analysed(policy, inputs):
        if each.required and analysis.unreadable(each, results):
            return Verdict(GateOutcome.ERROR, "analysis", f"analysis {each.name} cannot be measured: {results.detail}")
    return None


def _missing_quality(policy: GatePolicy, inputs: GateInputs, now: datetime) -> Verdict | None:
    """What the reports must still show: the target, a full soak, enough devices compliant in time."""
    tally = inputs.tally
    rate = tally.success_rate
    if not policy.strict and not tally.succeeded:
        return Verdict(GateOutcome.WAIT, "target", "no device has succeeded yet")
    if rate is None or _misses(policy, tally.failed, tally.reported, policy.target):
        return Verdict(GateOutcome.WAIT, "target", _below_target(policy, tally))
    over_at = soak_over(policy, inputs.soaking_since)
    if not inputs.soak_waived and (over_at is None or now < over_at):
        return Verdict(GateOutcome.WAIT, "soak", _soaking(policy, over_at, now))
    late = tally.eligible - tally.compliant
    if policy.compliant_within and _misses(policy, late, tally.eligible, _compliance(policy)):
        return Verdict(
            GateOutcome.WAIT,
            "compliance",
            f"{tally.compliant} of {tally.eligible} devices became compliant in time, "
            f"{_least(policy, tally.eligible, _compliance(policy))} needed",
        )
    return None


def _least(policy: GatePolicy, devices: int, share: float) -> int:
    """The fewest devices with which the share is met."""
    return ceil(round(share * devices, 6)) if policy.strict else devices - forgiven(devices, 1 - share)


def _below_target(policy: GatePolicy, tally: Tally) -> str:
    if policy.strict:
        return f"success rate {tally.success_rate or 0:.2%}, {policy.target:.2%} needed"
    return (
        f"{tally.failed} of {tally.reported} reports are failures, more than chance explains at a target of "
        f"{policy.target:.1%}, which forgives {forgiven(tally.reported, 1 - policy.target)} of so many"
    )


def _soaking(policy: GatePolicy, over_at: datetime | None, now: datetime) -> str:
    if over_at is None:
        return f"the soak of {spell(policy.soak_seconds)} has not begun"
    return f"soaking until {over_at:%Y-%m-%d %H:%M}Z, {spell((over_at - now).total_seconds())} left"


def _missing_proof(policy: GatePolicy, inputs: GateInputs) -> Verdict | None:
    """What must be shown besides the reports: a rehearsed rollback, analyses, and that no device is left out."""
    if policy.validates_rollback and not inputs.rollback_validated:
        return Verdict(
            GateOutcome.WAIT, "rollback_validation", "no device has been rolled back and installed again yet"
        )
    for each, results in _analysed(policy, inputs):
        if each.required and not analysis.passed(each, results):
            return Verdict(GateOutcome.WAIT, "analysis", f"analysis {each.name} has not passed yet: {results.detail}")
    if inputs.on_the_way:
        # Every device of the ring is dispatched to before it passes, also if its command waits for a retry.
        return Verdict(
            GateOutcome.WAIT,
            "sending",
            f"{inputs.on_the_way} devices wait for dispatch or for their connector's confirmation",
        )
    return None


def _passed(policy: GatePolicy, tally: Tally) -> Verdict:
    return Verdict(
        GateOutcome.PASS,
        "passed",
        f"{tally.succeeded} of {tally.reported} reports succeeded ({tally.success_rate:.2%}), "
        f"coverage {tally.coverage:.1%}" + _how_little(tally, policy.target),
    )


def _analysed(policy: GatePolicy, inputs: GateInputs) -> list[tuple[Analysis, AnalysisResults]]:
    """Each analysis with its results so far."""
    by_name = {results.name: results for results in inputs.analysis_results}
    return [(each, by_name.get(each.name) or AnalysisResults.none(each.name)) for each in policy.analyses]


def _how_little(tally: Tally, target: float) -> str:
    """A note on what the reports do not prove: a small ring may pass without proving its target."""
    least = proven(tally.failed, tally.reported)
    return "" if least >= target else f"; this proves a success rate of {least:.1%}, not yet the target of {target:.1%}"


def soak_over(policy: GatePolicy, soaking_since: datetime | None) -> datetime | None:
    """When the soak ends; None before it has begun."""
    return None if soaking_since is None else soaking_since + timedelta(seconds=policy.soak_seconds)
