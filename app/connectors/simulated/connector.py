"""The simulated connector: a vendor with ten thousand devices in your laptop.

It remembers what it was told in a table of its own. What becomes of a device follows from the profile's seed, the
release and the device alone (`fates.py`), so two runs with the same input end alike.
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
"""`(connector, platform, after, limit)`: the external ids of the devices that a connector manages, in order."""

_rosters: list[Roster] = []


def install_roster(roster: Roster) -> None:
    """Have the simulated vendor know its devices from `roster`. Installed once, by the factory."""
    _rosters[:] = [roster]


# Which devices a page of the inventory is about, and what each was instructed to do: those of this vendor's
# instructions, and those of the roster that it never instructed. The first statement finds where the page ends (it
# keeps no more than a page), the second reads up to there; a page costs the same memory in a fleet of any size.
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
    """Implements `Connector`. Each call is a transaction of its own, as a call to another system would be."""

    def __init__(self, profile: SimulatedProfile, faults: bool = False, name: str = "simulated") -> None:
        self._name = name
        self._profile = profile if faults else profile.faultless()

    @classmethod
    def configured(cls, name: str, profile: SimulatedProfile) -> SimulatedConnector:
        """The connector of that name; its vendor has faults only where the settings allow simulated ones."""
        return cls(profile, load_settings().simulation, name)

    @property
    def pace(self) -> Pace:
        """As often as the profile says; a call takes no time."""
        return Pace(results_every=self._profile.results_every_seconds)

    def publish(self, publication: Publication) -> str:
        """Store the instruction; one under a known key is left as it was. A time-out strikes after it was stored."""
        return self._instruct(PUBLISH, publication)

    def withdraw(self, withdrawal: Withdrawal) -> str:
        """As `publish`, the other way."""
        return self._instruct(WITHDRAW, withdrawal)

    def _instruct(self, verb: str, told: Publication | Withdrawal) -> str:
        timed_out = self._strike(verb, told.key)
        with db.engine.begin() as connection:
            connection.execute(
                insert(SimulatedPublication)
                .values(
                    connector=self._name,
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
        """The reference of what was published or withdrawn under `key`."""
        self._ask("find", key)
        return self._ref(key)

    def _ref(self, key: str) -> str | None:
        with db.engine.connect() as connection:
            row = connection.execute(select(SimulatedPublication.id).where(SimulatedPublication.key == key)).first()
        return str(row.id) if row else None

    def results(self, ref: str, cursor: str, limit: int) -> ResultPage:
        """What has been reported since; the cursor counts results in the order in which they are delivered."""
        self._ask("results", ref)
        with db.engine.connect() as connection:
            query = _INSTRUCTIONS.add_columns(SimulatedPublication.devices)
            row = connection.execute(query.where(SimulatedPublication.id == _number(ref))).first()
        if row is None:
            raise ConnectorError(ErrorClass.PERMANENT, f"nothing was published as {ref}")
        history = fates.history(self._profile, Instruction(*row[:-1]), row.devices)
        now, start = clock.now(), _number(cursor)
        page = [delivery.result for delivery in history[start : start + limit] if delivery.at <= now]
        reached = start + len(page)
        return ResultPage(page, str(reached), exhausted=reached == len(history))

    def inventory(self, application: str, platform: str, cursor: str, limit: int) -> InventoryPage:
        """What the devices have now: those of its instructions and, with drift, the others of its roster."""
        self._ask("inventory", f"{application}:{platform}:{cursor}")
        profile, now = self._profile, clock.now()
        roster = self._roster(platform, cursor, limit) if profile.drift_extra > 0 else []
        wanted = {
            "connector": self._name,
            "application": application,
            "platform": platform,
            "after": cursor,
            "limit": limit,
            "roster": list(roster),
        }
        ours = SimulatedPublication.connector == self._name
        given_here = (ours, SimulatedPublication.application == application, SimulatedPublication.platform == platform)
        # One view of the table for all three, or an instruction might be read in one and missing in another.
        with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            given = {row.id: Instruction(*row) for row in connection.execute(_INSTRUCTIONS.where(*given_here))}
            last, found = connection.execute(_END, wanted).one()
            devices = connection.execute(_PAGE, {**wanted, "last": last}).all() if found else []
        newest = next((it.version for it in reversed(given.values()) if it.verb == PUBLISH), None)
        items = []
        for device, ids in devices:
            version = fates.version_now(profile, [given[id] for id in ids], device, now, newest)
            if version is not None:
                items.append(InventoryItem(device, version))
        return InventoryPage(items, last if found else cursor, exhausted=found < limit)

    def _roster(self, platform: str, after: str, limit: int) -> Sequence[str]:
        return _rosters[0](self._name, platform, after, limit) if _rosters else []

    def health(self) -> bool:
        """Well, unless a fault strikes."""
        try:
            return not self._strike("health", "")
        except ConnectorError:
            return False

    def _ask(self, operation: str, what: str) -> None:
        """Meet the fault of a call that changes nothing, if it meets one."""
        if self._strike(operation, what):
            raise ConnectorError(ErrorClass.TRANSIENT, "no answer within the time allowed")

    def _strike(self, operation: str, what: str) -> bool:
        """Raise the fault that this call meets, if it meets one; True is a time-out, which the caller raises."""
        profile = self._profile
        luck = fates.draw(profile.seed, operation, what, int(clock.now().timestamp()))
        if luck < profile.throttled:
            raise ConnectorError(ErrorClass.TRANSIENT, "429: too many requests", retry_after=1.0)
        if luck < profile.throttled + profile.outages:
            raise ConnectorError(ErrorClass.TRANSIENT, "503: out of service")
        return luck < profile.throttled + profile.outages + profile.timeouts


def _number(given: str) -> int:
    """A reference's id or a cursor's place; 0 for one that this vendor never gave."""
    return int(given) if re.fullmatch(r"[0-9]{1,18}", given) else 0
