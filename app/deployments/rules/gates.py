"""The gate between two rings: a pure verdict with its reason. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.deployments.rules.sequential import proves_at_least, rejects

POLICY_VERSION = 2
"""Of these rules; stored with each evaluation, so that it can be replayed by the rules that made it."""
DAY = 24 * 3_600


class OnFail(StrEnum):
    """What a ring does when its gate fails: wait for a person, or end the deployment."""

    PAUSE = "pause"
    ABORT = "abort"


class Outcome(StrEnum):
    """The four verdicts."""

    PASS = "pass"
    FAIL = "fail"
    WAIT = "wait"
    ERROR = "error"


@dataclass(frozen=True)
class GatePolicy:
    """What a ring must show before the next one starts; rates are 0 to 1."""

    target: float
    min_reported: int
    min_coverage: float
    soak_seconds: int
    error_ceiling: float
    on_fail: OnFail = OnFail.PAUSE
    max_wait_seconds: int | None = None
    """How long a ring may wait before a person is asked; unset: three times the soak, at least a day."""

    @property
    def patience(self) -> timedelta:
        """How long the ring may wait."""
        given = self.max_wait_seconds
        return timedelta(seconds=max(3 * self.soak_seconds, DAY) if given is None else given)


@dataclass(frozen=True)
class Tally:
    """A ring's counters: E = S + F + U + P."""

    eligible: int
    succeeded: int
    failed: int
    silent: int
    pending: int
    dispatched: int = 0
    """Devices a connector was told about, less those that left the denominators."""

    @property
    def reported(self) -> int:
        """S + F."""
        return self.succeeded + self.failed

    @property
    def success_rate(self) -> float | None:
        """S / (S + F); None while no device has reported."""
        return self.succeeded / self.reported if self.reported else None

    @property
    def coverage(self) -> float:
        """(S + F) / E; 0 for an empty ring, which is no success."""
        return self.reported / self.eligible if self.eligible else 0.0


@dataclass(frozen=True)
class Verdict:
    """What the gate says, a code for machines and a sentence for people."""

    outcome: Outcome
    code: str
    reason: str


def breached(policy: GatePolicy, tally: Tally) -> bool:
    """Whether more devices failed than the ceiling allows; one failure alone never is a breach."""
    return tally.failed > max(policy.error_ceiling * tally.eligible, 1)


def missing_report(policy: GatePolicy, tally: Tally) -> Verdict | None:
    """What is still missing before the ring is covered: reports in number, then in share."""
    # Devices that were given up as silent cannot be asked for: they lower the coverage, which is judged next.
    needed = min(policy.min_reported, tally.eligible - tally.silent)
    if tally.reported < needed or not tally.eligible:
        return Verdict(Outcome.WAIT, "min_reported", f"{tally.reported} of {needed} devices reported")
    if tally.coverage < policy.min_coverage:
        return Verdict(
            Outcome.WAIT,
            "coverage",
            f"{tally.coverage:.1%} of the devices reported, {policy.min_coverage:.1%} needed",
        )
    return None


def judge(policy: GatePolicy, tally: Tally, soaking_since: datetime | None, now: datetime) -> Verdict:
    """The verdict on a ring: evidence of failure first, then what is still missing, then pass."""
    if breached(policy, tally):
        return Verdict(
            Outcome.FAIL,
            "error_ceiling",
            f"{tally.failed} of {tally.eligible} devices failed, more than the ceiling of {policy.error_ceiling:.1%}",
        )
    tested = max(tally.dispatched, tally.reported)
    if rejects(tally.failed, tested, policy.target, policy.error_ceiling):
        return Verdict(
            Outcome.FAIL,
            "sequential_test",
            f"{tally.failed} failures among {tested} dispatched devices: the release fails like one at the ceiling of "
            f"{policy.error_ceiling:.1%}, not like one that reaches {policy.target:.1%}",
        )
    missing = missing_report(policy, tally)
    if missing:
        return missing
    rate = tally.success_rate
    if rate is None or rate < policy.target:
        return Verdict(Outcome.WAIT, "target", f"success rate {rate or 0:.2%}, {policy.target:.2%} needed")
    over_at = soak_over(policy, soaking_since)
    if over_at is None or now < over_at:
        return Verdict(Outcome.WAIT, "soak", f"soaking for {policy.soak_seconds} s")
    return Verdict(
        Outcome.PASS,
        "passed",
        f"{tally.succeeded} of {tally.reported} reports succeeded ({rate:.2%}), coverage {tally.coverage:.1%}"
        + _how_little(tally, policy.target),
    )


def _how_little(tally: Tally, target: float) -> str:
    """What a small ring proves, so that nobody takes it for more."""
    proven = proves_at_least(tally.reported)
    return "" if tally.failed or proven >= target else f"; so few devices prove no more than {proven:.1%}"


def soak_over(policy: GatePolicy, soaking_since: datetime | None) -> datetime | None:
    """When the soak ends; None while it has not begun."""
    return None if soaking_since is None else soaking_since + timedelta(seconds=policy.soak_seconds)
