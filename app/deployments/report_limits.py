"""Which reports a limited token may send: about what is within its limits."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import array_literal
from app.deployments.schemas import ReportIn
from app.devices.models import Device
from app.errors import FieldError, OutOfScope
from app.identity.scopes import Scopes
from app.releases.models import Application

_SHOWN = 50
_SHOWN = 50
# The connector is the assignment's: it is the one that got the command, even if the device has moved since.
_ABOUT = text(f"""
    SELECT row.n, assignment.connector, device.business_unit, application.name AS application
      FROM unnest(CAST(:deployment_ids AS bigint[]), CAST(:external_ids AS text[]))
           WITH ORDINALITY AS row(deployment_id, external_id, n)
      JOIN {Device.__tablename__} AS device ON device.external_id = row.external_id
      JOIN assignments AS assignment ON assignment.deployment_id = row.deployment_id
                                    AND assignment.device_id = device.id
      JOIN deployments AS deployment ON deployment.id = row.deployment_id
      JOIN {Application.__tablename__} AS application ON application.id = deployment.application_id
""")


def refused(session: Session, items: Mapping[int, ReportIn], scopes: Scopes) -> dict[int, FieldError]:
    """Which of the numbered reports the token must not send, each with the reason.

    A report without an assignment is left to those who look for it.
    """
    if not scopes.limits:
        return {}
    numbers, reports = list(items), list(items.values())
    found = {number: refusal for number, it in items.items() if (refusal := scopes.refusal(device=it.external_id))}
    parameters = {
        "deployment_ids": array_literal([str(it.deployment_id) for it in reports]),
        "external_ids": array_literal([it.external_id for it in reports]),
    }
    for row in session.execute(_ABOUT, parameters):
        refusal = scopes.refusal(connector=row.connector, business_unit=row.business_unit, application=row.application)
        if refusal is not None:
            message = f"is a device with a {refusal.field} that {refusal.message}"
            if refusal.field == "application":
                message = f"is part of a deployment with an application that {refusal.message}"
            found.setdefault(numbers[row.n - 1], FieldError("external_id", message))
    return found


def out_of_scope(refusals: Mapping[int, FieldError], scopes: Scopes) -> OutOfScope:
    """The error of a JSON array with such reports, naming each."""
    shown = sorted(refusals.items())[:_SHOWN]
    return OutOfScope(
        f"{len(refusals)} reports are out of reach: this token is limited to {scopes}. Nothing was stored.",
        fields=[FieldError(f"{number}.{error.field}", error.message) for number, error in shown],
    )
