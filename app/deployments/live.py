"""Live deployments by what they need, and each of them as lists show it. No statement touches devices."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.deployments import outlook, pauses
from app.deployments.models import Deployment, Ring
from app.deployments.outlook import Outlook
from app.deployments.rules import machine
from app.deployments.rules.outlook import WAIVABLE_PAUSES
from app.deployments.rules.states import LIVE, DeploymentState, Group, PauseCode, RingState
from app.queue import QueueName
from app.releases.models import Application, Release


class Need(StrEnum):
    """What a live deployment needs: a person's decision, for one of three reasons, or nothing but time."""

    STALLED = "stalled"
    FAILED_GATE = "failed_gate"
    PAUSED = "paused"
    PLANNING = "planning"
    RUNNING = "running"


_NEED = case(
    (Deployment.state == DeploymentState.PLANNING, Need.PLANNING.value),
    (Deployment.state == DeploymentState.RUNNING, Need.RUNNING.value),
    (Deployment.pause_code.in_(WAIVABLE_PAUSES), Need.STALLED.value),
    (Deployment.pause_code == PauseCode.GATE_FAILED, Need.FAILED_GATE.value),
    else_=Need.PAUSED.value,
)


@dataclass(frozen=True)
class Chosen:
    """How many live deployments have a need, and the ids of those that are listed."""

    total: int
    ids: Sequence[int]


@dataclass(frozen=True)
class LiveDeployment:
    """A live deployment with what is read about it."""

    deployment: Deployment
    application: str
    version: str
    rings: Sequence[Ring]
    outlook: Outlook
    pause_reason: str | None
    """Why it is paused, as a sentence; None if it is not."""

    @property
    def ring(self) -> Ring | None:
        """The ring that it is in, or about to start; None if it has no rings yet or all are over."""
        position = machine.current([ring.state for ring in self.rings])
        return None if position is None else self.rings[position]

    @property
    def title(self) -> str:
        """What people call it."""
        return f"{self.application} {self.version} on {self.deployment.platform}"

    def as_json(self) -> dict[str, Any]:
        """The deployment with its progress: devices of all its rings by what they count as."""
        deployment, ring = self.deployment, self.ring
        counted = {
            group.value: sum(getattr(each, group.value) for each in self.rings)
            for group in (Group.SUCCEEDED, Group.FAILED, Group.SILENT, Group.PENDING)
        }
        over = sum(each.state in (RingState.PASSED, RingState.SKIPPED, RingState.WAIVED) for each in self.rings)
        return {
            "id": deployment.id,
            "application": self.application,
            "release": self.version,
            "platform": deployment.platform,
            "kind": deployment.kind,
            "state": deployment.state,
            "requested_by": deployment.requested_by,
            "ring": ring and ring.name,
            "ring_state": ring and ring.state,
            "rings": len(self.rings),
            "rings_over": over,
            "eligible": sum(each.eligible for each in self.rings),
            **counted,
            "next": self.outlook.as_json(deployment.id),
        }


def chosen(session: Session, most: int) -> dict[Need, Chosen]:
    """For each need, how many live deployments have it, and `most` of them. One statement.

    Paused ones that wait longest come first; of the running ones those that are held, then the newest.
    """
    order = (func.jsonb_array_length(Deployment.holds) == 0, Deployment.paused_at.nulls_last(), Deployment.id.desc())
    ranked = (
        select(
            Deployment.id,
            _NEED.label("need"),
            func.count().over(partition_by=_NEED).label("total"),
            func.row_number().over(partition_by=_NEED, order_by=order).label("place"),
        )
        .where(Deployment.state.in_(LIVE))
        .subquery()
    )
    found = {need: Chosen(0, []) for need in Need}
    ids: dict[Need, list[int]] = {need: [] for need in Need}
    for row in session.execute(select(ranked).where(ranked.c.place <= most).order_by(ranked.c.place)):
        need = Need(row.need)
        ids[need].append(row.id)
        found[need] = Chosen(row.total, ids[need])
    return found


def shown(
    session: Session, deployment_ids: Collection[int], behind: Mapping[QueueName, float], now: datetime
) -> dict[int, LiveDeployment]:
    """These live deployments, in a number of statements that does not depend on how many they are."""
    if not deployment_ids:
        return {}
    named = (
        select(Deployment, Application.name, Release.version)
        .join(Application, Application.id == Deployment.application_id)
        .join(Release, Release.id == Deployment.release_id)
        .where(Deployment.id.in_(deployment_ids))
        .execution_options(populate_existing=True)
    )
    rows = session.execute(named).all()
    rings = outlook.rings_of(session, deployment_ids)
    with_rings = {deployment: rings[deployment.id] for deployment, *_ in rows}
    ahead = outlook.outlooks(session, with_rings, behind, now)
    why = pauses.reasons(session, with_rings)
    return {
        deployment.id: LiveDeployment(
            deployment, application, version, rings[deployment.id], ahead[deployment.id], why.get(deployment.id)
        )
        for deployment, application, version in rows
    }
