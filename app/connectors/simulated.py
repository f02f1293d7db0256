"""The simulated connector: a vendor with ten thousand devices in your laptop.

It remembers what was published in a table of its own. What becomes of a device follows from the profile's seed, the
release and the device alone, so two runs with the same input end alike.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.connectors.models import SimulatedPublication
from app.connectors.protocol import ConnectorError, DeviceResult, ErrorClass, Publication, ResultPage, Withdrawal
from app.db import db
from app.settings import SimulatedProfile

INSTALLING_AT = 0.4
"""The share of a device's time after which it says that it is installing."""
_FULL_SCALE = 2.0**64


class SimulatedConnector:
    """Implements `Connector`. Each call is a transaction of its own, as a call to another system would be."""

    def __init__(self, profile: SimulatedProfile, faults: bool = False) -> None:
        self._profile = profile
        self._faults = faults

    def publish(self, publication: Publication) -> str:
        """Store the instruction; one under a known key is left as it was. A time-out strikes after it was stored."""
        return self._instruct("publish", publication)

    def withdraw(self, withdrawal: Withdrawal) -> str:
        """As `publish`, the other way."""
        return self._instruct("withdraw", withdrawal)

    def _instruct(self, verb: str, told: Publication | Withdrawal) -> str:
        timed_out = self._strike(verb, told.key)
        with db.engine.begin() as connection:
            connection.execute(
                insert(SimulatedPublication)
                .values(
                    key=told.key,
                    verb=verb,
                    ring=told.ring,
                    application=told.release.application,
                    version=told.release.version,
                    platform=told.release.platform,
                    artifact_hash=told.release.artifact_hash,
                    published_at=clock.now(),
                    devices=list(told.devices),
                )
                .on_conflict_do_nothing()
            )
        ref = self._ref(told.key)
        if ref is None:
            raise ConnectorError(ErrorClass.UNKNOWN, f"{verb} {told.key} was not kept")
        if timed_out:
            raise ConnectorError(ErrorClass.UNKNOWN, "no answer within the time allowed")
        return ref

    def find(self, key: str) -> str | None:
        """The reference of what was published under `key`."""
        if self._strike("find", key):
            raise ConnectorError(ErrorClass.TRANSIENT, "no answer within the time allowed")
        return self._ref(key)

    def _ref(self, key: str) -> str | None:
        with db.engine.connect() as connection:
            row = connection.execute(select(SimulatedPublication.id).where(SimulatedPublication.key == key)).first()
        return str(row.id) if row else None

    def results(self, ref: str, cursor: int, limit: int) -> ResultPage:
        """What has happened since; the cursor counts results in the order in which they happen."""
        if self._strike("results", ref):
            raise ConnectorError(ErrorClass.TRANSIENT, "no answer within the time allowed")
        with db.engine.connect() as connection:
            row = connection.execute(
                select(
                    SimulatedPublication.id,
                    SimulatedPublication.verb,
                    SimulatedPublication.ring,
                    SimulatedPublication.artifact_hash,
                    SimulatedPublication.published_at,
                    SimulatedPublication.devices,
                ).where(SimulatedPublication.id == _number(ref))
            ).first()
        if row is None:
            raise ConnectorError(ErrorClass.PERMANENT, f"nothing was published as {ref}")
        history = sorted(
            (result for device in row.devices for result in self._fate(device, row)),
            key=lambda result: (result.occurred_at, result.external_id),
        )
        now = clock.now()
        page = [result for result in history[cursor : cursor + limit] if result.occurred_at <= now]
        reached = cursor + len(page)
        return ResultPage(page, reached, exhausted=reached == len(history))

    def health(self) -> bool:
        """Well, unless a fault strikes."""
        try:
            return not self._strike("health", "")
        except ConnectorError:
            return False

    def _strike(self, operation: str, what: str) -> bool:
        """Raise the fault that this call meets, if it meets one; True is a time-out, which the caller raises."""
        if not self._faults:
            return False
        profile, moment = self._profile, int(clock.now().timestamp())
        digest = hashlib.sha256(f"{profile.seed}:{operation}:{what}:{moment}".encode()).digest()
        luck = struct.unpack(">Q", digest[:8])[0] / _FULL_SCALE
        if luck < profile.throttled:
            raise ConnectorError(ErrorClass.TRANSIENT, "429: too many requests", retry_after=1.0)
        if luck < profile.throttled + profile.outages:
            raise ConnectorError(ErrorClass.TRANSIENT, "503: out of service")
        return bool(luck < profile.throttled + profile.outages + profile.timeouts)

    def _fate(self, device: str, told: Any) -> Iterator[DeviceResult]:
        """What the device says of an instruction, and when."""
        profile, since = self._profile, told.published_at
        is_withdrawal = told.verb == "withdraw"
        what = f"{told.artifact_hash}:withdraw" if is_withdrawal else told.artifact_hash
        digest = hashlib.sha256(f"{profile.seed}:{what}:{device}".encode()).digest()
        silent, already, failure, speed = (number / _FULL_SCALE for number in struct.unpack(">4Q", digest))
        if silent < profile.silent:
            return
        seconds = profile.fastest_seconds + speed * (profile.slowest_seconds - profile.fastest_seconds)
        end = since + timedelta(seconds=seconds)
        # A publication's results are newer than those of any before it, for every device.
        sequence = told.id * 10
        if already < profile.already_compliant and not is_withdrawal:
            yield DeviceResult(device, sequence + 1, "already_compliant", "detected", end)
            return
        start = since + timedelta(seconds=seconds * INSTALLING_AT)
        yield DeviceResult(device, sequence + 1, "installing", "downloaded", start)
        failed = failure < profile.failure_in_ring.get(told.ring, profile.failure)
        done = "withdrawn" if is_withdrawal else "installed"
        outcome, reason = ("failed", "install_error") if failed else ("succeeded", done)
        yield DeviceResult(device, sequence + 2, outcome, reason, end)


def _number(ref: str) -> int:
    """The publication's id; 0, which is none, for a reference that this vendor never gave."""
    return int(ref) if re.fullmatch(r"[0-9]{1,18}", ref) else 0
