"""Devices that fail, across deployments: how often, and why last."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute

from app.db import db
from app.deployments.models import Assignment, Deployment, Ring
from app.deployments.schemas import DeviceFailureQuery
from app.devices import limits
from app.devices.models import Device
from app.http.pagination import page, paged
from app.identity.scopes import UNLIMITED, Scopes
from app.releases.models import Application, Release

_AT = func.coalesce(Assignment.moved_at, Assignment.reported_at, Assignment.dispatched_at)
"""When we learned of a failure; of a silent device, when it was heard or dispatched to last."""


def listing(query: DeviceFailureQuery, scopes: Scopes = UNLIMITED) -> dict[str, Any]:
    """A page of the devices that failed in matching deployments, within the limits of a token. One statement.

    Only what matches is counted: with `reason=disk_full`, a device's `failures` are those for that reason.
    """
    # Written out, so that a prepared statement can use the index of those that did not succeed.
    states = bindparam("states", query.states, Assignment.state.type, expanding=True, literal_execute=True)
    statement = (
        select(
            Device.id,
            Device.external_id,
            Device.platform,
            Device.connector,
            Device.site_class,
            Device.business_unit,
            func.count().label("failures"),
            func.min(_AT).label("first_failed_at"),
            func.max(_AT).label("last_failed_at"),
            _last(Assignment.state).label("last_status"),
            _last(Assignment.reason).label("last_reason"),
            _last(Deployment.id).label("last_deployment_id"),
            _last(Application.name).label("last_application"),
            _last(Release.version).label("last_release"),
            _last(Ring.name).label("last_ring"),
        )
        .select_from(Assignment)
        .join(Device, Device.id == Assignment.device_id)
        .join(Deployment, Deployment.id == Assignment.deployment_id)
        .join(Application, Application.id == Deployment.application_id)
        .join(Release, Release.id == Deployment.release_id)
        .join(Ring, Ring.id == Assignment.ring_id)
        .where(Assignment.state.in_(states))
        .group_by(Device.id)
    )
    statement = statement.where(limits.condition(scopes), *_conditions(query, scopes))
    if query.at_least > 1:
        statement = statement.having(func.count() >= query.at_least)
    return page([dict(row) for row in db.session.execute(paged(statement, Device.id, query)).mappings()], query)


def _conditions(query: DeviceFailureQuery, scopes: Scopes) -> list[ColumnElement[bool]]:
    """What the query asks for, and the applications that the token reaches."""
    conditions = [
        column == value
        for column, value in (
            (Assignment.reason, query.reason),
            (Application.name, query.application),
            (Release.version, query.release),
            (Device.business_unit, query.business_unit),
            (Device.site_class, query.site_class),
            (Device.platform, query.platform),
            (Device.connector, query.connector),
        )
        if value is not None
    ]
    if query.since is not None:
        conditions.append(query.since <= _AT)
    if query.until is not None:
        conditions.append(query.until > _AT)
    if scopes.applications:
        conditions.append(Application.name.in_(scopes.applications))
    return conditions


def _last(column: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """The column's value at a device's latest failure."""
    value: ColumnElement[Any] = func.array_agg(aggregate_order_by(column, _AT.desc(), Assignment.id.desc()))[1]
    return value
