"""The packages of a deployment: it keeps those that its release had when it was created.

A connector that gets its first package later, or its first device, is served with the newest one. So is a rollback,
for the release to which a device goes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.connectors import registry
from app.connectors.protocol import ReleaseRef
from app.deployments import planning
from app.deployments.errors import UnpackagedDevices
from app.deployments.models import Deployment
from app.deployments.package_models import DeploymentPackage
from app.deployments.schemas import DeploymentIn
from app.devices.models import Device
from app.errors import FieldError
from app.releases import packages, service as releases
from app.releases.models import Release

_COUNT = """
    SELECT device.connector, count(*) AS devices FROM {devices} AS device
     WHERE device.connector = ANY(CAST(:lacking AS text[])) AND {scope} GROUP BY 1 ORDER BY 1
"""


def scope_of(session: Session, requested: DeploymentIn) -> dict[str, Any]:
    """The scope to store; with `skip_unpackaged`, it leaves out connectors that have no package of the version.

    Raises UnpackagedDevices.
    """
    scope = requested.scope.stored()
    lacking = _lacking(session, requested)
    if requested.skip_unpackaged:
        return {**scope, "exclude_connectors": sorted({*scope["exclude_connectors"], *lacking})}
    if devices := _devices(session, requested.platform.value, scope, lacking):
        raise UnpackagedDevices(
            f"{requested.application} {requested.version} has no package for "
            f"{', '.join(f'{connector} ({count:,} devices)' for connector, count in devices.items())}. Store one with "
            "PUT /applications/{application}/releases/{version}/packages/{connector}, or leave these devices out with "
            "`skip_unpackaged: true`. Nothing was changed.",
            fields=[
                FieldError("scope", f"contains {count} devices of connector {connector}, which lacks a package")
                for connector, count in devices.items()
            ],
        )
    return scope


def keep(session: Session, deployment: Deployment, release: Release) -> None:
    """Store which packages the deployment installs."""
    found = packages.applying(
        session, release.application_id, release.version, release.platform, registry.needing_packages()
    )
    session.add_all(
        DeploymentPackage(deployment_id=deployment.id, connector=connector, package_id=package_id)
        for connector, package_id in found.items()
    )


def reference(session: Session, deployment: Deployment, release_id: int, connector: str) -> ReleaseRef:
    """A release as the connector gets it, with the package that the deployment keeps, or else the newest."""
    if connector not in registry.needing_packages():
        return releases.reference(session, release_id)
    release = session.get_one(Release, release_id)
    package_id = None
    if release_id == deployment.release_id:
        kept = session.get(DeploymentPackage, (deployment.id, connector))
        package_id = None if kept is None else kept.package_id
    if package_id is None:
        found = packages.applying(session, release.application_id, release.version, release.platform, [connector])
        package_id = found.get(connector)
    return releases.reference(
        session, release_id, None if package_id is None else packages.reference(session, package_id)
    )


def _lacking(session: Session, requested: DeploymentIn) -> set[str]:
    """The connectors that need a package of the requested version and have none."""
    needing = registry.needing_packages()
    application = releases.find_application(session, requested.application) if needing else None
    if application is None:
        return set(needing)
    found = packages.applying(session, application.id, requested.version, requested.platform.value, needing)
    return set(needing) - set(found)


def _devices(session: Session, platform: str, scope: Mapping[str, Any], lacking: set[str]) -> dict[str, int]:
    """How many devices in the scope each of these connectors has, if it has any."""
    if not lacking:
        return {}
    condition, parameters = planning.in_scope(platform, scope)
    statement = text(_COUNT.format(devices=Device.__tablename__, scope=condition))
    return {
        row.connector: row.devices for row in session.execute(statement, {**parameters, "lacking": sorted(lacking)})
    }
