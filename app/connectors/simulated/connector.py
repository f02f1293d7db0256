"""The simulated connector: a vendor with any number of devices on your machine.

It stores its instructions in a table of its own. What becomes of a device depends only on the profile's seed, the
release and the device (`fates.py`), so two runs with the same input have the same results.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.connectors.protocol import (
    ConnectorError,
    ErrorClass,
    InventoryItem,
    InventoryPage,
    Pace,
    Publication,
    ResultPage,
    Withdrawal,
)
from app.connectors.simulated import fates
from app.connectors.simulated.fates import PUBLISH, WITHDRAW, Instruction
from app.connectors.simulated.models import SimulatedPublication
from app.connectors.simulated.profile import SimulatedProfile
from app.db import db
from app.settings import load_settings

Roster = Callable[[str, str, str, int], Sequence[str]]
"""`(connector, platform, after, limit)`: the external ids of a connector's devices after one of them, in order."""

_rosters: list[Roster] = []


def install_roster(roster: Roster) -> None:
    """Have the simulated vendors read their devices from `roster`. Installed once, by the factory."""
    _rosters[:] = [roster]


# The devices of a page of the inventory, with the instructions for each: those that this vendor was given instructions
# for, and the others of its roster. The first statement finds where the page ends and keeps no more than a page; the
# second reads up to there. So a page needs the same memory in a fleet of any size.
_INSTRUCTED = """
    SELECT instructed.device, publication.id
      FROM simulated_publications AS publication, unnest(publication.devices) AS instructed(device)
     WHERE publication.connector = :connector AND publication.application = :application
       AND publication.platform = :platform AND instructed.device > :after
"""
_LISTED = "SELECT device, CAST(NULL AS bigint) AS id FROM unnest(CAST(:roster AS text[])) AS listed(device)"
_END = text(f"""
    SELECT max(device), count(*)
      FROM (SELECT device FROM (({_INSTRUCTED} ORDER BY 1 LIMIT :limit) UNION ALL {_LISTED}) AS known
             ORDER BY device LIMIT :limit) AS page
""")
_PAGE = text(f"""
    SELECT device, array_remove(array_agg(id ORDER BY id), NULL) AS instructions
      FROM ({_INSTRUCTED} UNION ALL {_LISTED}) AS known
     WHERE device <= :last
     GROUP BY device
     ORDER BY device
""")
_INSTRUCTIONS = select(
    SimulatedPublication.id,
    SimulatedPublication.verb,
    SimulatedPublication.ring,
    SimulatedPublication.version,
    SimulatedPublication.artifact_hash,
    SimulatedPublication.published_at,
).order_by(SimulatedPublication.id)


