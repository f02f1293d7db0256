"""Registering, retiring and listing devices."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ARRAY, Text, any_, cast, select, text
from sqlalchemy.orm import Session

from app.connectors import registry
from app.db import db
from app.devices import limits
from app.devices.models import Device
from app.devices.places import bucket
from app.devices.schemas import DeviceIn, DeviceQuery
from app.errors import MOST_ERRORS, FieldError, Invalid
from app.events.unit import Unit, unit_of_work
from app.http.pagination import page, paged
from app.http.uploads import Line
from app.identity.scopes import UNLIMITED, Scopes

# Rows are locked in the order of their external ids, so two batches never wait for each other in a circle. Their times
# are the database's: live deployments find devices that changed by `changed_at`, in any process, on any machine.
STORE = """
    INSERT INTO devices (external_id, platform, connector, site_class, business_unit, tags, criticality, bucket,
                         registered_at, changed_at)
    SELECT external_id, platform, connector, site_class, business_unit, tags, criticality, bucket,
           statement_timestamp(), statement_timestamp()
      FROM {items}
     ORDER BY external_id
    ON CONFLICT (external_id) DO UPDATE
       SET platform = excluded.platform, connector = excluded.connector, site_class = excluded.site_class,
           business_unit = excluded.business_unit, tags = excluded.tags, criticality = excluded.criticality,
           changed_at = excluded.changed_at, retired_at = NULL
     WHERE devices.retired_at IS NOT NULL
        OR (devices.platform, devices.connector, devices.site_class, devices.business_unit, devices.tags,
            devices.criticality)
           IS DISTINCT FROM (excluded.platform, excluded.connector, excluded.site_class, excluded.business_unit,
                             excluded.tags, excluded.criticality)
    RETURNING external_id, connector, xmax = 0 AS created
"""
_UPSERT = text(
    STORE.format(
        items="""json_to_recordset(CAST(:items AS json))
        AS item(external_id text, platform text, connector text, site_class text, business_unit text, tags text[],
                criticality text, bucket integer)"""
    )
)
_LOCK = text("""
    SELECT id, external_id, connector, retired_at IS NOT NULL AS retired
      FROM devices WHERE external_id = ANY(:external_ids) ORDER BY external_id FOR NO KEY UPDATE
""")
_RETIRE = text("""
    UPDATE devices SET retired_at = statement_timestamp(), changed_at = statement_timestamp() WHERE id = ANY(:ids)
