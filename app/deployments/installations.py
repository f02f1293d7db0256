"""Which release of an application each device has: recorded from reports, read when a deployment is planned."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.deployments.models import Deployment
from app.deployments.rules.states import LIVE, DeploymentKind
from app.releases.models import Installation

HAS_RELEASE = "(reached.state = 'succeeded' OR reached.broke)"
"""The SQL condition for an assignment `reached` whose device was moved to the release, also if it broke later."""

# Ordered by device, so that two transactions never wait for each other in a circle. Reports that we received earlier
# change nothing, whatever their times say: the clock of a device may be wrong.
_STORE = text(f"""
    INSERT INTO {Installation.__tablename__} AS installed
                (device_id, application_id, release_id, deployment_id, report_id, at)
    SELECT device_id, :application, CASE WHEN :is_rollback THEN release_id ELSE :release END, deployment_id, report_id,
           reported_at
      FROM assignments
     WHERE deployment_id = :deployment AND (state IN ('succeeded', 'already_compliant') OR broke)
       AND (CAST(:since AS timestamptz) IS NULL OR moved_at >= :since)
     ORDER BY device_id
    ON CONFLICT (device_id, application_id) DO UPDATE
       SET release_id = excluded.release_id, deployment_id = excluded.deployment_id,
           report_id = excluded.report_id, at = excluded.at
     WHERE coalesce(installed.report_id, 0) < excluded.report_id
""")


def store(session: Session, deployment: Deployment, since: datetime | None = None) -> None:
    """Store the releases that the deployment's devices reported, perhaps only those whose reports we received `since`.

    Repeating it changes nothing.
    """
    session.execute(
        _STORE,
        {
            "application": deployment.application_id,
            "is_rollback": deployment.kind is DeploymentKind.ROLLBACK,
            "release": deployment.release_id,
            "deployment": deployment.id,
            "since": since,
        },
    )


def store_previous(session: Session, deployment: Deployment) -> int | None:
    """Store the releases of the previous deployment again, since devices may have reported after its end; its id."""
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
    if previous is None:
        return None
    store(session, previous)
    return previous.id
