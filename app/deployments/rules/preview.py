"""What a ring plan does with a number of devices: what its gates forgive and stop, and how long it takes.

Pure: every answer is asked of the rules that judge real rings, for a ring in which every device has reported. The cost
does not grow with the ring. Standard library only.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from app.deployments.rules.binomial import at_least, proven
from app.deployments.rules.gates import GateInputs, GatePolicy, breached, failure, missing_report
from app.deployments.rules.rings import Plan, RingPlan, upper_bounds
from app.deployments.rules.tally import Tally
from app.devices.places import BUCKETS
from app.vocabulary import SiteClass

TIMES = (1, 2, 5)
"""The failure rates that a preview reckons with, as multiples of the rate that the plan's highest target allows."""
ASSUMED_SITE_CLASS = SiteClass.ONLINE
"""The site class of devices of which only the number is given."""
_DIGITS = 9
"""Decimals of a rate, because 1 - 0.99 is a little more than 0.01."""
_MINUTE = 60


@dataclass(frozen=True)
class Chance:
    """How probably a release that fails on a share of the devices is stopped, if every device reports."""

    times: int
    """The failure rate as a multiple of what the plan's highest target allows."""
    failure_rate: float
    in_ring: float
    """The probability that the ring fails, if the release reaches it."""
    by_ring: float
    """The probability that this ring or one before it fails."""


@dataclass(frozen=True)
class RingPreview:
    """What a ring does with its devices."""

    name: str
    devices: int
    forgiven: int | None
    """The most failures with which the ring still passes; None without devices: it is skipped."""
    ceiling: int | None
    """The most failures that its error ceiling alone allows; None without devices."""
    chances: tuple[Chance, ...]
    earliest_seconds: float
    """How long it takes if every device answers at once: its rate and its soak."""
    typical_seconds: float
    """How long it takes if every device answers after half of the time that its site class has."""


@dataclass(frozen=True)
class Note:
    """Something that a person should know before the rollout: a code, the ring it is about, and a sentence."""

    code: str
    ring: str | None
    note: str


def sizes(plan: Plan, devices: int, tagged: Mapping[str, int]) -> list[int]:
    """How many of so many devices each ring has, if no device has two of the tags and buckets are spread evenly."""
    untagged = devices - sum(tagged.values())
    found, reached = [], 0
    for ring, bound in zip(plan.rings, upper_bounds(plan), strict=True):
        if bound is None:
            found.append(tagged.get(ring.tag or "", 0))
        else:
            upper = round(untagged * bound / BUCKETS)
            found.append(upper - reached)
            reached = upper
    return found


def allowed_rate(plan: Plan) -> float:
    """The failure rate that the plan's highest target allows."""
    return round(1 - max(ring.gate.target for ring in plan.rings), _DIGITS)


def rings(plan: Plan, sites: Sequence[Mapping[str, int]]) -> list[RingPreview]:
    """The preview of each ring, from its devices by site class."""
    rates = {times: min(times * allowed_rate(plan), 1.0) for times in TIMES}
    passes = dict.fromkeys(TIMES, 1.0)
    previews = []
    for ring, of_class in zip(plan.rings, sites, strict=True):
        devices = sum(of_class.values())
        most = forgiven(ring.gate, devices) if devices else None
        chances = []
        for times, rate in rates.items():
            stopped = 0.0 if most is None else at_least(most + 1, devices, rate)
            passes[times] *= 1 - stopped
            chances.append(Chance(times, round(rate, _DIGITS), stopped, 1 - passes[times]))
        previews.append(
            RingPreview(
                name=ring.name,
                devices=devices,
                forgiven=most,
                ceiling=_most(devices, partial(breached, ring.gate)) if devices else None,
                chances=tuple(chances),
                earliest_seconds=_lasts(ring, [(0.0, devices)]),
                typical_seconds=_lasts(ring, _answers(plan, ring.gate, of_class)),
            )
        )
    return previews


def forgiven(policy: GatePolicy, devices: int) -> int:
    """The most failures among the ring's devices with which it still passes, if all of them report."""
    return _most(devices, lambda tally: failure(policy, GateInputs(tally)) is not None)