""")

RetirementListener = Callable[[Unit, Sequence[int]], None]
_retirement_listeners: list[RetirementListener] = []


def install_retirement_listener(listener: RetirementListener) -> None:
    """Call `listener(unit, device ids in ascending order)` when devices retire, in the same unit of work."""
    if listener not in _retirement_listeners:
        _retirement_listeners.append(listener)


class DuplicateDevices(Invalid):
    type = "duplicate-devices"
    title = "Device appears more than once in the batch"


class UnknownDevices(Invalid):
    type = "unknown-devices"
    title = "Device not registered"


def register(actor: str, items: Sequence[DeviceIn], scopes: Scopes = UNLIMITED) -> list[str]:
    """Create or update devices in one transaction; for each in order `created`, `updated` or `unchanged`.

    Raises DuplicateDevices, UnknownConnector, OutOfScope; nothing is stored then.
    """
    ids = Counter(item.external_id for item in items)
    if len(ids) < len(items):
        repeated = {external_id for external_id, count in ids.items() if count > 1}
        places = [n for n, item in enumerate(items) if item.external_id in repeated]
        raise DuplicateDevices(
            f"{len(repeated)} external ids appear more than once, for example {sorted(repeated)[0]!r}. Send each once.",
            fields=[FieldError(f"{n}.external_id", "appears more than once") for n in places[:50]],
        )
    registry.require(*{item.connector for item in items})
    rows = [{**item.model_dump(mode="json"), "bucket": bucket(item.external_id)} for item in items]
    with unit_of_work(actor) as unit:
        limits.require(limits.refused(unit.session, items, scopes), scopes)
        changed = unit.session.execute(_UPSERT, {"items": json.dumps(rows)}).all()
        results = {row.external_id: "created" if row.created else "updated" for row in changed}
        record_registered(unit, Counter((row.connector, results[row.external_id]) for row in changed))
    return [results.get(item.external_id, "unchanged") for item in items]


def record_registered(unit: Unit, tallies: Counter[tuple[str, str]]) -> None:
    """Record the event of a registration: numbers of devices by connector and result (`created`, `updated`)."""
    if tallies:
        payload = [
            {"connector": connector, "result": result, "count": count}
            for (connector, result), count in sorted(tallies.items())
        ]
        unit.record("devices.registered", {"tallies": payload})


def unknown_connector() -> FieldError:
    """The error of a line whose connector is not configured."""
    return FieldError("connector", f"must be one of: {', '.join(registry.names())}")


def retire(actor: str, external_ids: Sequence[str], scopes: Scopes = UNLIMITED) -> list[str]:
    """Retire devices in one transaction; for each `retired`, or `unchanged` if it was retired already.

    Running deployments no longer wait for them; outcomes that were reported still count.

    Raises UnknownDevices, OutOfScope; nothing is changed then.
    """
    with unit_of_work(actor) as unit:
        others = limits.of_others(unit.session, external_ids, scopes)
        refusals = {n: others[external_id] for n, external_id in enumerate(external_ids) if external_id in others}
        limits.require(refusals, scopes, "external_ids.{0}")
        locked = {
            row.external_id: row for row in unit.session.execute(_LOCK, {"external_ids": sorted(set(external_ids))})
        }
        named = [(f"external_ids.{n}", external_id) for n, external_id in enumerate(external_ids)]
        refuse_unknown([(field, external_id) for field, external_id in named if external_id not in locked])
        leaving = {row.external_id: row for row in locked.values() if not row.retired}
        if leaving:
            ids = sorted(row.id for row in leaving.values())
            unit.session.execute(_RETIRE, {"ids": ids})
            tallies = Counter(row.connector for row in leaving.values())
            unit.record(
                "devices.retired",
                {"tallies": [{"connector": name, "count": count} for name, count in sorted(tallies.items())]},
            )
            for listener in _retirement_listeners:
                listener(unit, ids)
    return ["retired" if external_id in leaving else "unchanged" for external_id in external_ids]


def registered(session: Session, external_ids: Sequence[str], scopes: Scopes = UNLIMITED) -> set[str]:
    """Those of the devices that are registered, and that a token with these limits reaches."""
    if not external_ids:
        return set()
    statement = select(Device.external_id).where(Device.external_id == any_(cast(list(external_ids), ARRAY(Text))))
    return set(session.execute(statement.where(limits.condition(scopes))).scalars())


def refuse_unknown(unknown: Sequence[tuple[str, str]]) -> None:
    """Raise UnknownDevices if there are any, given as (field, external id); it names the first of them."""
    if not unknown:
        return
    names = list(dict.fromkeys(external_id for _, external_id in unknown))
    more = f" and {len(names) - MOST_ERRORS:,} more" if len(names) > MOST_ERRORS else ""
    raise UnknownDevices(
        f"Not registered: {', '.join(names[:MOST_ERRORS])}{more}. Nothing was changed. Remove them from the request.",
        fields=[FieldError(field, "not registered") for field, _ in unknown],
    )


class Upload:
    """Registers an upload chunk by chunk. A repeated device or an unknown connector rejects only its own line."""

    def __init__(self, actor: str, scopes: Scopes = UNLIMITED) -> None:
        self._actor, self._scopes = actor, scopes
        self._seen: set[int] = set()  # hashes, not ids: a million of them must stay small

    def __call__(self, chunk: Sequence[Line[DeviceIn]]) -> list[str | FieldError]:
        """Register the valid lines in one transaction; a status or an error for each line."""
        rejected: dict[int, FieldError] = {}
        valid: list[DeviceIn] = []
        for line in chunk:
            if line.item is None:
                continue
            identity = hash(line.item.external_id)
            if identity in self._seen:
                rejected[line.number] = FieldError("external_id", "appears on an earlier line")
            elif line.item.connector not in registry.names():
                rejected[line.number] = unknown_connector()
            else:
                self._seen.add(identity)
                valid.append(line.item)
        statuses = iter(self._register(valid) if valid else ())
        return [
            FieldError("(line)", "not read") if line.item is None else rejected.get(line.number) or next(statuses)
            for line in chunk
        ]

    def _register(self, items: Sequence[DeviceIn]) -> list[str | FieldError]:
        """Register those within the limits of the token; a status or an error for each item."""
        with unit_of_work(self._actor) as unit:
            refusals = limits.refused(unit.session, items, self._scopes)
            within = [item for position, item in enumerate(items) if position not in refusals]
            statuses = iter(register(self._actor, within, self._scopes) if within else ())
        return [refusals.get(position) or next(statuses) for position in range(len(items))]


def roster(connector: str, platform: str, after: str, limit: int) -> list[str]:
    """At most `limit` external ids of a connector's active devices on a platform, in order, after the id `after`."""
    statement = (
        select(Device.external_id)
        .where(Device.platform == platform, Device.connector == connector, Device.retired_at.is_(None))
        .where(Device.external_id > after)
        .order_by(Device.external_id)
        .limit(limit)
    )
    with db.engine.connect() as connection:
        return list(connection.execute(statement).scalars())


def listing(query: DeviceQuery, scopes: Scopes = UNLIMITED) -> dict[str, Any]:
    """A page of the devices that a token with these limits reaches."""
    statement = paged(select(Device.__table__), Device.id, query)
    if scopes.limits:
        statement = statement.where(limits.condition(scopes))
    for column in ("platform", "connector", "business_unit", "external_id"):
        value = getattr(query, column)
        if value is not None:
            statement = statement.where(getattr(Device, column) == value)
    if query.tag is not None:
        statement = statement.where(Device.tags.contains([query.tag]))
    if query.retired is not None:
        statement = statement.where(Device.retired_at.is_not(None) if query.retired else Device.retired_at.is_(None))
    return page([dict(row) for row in db.session.execute(statement).mappings()], query)