class SimulatedConnector:
    """Implements `Connector`. Each call is a transaction of its own, as a call to another system would be.

    Without `faults`, the profile's faults are ignored.
    """

    def __init__(self, profile: SimulatedProfile, faults: bool = False, name: str = "simulated") -> None:
        self._name = name
        self._profile = profile if faults else profile.faultless()

    @classmethod
    def configured(cls, name: str, profile: SimulatedProfile) -> SimulatedConnector:
        """The connector of that name; with faults if EUCORA_SIMULATION allows them."""
        return cls(profile, load_settings().simulation, name)

    @property
    def pace(self) -> Pace:
        """Polled as often as the profile says."""
        return Pace(results_every=self._profile.results_every_seconds)

    def publish(self, publication: Publication) -> str:
        """Store the instruction, unless its key is known. A simulated time-out comes after it was stored."""
        return self._instruct(PUBLISH, publication)

    def withdraw(self, withdrawal: Withdrawal) -> str:
        """Like `publish`, for an uninstallation."""
        return self._instruct(WITHDRAW, withdrawal)

    def _instruct(self, verb: str, instruction: Publication | Withdrawal) -> str:
        key, release = instruction.key, instruction.release
        timed_out = self._strike(verb, key)
        with db.engine.begin() as connection:
            connection.execute(
                insert(SimulatedPublication)
                .values(
                    connector=self._name,
                    key=key,
                    verb=verb,
                    ring=instruction.ring,
                    application=release.application,
                    version=release.version,
                    platform=release.platform,
                    artifact_hash=release.artifact_hash,
                    published_at=clock.now(),
                    devices=list(instruction.devices),
                )
                .on_conflict_do_nothing()
            )
        ref = self._ref(key)
        if ref is None:
            raise ConnectorError(ErrorClass.UNKNOWN, f"{verb} {key} was not stored")
        if timed_out:
            raise ConnectorError(ErrorClass.UNKNOWN, "the request timed out")
        return ref

    def cancel(self, ref: str) -> None:
        """Nothing: the fates of the devices are decided when an instruction is given."""
        self._ask("cancel", ref)

    def find(self, key: str) -> str | None:
        """The reference of the publication or withdrawal under `key`."""
        self._ask("find", key)
        return self._ref(key)

    def _ref(self, key: str) -> str | None:
        with db.engine.connect() as connection:
            row = connection.execute(select(SimulatedPublication.id).where(SimulatedPublication.key == key)).first()
        return str(row.id) if row else None

    def results(self, ref: str, cursor: str, limit: int) -> ResultPage:
        """The results delivered since; the cursor counts them in the order of delivery."""
        self._ask("results", ref)
        with db.engine.connect() as connection:
            query = _INSTRUCTIONS.add_columns(SimulatedPublication.devices)
            row = connection.execute(query.where(SimulatedPublication.id == _number(ref))).first()
        if row is None:
            raise ConnectorError(ErrorClass.PERMANENT, f"unknown reference {ref!r}")
        history = fates.history(self._profile, Instruction(*row[:-1]), row.devices)
        now, start = clock.now(), _number(cursor)
        page = [delivery.result for delivery in history[start : start + limit] if delivery.at <= now]
        reached = start + len(page)
        return ResultPage(page, str(reached), exhausted=reached == len(history))

    def inventory(self, application: str, platform: str, cursor: str, limit: int) -> InventoryPage:
        """The devices of its instructions and, with `drift_extra`, the others of its roster; by external id."""
        self._ask("inventory", f"{application}:{platform}:{cursor}")
        profile, now = self._profile, clock.now()
        roster = self._roster(platform, cursor, limit) if profile.drift_extra > 0 else []
        parameters = {
            "connector": self._name,
            "application": application,
            "platform": platform,
            "after": cursor,
            "limit": limit,
            "roster": list(roster),
        }
        ours = SimulatedPublication.connector == self._name
        relevant = (ours, SimulatedPublication.application == application, SimulatedPublication.platform == platform)
        # One snapshot for all three statements: an instruction must not be in one of them and missing in another.
        with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            instructions = {row.id: Instruction(*row) for row in connection.execute(_INSTRUCTIONS.where(*relevant))}
            last, size = connection.execute(_END, parameters).one()
            devices = connection.execute(_PAGE, {**parameters, "last": last}).all() if size else []
        published = [instruction.version for instruction in instructions.values() if instruction.verb == PUBLISH]
        newest = published[-1] if published else None
        items = []
        for device, ids in devices:
            version = fates.version_now(profile, [instructions[id] for id in ids], device, now, newest)
            if version is not None:
                items.append(InventoryItem(device, version))
        return InventoryPage(items, last if size else cursor, exhausted=size < limit)

    def _roster(self, platform: str, after: str, limit: int) -> Sequence[str]:
        return _rosters[0](self._name, platform, after, limit) if _rosters else []

    def health(self) -> bool:
        """True, unless the call meets a simulated fault."""
        try:
            return not self._strike("health", "")
        except ConnectorError:
            return False

    def _ask(self, operation: str, subject: str) -> None:
        """Raise the simulated fault, if there is one, of a call that changes nothing."""
        if self._strike(operation, subject):
            raise ConnectorError(ErrorClass.TRANSIENT, "the request timed out")

    def _strike(self, operation: str, subject: str) -> bool:
        """Raise the simulated fault of this call, if there is one. True is a time-out, which the caller raises."""
        profile = self._profile
        luck = fates.draw(profile.seed, operation, subject, int(clock.now().timestamp()))
        if luck < profile.throttled:
            raise ConnectorError(ErrorClass.TRANSIENT, "429: too many requests", retry_after=1.0)
        if luck < profile.throttled + profile.outages:
            raise ConnectorError(ErrorClass.TRANSIENT, "503: service unavailable")
        return luck < profile.throttled + profile.outages + profile.timeouts


def _number(value: str) -> int:
    """The id in a reference or the position in a cursor; 0 if this vendor never returned such a value."""
    return int(value) if re.fullmatch(r"[0-9]{1,18}", value) else 0
