"""Why deployments are paused: one sentence for each, with the name of whoever or whatever paused it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.commands.models import Command
from app.commands.states import CommandState
from app.deployments import holds
from app.deployments.models import Deployment, Ring
from app.deployments.rules.states import DeploymentState, PauseCode
from app.events.models import Event


def reasons(session: Session, deployments: Mapping[Deployment, Sequence[Ring]]) -> dict[int, str]:
    """Why each of the paused deployments, given with its rings, is paused. At most two statements."""
    paused = {each: rings for each, rings in deployments.items() if each.state is DeploymentState.PAUSED}
    by_person = [each.id for each in paused if each.pause_code is PauseCode.REQUESTED]
    actors = _actors(session, by_person) if by_person else {}
    refused = [each.id for each in paused if each.pause_code is PauseCode.COMMAND_FAILED]
    refusals = _refusals(session, refused) if refused else {}
    return {
        each.id: _reason(each, rings, actors.get(each.id, "a person"), refusals.get(each.id, ""))
        for each, rings in paused.items()
    }


def _reason(deployment: Deployment, rings: Sequence[Ring], actor: str, refusal: str) -> str:
    ring = next((each for each in rings if each.key == deployment.pause_ring), None)
    name = deployment.pause_ring if ring is None else ring.name
    verdict = f": {ring.verdict_reason}" if ring is not None and ring.verdict_reason else ""
    match deployment.pause_code:
        case PauseCode.REQUESTED:
            return f"{actor} paused it: {deployment.reason}"
        case PauseCode.GATE_FAILED:
            return f"ring {name} failed its gate{verdict}"
        case PauseCode.STALLED | PauseCode.REHEARSAL_FAILED:
            return f"ring {name} {holds.CANNOT_GO_ON[deployment.pause_code]}{verdict}"
        case PauseCode.COMMAND_FAILED:
            return f"ring {name}: {refusal or 'a connector refused a command'}"
        case PauseCode.UNCONFIRMED:
            return "break-glass was used, and no second person confirmed it in time"
        case _:
            return deployment.reason


def _actors(session: Session, deployment_ids: Collection[int]) -> dict[int, str]:
    """Who paused each deployment last; found from the end of its events, so it costs little while it is paused."""
    newest = (
        select(Event.actor)
        .where(Event.deployment_id == Deployment.id, Event.type == "deployment.paused")
        .order_by(Event.id.desc())
        .limit(1)
        .lateral()
    )
    statement = select(Deployment.id, newest.c.actor).join(newest, true()).where(Deployment.id.in_(deployment_ids))
    return {row.id: row.actor for row in session.execute(statement)}


def _refusals(session: Session, deployment_ids: Collection[int]) -> dict[int, str]:
    """The latest refusal of a command of each deployment."""
    statement = (
        select(Command.deployment_id, Command.connector, Command.error)
        .where(Command.deployment_id.in_(deployment_ids), Command.state == CommandState.FAILED)
        .order_by(Command.deployment_id, Command.id.desc())
        .ext(distinct_on(Command.deployment_id))
    )
    return {
        row.deployment_id: f"connector {row.connector} refused a command: {row.error}"
        for row in session.execute(statement)
    }
