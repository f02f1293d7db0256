"""What becomes of the simulated devices: pure functions of the profile, what they were told, and themselves."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from app.connectors.protocol import DeviceResult
from app.connectors.simulated.profile import SimulatedProfile

PUBLISH, WITHDRAW = "publish", "withdraw"
STRAY = "0.0-drift"
"""The version of a device that has gone its own way."""
_INSTALLING_AT = 0.4
"""The share of a device's time after which it says that it is installing."""
_FULL_SCALE = 2.0**64


@dataclass(frozen=True)
class Instruction:
    """A publication or withdrawal as the vendor remembers it, without its devices. Ids grow with time."""

    id: int
    verb: str
    ring: str
    version: str
    artifact_hash: str
    given_at: datetime


class Fate(NamedTuple):
    """How one instruction ends on one device, and when."""

    outcome: str
    reason: str
    start: datetime
    end: datetime


class Delivery(NamedTuple):
    """A result, and when the vendor tells it."""

    at: datetime
    result: DeviceResult


def draw(*what: object) -> float:
    """A number from 0 up to 1 that depends on nothing but the arguments."""
    digest = hashlib.sha256(":".join(map(str, what)).encode()).digest()
    return float(struct.unpack(">Q", digest[:8])[0] / _FULL_SCALE)


def fate(profile: SimulatedProfile, told: Instruction, device: str) -> Fate | None:
    """What becomes of a device that was told something; None if it is never heard of."""
    what = told.artifact_hash if told.verb == PUBLISH else f"{told.verb}:{told.artifact_hash}"
    digest = hashlib.sha256(f"{profile.seed}:{what}:{device}".encode()).digest()
    silent, already, failure, speed = (number / _FULL_SCALE for number in struct.unpack(">4Q", digest))
    if silent < profile.silent:
        return None
    failed = failure < profile.failure_in_ring.get(told.ring, profile.failure)
    if told.verb == WITHDRAW:
        outcome, reason = ("failed", "uninstall_error") if failed else ("succeeded", "withdrawn")
    elif already < profile.already_compliant:
        outcome, reason = "already_compliant", "detected"
    else:
        outcome, reason = ("failed", "install_error") if failed else ("succeeded", "installed")
    seconds = profile.fastest_seconds + speed * (profile.slowest_seconds - profile.fastest_seconds)
    if profile.failures_first and outcome == "failed":
        seconds /= 2
    start, end = (told.given_at + timedelta(seconds=share * seconds) for share in (_INSTALLING_AT, 1.0))
    return Fate(outcome, reason, start, end)


def history(profile: SimulatedProfile, told: Instruction, devices: Sequence[str]) -> list[Delivery]:
    """Everything that the vendor will ever tell of an instruction, in the order in which it tells it."""
    deliveries = [delivery for device in devices for delivery in _story(profile, told, device)]
    # The sort keeps the order of a device's results that are told at one moment.
    return sorted(deliveries, key=lambda it: (it.at, it.result.external_id))


def _story(profile: SimulatedProfile, told: Instruction, device: str) -> Iterator[Delivery]:
    found = fate(profile, told, device)
    if found is None:
        return
    # The results of an instruction are newer than those of any before it, for every device.
    sequence = told.id * 10
    end = DeviceResult(device, sequence + 2, found.outcome, found.reason, found.end)
    story = [Delivery(found.end, end)]
    if told.verb == PUBLISH and found.outcome != "already_compliant":
        start = DeviceResult(device, sequence + 1, "installing", "downloaded", found.start)
        if profile.out_of_order and draw(profile.seed, "order", told.artifact_hash, device) < profile.out_of_order:
            story.append(Delivery(found.end, start))
        else:
            story.insert(0, Delivery(found.start, start))
    for number, (at, result) in enumerate(story):
        yield Delivery(at, result)
        if profile.duplicates and draw(profile.seed, "twice", told.artifact_hash, device, number) < profile.duplicates:
            # After as long again as the device took, and so mostly on another page.
            yield Delivery(at + (found.end - told.given_at), result)


def version_now(
    profile: SimulatedProfile, told: Sequence[Instruction], device: str, now: datetime, newest: str | None
) -> str | None:
    """The version that a device has, None for none. `told` is in order; `newest` is the application's last version.

    Of the instructions that have succeeded the newest wins; a withdrawal takes off only the release it names.
    """
    version, successes = None, 0
    for instruction in told:
        found = fate(profile, instruction, device)
        if found is None or found.outcome == "failed" or found.end > now:
            continue
        successes += 1
        if instruction.verb == PUBLISH:
            version = instruction.version
        elif instruction.version == version:
            version = None
    return _drifted(profile, version, successes, device, newest if not told else None)


def _drifted(
    profile: SimulatedProfile, version: str | None, successes: int, device: str, extra: str | None
) -> str | None:
    """What the inventory says instead. A device that is told again draws anew, so that telling it can help."""
    if version is None:
        strays = extra is not None and draw(profile.seed, "extra", device) < profile.drift_extra
        return extra if strays else None
    if profile.drift_missing and draw(profile.seed, "missing", device, successes) < profile.drift_missing:
        return None
    if profile.drift_version and draw(profile.seed, "version", device, successes) < profile.drift_version:
        return STRAY
    return version
