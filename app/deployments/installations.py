"""Which release of an application each device has: recorded from reports, read when a deployment is planned."""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.deployments.models import Deployment
from app.deployments.rules.states import LIVE, DeploymentKind
from app.releases.models import Installation

# Ordered by device, so that two transactions never wait for each other in a circle. Older reports change nothing.
_STORE = text(f"""
    INSERT INTO {Installation.__tablename__} AS installed (device_id, application_id, release_id, deployment_id, at)
    SELECT device_id, :application, CASE WHEN :is_rollback THEN release_id ELSE :release END, deployment_id, reported_at
      FROM assignments
     WHERE deployment_id = :deployment AND state IN ('succeeded', 'already_compliant')
     ORDER BY device_id
    ON CONFLICT (device_id, application_id) DO UPDATE
       SET release_id = excluded.release_id, deployment_id = excluded.deployment_id, at = excluded.at
     WHERE installed.at < excluded.at
        OR (installed.at = excluded.at AND installed.deployment_id < excluded.deployment_id)
""")


def store(session: Session, deployment: Deployment) -> None:
    """Store the releases that the deployment's devices reported. Repeating it changes nothing."""
    session.execute(
        _STORE,
        {
            "application": deployment.application_id,
            "is_rollback": deployment.kind is DeploymentKind.ROLLBACK,
            "release": deployment.release_id,
            "deployment": deployment.id,
        },
    )


def store_previous(session: Session, deployment: Deployment) -> None:
    """Store the releases of the previous deployment again, since devices may have reported after its end."""
    previous = session.execute(
        select(Deployment)
        .where(
            Deployment.application_id == deployment.application_id,
            Deployment.platform == deployment.platform,
            Deployment.id < deployment.id,
            Deployment.state.not_in(LIVE),
            Deployment.started_at.is_not(None),
        )
        .order_by(Deployment.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    if previous is not None:
        store(session, previous)
