"""What becomes of the simulated devices: pure functions of the profile, the instructions and the device."""

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
"""The version that a device has after it drifted to another one."""
_INSTALLING_AT = 0.4
"""The share of a device's time after which it reports `installing`."""
_FULL_SCALE = 2.0**64


@dataclass(frozen=True)
class Instruction:
    """A publication or withdrawal as the vendor stores it, without its devices. Ids grow with time."""

    id: int
    verb: str
    ring: str
    version: str
    artifact_hash: str
    given_at: datetime


class Fate(NamedTuple):
    """How one instruction ends on one device, and when it starts and ends there."""

    outcome: str
    reason: str
    start: datetime
    end: datetime


class Delivery(NamedTuple):
    """A result, and when the vendor delivers it."""

    at: datetime
    result: DeviceResult


def draw(*what: object) -> float:
    """A number from 0 up to 1 that depends on nothing but the arguments."""
    digest = hashlib.sha256(":".join(map(str, what)).encode()).digest()
    return float(struct.unpack(">Q", digest[:8])[0] / _FULL_SCALE)


def fate(profile: SimulatedProfile, instruction: Instruction, device: str) -> Fate | None:
    """What becomes of an instruction on a device; None if the device stays silent."""
    artifact = instruction.artifact_hash
    cause = artifact if instruction.verb == PUBLISH else f"{instruction.verb}:{artifact}"
    digest = hashlib.sha256(f"{profile.seed}:{cause}:{device}".encode()).digest()
    silent, already, failure, speed = (number / _FULL_SCALE for number in struct.unpack(">4Q", digest))
    if silent < profile.silent:
        return None
    failed = failure < profile.failure_in_ring.get(instruction.ring, profile.failure)
    if instruction.verb == WITHDRAW:
        outcome, reason = ("failed", "uninstall_error") if failed else ("succeeded", "withdrawn")
    elif already < profile.already_compliant:
        outcome, reason = "already_compliant", "detected"
    else:
        outcome, reason = ("failed", "install_error") if failed else ("succeeded", "installed")
    seconds = profile.fastest_seconds + speed * (profile.slowest_seconds - profile.fastest_seconds)
    if profile.failures_first and outcome == "failed":
        seconds /= 2
    start, end = (instruction.given_at + timedelta(seconds=share * seconds) for share in (_INSTALLING_AT, 1.0))
    return Fate(outcome, reason, start, end)


def history(profile: SimulatedProfile, instruction: Instruction, devices: Sequence[str]) -> list[Delivery]:
    """All results that the vendor will ever deliver for an instruction, in the order of delivery."""
    deliveries = [delivery for device in devices for delivery in _deliveries(profile, instruction, device)]
    # The sort keeps the order of a device's results that are delivered at the same moment.
    return sorted(deliveries, key=lambda delivery: (delivery.at, delivery.result.external_id))


def _deliveries(profile: SimulatedProfile, instruction: Instruction, device: str) -> Iterator[Delivery]:
    """The results of one device: `installing` and the end, perhaps in the wrong order, perhaps twice."""
    fated = fate(profile, instruction, device)
    if fated is None:
        return
    artifact = instruction.artifact_hash
    # On every device, the results of an instruction are newer than those of all earlier instructions.
    sequence = instruction.id * 10
    end = DeviceResult(device, sequence + 2, fated.outcome, fated.reason, fated.end)
    deliveries = [Delivery(fated.end, end)]
    if instruction.verb == PUBLISH and fated.outcome != "already_compliant":
        start = DeviceResult(device, sequence + 1, "installing", "downloaded", fated.start)
        if profile.out_of_order and draw(profile.seed, "order", artifact, device) < profile.out_of_order:
            deliveries.append(Delivery(fated.end, start))
        else:
            deliveries.insert(0, Delivery(fated.start, start))
    for number, (at, result) in enumerate(deliveries):
        yield Delivery(at, result)
        if profile.duplicates and draw(profile.seed, "twice", artifact, device, number) < profile.duplicates:
            # As long after as the device took, so that the second one is mostly on another page.
            yield Delivery(at + (fated.end - instruction.given_at), result)


def version_now(
    profile: SimulatedProfile, instructions: Sequence[Instruction], device: str, now: datetime, newest: str | None
) -> str | None:
    """The version that a device has at a time; None if it does not have the application.

    `instructions` are those for this device, the oldest first; `newest` is the newest version published to any device.
    The newest instruction that succeeded wins; a withdrawal only removes the release that it names.
    """
    version, successes = None, 0
    for instruction in instructions:
        fated = fate(profile, instruction, device)
        if fated is None or fated.outcome == "failed" or fated.end > now:
            continue
        successes += 1
        if instruction.verb == PUBLISH:
            version = instruction.version
        elif instruction.version == version:
            version = None
    return _drifted(profile, version, successes, device, newest if not instructions else None)


def _drifted(
    profile: SimulatedProfile, version: str | None, successes: int, device: str, extra: str | None
) -> str | None:
    """The version in the inventory after drift. Each further success draws again, so remediation can help."""
    if version is None:
        strays = extra is not None and draw(profile.seed, "extra", device) < profile.drift_extra
        return extra if strays else None
    if profile.drift_missing and draw(profile.seed, "missing", device, successes) < profile.drift_missing:
        return None
    if profile.drift_version and draw(profile.seed, "version", device, successes) < profile.drift_version:
        return STRAY
    return version
