"""Devices within the limits of a token: by their own values, and by those they are registered with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ARRAY, ColumnElement, Text, and_, any_, cast, select, true
from sqlalchemy.orm import Session

from app.devices.models import Device
from app.devices.schemas import DeviceIn
from app.errors import FieldError, OutOfScope
from app.identity.scopes import Limit, Scopes

CHECKED = frozenset({Limit.CONNECTOR, Limit.DEVICE, Limit.BUSINESS_UNITS})
_SHOWN = 50


def condition(scopes: Scopes) -> ColumnElement[bool]:
    """The condition of devices that a token reaches."""
    conditions: list[ColumnElement[bool]] = [true()]
    if scopes.device is not None:
        conditions.append(Device.external_id == scopes.device)
    if scopes.connector is not None:
        conditions.append(Device.connector == scopes.connector)
    if scopes.business_units:
        conditions.append(Device.business_unit.in_(scopes.business_units))
    return and_(*conditions)


def of_others(session: Session, external_ids: Sequence[str], scopes: Scopes) -> Mapping[str, FieldError]:
    """The registered devices among these that the token does not reach, each with the reason."""
    if not scopes.limits:
        return {}
    statement = select(Device.external_id, Device.connector, Device.business_unit).where(
        Device.external_id == any_(cast(list(external_ids), ARRAY(Text)))
    )
    found = {}
    for row in session.execute(statement):
        refusal = scopes.refusal(device=row.external_id, connector=row.connector, business_unit=row.business_unit)
        if refusal is not None:
            message = f"is registered with a {refusal.field} that {refusal.message}"
            found[row.external_id] = refusal if refusal.field == "external_id" else FieldError("external_id", message)
    return found


def refused(session: Session, items: Sequence[DeviceIn], scopes: Scopes) -> Mapping[int, FieldError]:
    """Which of these devices, by position, the token must not register or change, each with the reason."""
    if not scopes.limits:
        return {}
    others = of_others(session, [item.external_id for item in items], scopes)
    found = {}
    for position, item in enumerate(items):
        own = scopes.refusal(device=item.external_id, connector=item.connector, business_unit=item.business_unit)
        if refusal := own or others.get(item.external_id):
            found[position] = refusal
    return found


def require(refusals: Mapping[int, FieldError], scopes: Scopes, prefix: str = "{}.{}") -> None:
    """Raise OutOfScope, naming each row that was refused."""
    if not refusals:
        return
    shown = list(refusals.items())[:_SHOWN]
    raise OutOfScope(
        f"{len(refusals)} devices are out of reach: this token is limited to {scopes}. Nothing was changed.",
        fields=[FieldError(prefix.format(n, error.field), error.message) for n, error in shown],
    )
