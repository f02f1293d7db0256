"""Devices that are not registered, and what devices say of themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import text

from app.agents.due import Asking
from app.agents.errors import UnknownAgent
from app.connectors.pull.models import PullDevice
from app.connectors.pull.settings import PullSettings, UnknownDevices
from app.db import db
from app.devices import service as devices
from app.devices.schemas import DeviceIn

_KEEP = text(f"""
    INSERT INTO {PullDevice.__tablename__} AS known
           (connector, external_id, first_seen_at, seen_at, attributes, attributes_at)
    VALUES (:connector, :external_id, :now, :now, CAST(:attributes AS jsonb), :now)
    ON CONFLICT (connector, external_id) DO UPDATE
       SET attributes_at = excluded.attributes_at,
           attributes = CASE :mode WHEN 'replace' THEN excluded.attributes
                        WHEN 'merge' THEN coalesce(known.attributes, '{{}}') || excluded.attributes
                        ELSE coalesce(known.attributes, '{{}}')
                             - ARRAY(SELECT jsonb_object_keys(excluded.attributes)) END
""")


def admit(actor: str, settings: PullSettings, asking: Asking, is_gateway: bool) -> bool:
    """Register a device that is unknown, if the connector takes such devices; whether it is registered now.

    Raises UnknownAgent unless unknown devices are accepted, or at least quarantined.
    """
    if asking.is_registered:
        return not asking.is_retired
    policy = settings.unknown_devices if is_gateway else UnknownDevices.REFUSE
    if policy is UnknownDevices.QUARANTINE:
        return False
    if policy is UnknownDevices.REFUSE:
        raise UnknownAgent(
            f"Device {asking.external_id!r} is not registered with connector {asking.connector}. Register it with "
            "POST /api/v1/devices."
        )
    item = DeviceIn(
        external_id=asking.external_id,
        platform=settings.new_platform,
        connector=asking.connector,
        site_class=settings.new_site_class,
        business_unit=settings.new_business_unit,
        tags=list(settings.new_tags),
    )
    devices.register(actor, [item])
    return True


def keep_attributes(connector: str, external_id: str, attributes: Mapping[str, str], mode: str, now: datetime) -> None:
    """Store what a device says of itself."""
    with db.engine.begin() as connection:
        parameters = {"connector": connector, "external_id": external_id, "mode": mode, "now": now}
        connection.execute(_KEEP, {**parameters, "attributes": json.dumps(attributes)})
