"""One device: what it has, and every deployment that it was in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import reading
from app.deployments.errors import NoSuchDevice
from app.deployments.models import Assignment, Deployment, Ring
from app.devices.models import Device
from app.releases.models import Application, Installation, Release

NEWEST = 100
"""Deployments that are listed, the newest first."""


def of(device_id: int) -> dict[str, Any]:
    """A registered device with its releases and its deployments. Raises NoSuchDevice."""
    with reading() as session:
        row = session.execute(select(Device.__table__).where(Device.id == device_id)).mappings().first()
        if row is None:
            raise NoSuchDevice(f"Device {device_id} is not registered. GET /devices?external_id=NAME has its id.")
        return {**row, "installed": _installed(session, device_id), "deployments": _deployments(session, device_id)}


def _installed(session: Session, device_id: int) -> list[dict[str, Any]]:
    statement = (
        select(Application.name.label("application"), Release.version.label("release"), Release.platform)
        .select_from(Installation)
        .join(Application, Application.id == Installation.application_id)
        .join(Release, Release.id == Installation.release_id)
        .where(Installation.device_id == device_id)
        .order_by(Application.name)
    )
    return [dict(row) for row in session.execute(statement).mappings()]


def _deployments(session: Session, device_id: int) -> list[dict[str, Any]]:
    """Looks into each deployment by the index that keeps a device in it once: devices have no index of their own."""
    statement = (
        select(
            Deployment.id.label("deployment_id"),
            Application.name.label("application"),
            Release.version.label("release"),
            Deployment.kind,
            Deployment.state,
            Ring.name.label("ring"),
            Ring.state.label("ring_state"),
            Assignment.state.label("status"),
            Assignment.reason,
            Assignment.dispatched_at,
            Assignment.reported_at,
        )
        .join(Assignment, (Assignment.deployment_id == Deployment.id) & (Assignment.device_id == device_id))
        .join(Ring, Ring.id == Assignment.ring_id)
        .join(Application, Application.id == Deployment.application_id)
        .join(Release, Release.id == Deployment.release_id)
        .order_by(Deployment.id.desc())
        .limit(NEWEST)
    )
    return [dict(row) for row in session.execute(statement).mappings()]
