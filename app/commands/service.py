"""Creating commands and changing their state; nothing else does either."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session

from app import clock, moves
from app.commands import states
from app.commands.models import Command
from app.commands.states import CommandFailure, CommandState, Purpose, Verb
from app.connectors.breaker import WINDOW, Calls
from app.db import db, locked


@dataclass(frozen=True, kw_only=True)
class Order:
    """A command to create. `parts` make its key unique within the ring; `size` counts devices."""

    deployment_id: int
    ring_id: int
    ring: str
    connector: str
    size: int
    parts: Sequence[object]
    verb: Verb = Verb.PUBLISH
    purpose: Purpose = Purpose.ROLLOUT
    release_id: int | None = None
    device_id: int | None = None

    @property
    def key(self) -> str:
        """The idempotency key."""
        return key(self.deployment_id, self.ring, *self.parts)


def key(deployment_id: int, ring: str, *parts: object) -> str:
    """A command's idempotency key, which keeps the vendor from executing an instruction twice."""
    return ":".join(str(part) for part in (deployment_id, ring, *parts))


def issue(session: Session, orders: Sequence[Order], due_at: datetime) -> list[int]:
    """Create commands in one statement; returns their ids in the order of `orders`. They are due at `due_at`."""
    if not orders:
        return []
    rows = [
        {
            "deployment_id": order.deployment_id,
            "ring_id": order.ring_id,
            "connector": order.connector,
            "verb": order.verb,
            "purpose": order.purpose,
            "release_id": order.release_id,
            "device_id": order.device_id,
            "key": order.key,
            "size": order.size,
            "due_at": due_at,
        }
        for order in orders
    ]
    statement = insert(Command).returning(Command.id, sort_by_parameter_order=True)
    return list(session.execute(statement, rows).scalars())


def move(
    command: Command, target: CommandState, failure: CommandFailure | None = None, error: str | None = None
) -> None:
    """Change a command's state by the table; a failure has a kind and a sentence. Raises IllegalMove."""
    moves.check(states.MOVES, command.state, target)
    command.state = target
    if failure is not None:
        command.failure, command.error = failure, error
    if target is CommandState.CONFIRMED:
        command.failure, command.error = None, None
    if target is CommandState.FAILED:
        command.due_at = None


def lock(session: Session, command_id: int, *, wait: bool) -> Command | None:
    """The command, locked; None if it does not exist or, without `wait`, if another process has it."""
    statement = select(Command).where(Command.id == command_id)
    return session.execute(locked(statement, skip=not wait)).scalar_one_or_none()


def stop_unsent(session: Session, deployment_id: int, purposes: Collection[Purpose]) -> list[Command]:
    """Fail the commands of an ended deployment that no vendor has; returns them."""
    unsent = (
        select(Command)
        .where(
            Command.deployment_id == deployment_id,
            Command.state.in_(states.STOPPABLE),
            Command.purpose.in_(purposes),
        )
        .order_by(Command.id)
    )
    stopped = list(session.execute(locked(unsent)).scalars())
    for command in stopped:
        stop(command)
    return stopped


def stop(command: Command) -> None:
    """Fail a command that no vendor has and whose deployment has ended."""
    move(command, CommandState.FAILED, CommandFailure.DEPLOYMENT_ENDED, "not sent: its deployment has ended")


def recent_calls(connector: str, now: datetime) -> Calls:
    """The commands answered by a connector within the breaker's window, and how many of them failed by its fault."""
    at_fault = Command.state.in_((CommandState.RETRY_WAIT, CommandState.UNKNOWN))
    answered = (
        select(
            func.count().label("made"),
            func.count().filter(at_fault, Command.failure.in_(states.VENDOR_FAULTS)).label("faulty"),
        )
        .where(Command.connector == connector, Command.attempted_at.between(now - WINDOW, now + clock.SKEW))
        .where(Command.state.not_in((CommandState.QUEUED, CommandState.SENDING)))
        .where(or_(Command.failure.is_(None), Command.failure.not_in(states.NEVER_CALLED)))
    )
    with db.engine.connect() as connection:
        row = connection.execute(answered).mappings().one()
    return Calls(row["made"], row["faulty"])