def _most(devices: int, is_stopped: Callable[[Tally], bool]) -> int:
    """The most failures that do not stop the ring. More failures never let a ring go on that fewer stop."""

    def stops(failed: int) -> bool:
        succeeded = devices - failed
        return is_stopped(Tally(devices, succeeded, failed, 0, 0, dispatched=devices, compliant=succeeded))

    return bisect_left(range(1, devices + 1), True, key=stops)


def _answers(plan: Plan, policy: GatePolicy, of_class: Mapping[str, int]) -> list[tuple[float, int]]:
    """For each site class, after how many seconds a typical device answers, and how many devices it has."""
    limits = (policy.compliant_within, plan.silent_after)
    times = {each: [limit[each] for limit in limits if each in limit] for each in of_class}
    return [(min(times[each], default=0) / 2, devices) for each, devices in of_class.items()]


def _lasts(ring: RingPlan, answers: Sequence[tuple[float, int]]) -> float:
    """Seconds from the start of a ring to its pass, from how many devices answer after how many seconds."""
    devices = sum(count for _, count in answers)
    if not devices:
        return 0.0
    needed = _reports_needed(ring.gate, devices)
    answer = _slowest(answers, needed)
    covered = _dispatched_after(ring, needed, answer) + answer
    return max(covered + ring.gate.soak_seconds, _dispatched_after(ring, devices, answer))


def _reports_needed(policy: GatePolicy, devices: int) -> int:
    """How many devices must have reported until the soak begins."""

    def is_covered(reported: int) -> bool:
        return missing_report(policy, Tally(devices, reported, 0, 0, devices - reported)) is None

    return bisect_left(range(1, devices + 1), True, key=is_covered) + 1


def _slowest(answers: Sequence[tuple[float, int]], needed: int) -> float:
    """The longest answer among the `needed` fastest ones."""
    heard = 0
    for seconds, devices in sorted(answers):
        heard += devices
        if heard >= needed:
            return seconds
    raise AssertionError("more answers are needed than there are devices")


def _dispatched_after(ring: RingPlan, devices: int, answer: float) -> float:
    """Seconds until so many devices are dispatched to: so many each minute, and so many at a time."""
    by_rate = 0 if ring.devices_per_minute is None else (devices - 1) // ring.devices_per_minute * _MINUTE
    by_concurrency = 0.0 if ring.concurrency is None else (devices - 1) // ring.concurrency * answer
    return max(float(by_rate), by_concurrency)


def notes(plan: Plan, previews: Sequence[RingPreview]) -> list[Note]:
    """What a person should know before the rollout."""
    found = [
        note
        for ring, preview in zip(plan.rings, previews, strict=True)
        for note in (_of_ring(ring.gate, preview) if preview.devices else [_of_empty(preview)])
    ]
    with_devices = [preview for preview in previews if preview.devices]
    if len(with_devices) == 1 < len(previews):
        only = with_devices[0]
        sentence = f"ring {only.name} has all devices, so the release is not tried on fewer devices first"
        found.append(Note("single_ring", only.name, sentence))
    if plan.windows:
        found.append(Note("windows", None, "the plan dispatches only in its windows; the times do not count the waits"))
    return found


def _of_empty(preview: RingPreview) -> Note:
    return Note("no_devices", preview.name, f"ring {preview.name} has no devices: it is skipped and stops nothing")


def _of_ring(policy: GatePolicy, preview: RingPreview) -> Iterator[Note]:
    name, devices = preview.name, preview.devices
    if policy.min_reported > devices:
        yield Note(
            "min_reported_above_size",
            name,
            f"ring {name} has {_spelt(devices)}, fewer than the {policy.min_reported} of `min_reported`: it waits for "
            "a report from each device that is not given up as silent",
        )
    least = proven(0, devices)
    if least < policy.target:
        yield Note(
            "proves_little",
            name,
            f"ring {name} has {_spelt(devices)}: even without a failure, that proves a success rate of only "
            f"{least:.1%}, not the target of {policy.target:.1%}",
        )


def _spelt(devices: int) -> str:
    return "1 device" if devices == 1 else f"{devices} devices"
