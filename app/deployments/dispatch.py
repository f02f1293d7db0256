"""Commands on their way: delivered to a connector exactly once, then asked for results until all are in.

Nothing is sent before the command's row says so, and a command that may have been sent is looked up by its key
before it is sent again; so a process may die between any two lines here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import select, text

from app import clock
from app.connectors import service as connectors
from app.connectors.protocol import (
    Connector,
    ConnectorError,
    ErrorClass,
    Publication,
    ReleaseRef,
    ResultPage,
    Withdrawal,
)
from app.deployments import holds, reports, validation
from app.deployments.models import Application, Command, Deployment, Release, Ring
from app.deployments.rules import states
from app.deployments.rules.rings import Lot, Plan
from app.deployments.rules.states import AssignmentState, CommandState, DeploymentState, Purpose, Verb
from app.deployments.transitions import SYSTEM, pause, record
from app.events.unit import Unit, unit_of_work
from app.queue import Job

log = structlog.get_logger()

SENDING_LASTS = timedelta(seconds=8)
"""After this a command that is still `sending` lost its worker."""
POLL = timedelta(seconds=1)
PAGE_SIZE = 10_000
PAGES_PER_JOB = 20
FIRST_BACKOFF, LONGEST_BACKOFF = 1.0, 60.0

_CLAIM = text("""
    WITH unclaimed AS (
        SELECT id FROM assignments
         WHERE ring_id = :ring AND connector = :connector AND state = 'pending' AND command_id IS NULL
           AND release_id IS NOT DISTINCT FROM CAST(:release AS bigint)
         ORDER BY id LIMIT :size FOR UPDATE
    )
    UPDATE assignments SET command_id = :command FROM unclaimed WHERE assignments.id = unclaimed.id
""")
_DEVICES = text("""
    SELECT device.external_id
      FROM assignments AS assignment JOIN devices AS device ON device.id = assignment.device_id
     WHERE assignment.command_id = :command
     ORDER BY assignment.id
""")
_ONE_DEVICE = text("SELECT external_id FROM devices WHERE id = :device AND retired_at IS NULL")
_LOCK_PENDING = "SELECT id FROM assignments WHERE command_id = :command AND state = 'pending' ORDER BY id FOR UPDATE"
_DISPATCH = text(f"""
    WITH pending AS ({_LOCK_PENDING})
    UPDATE assignments SET state = 'dispatched', dispatched_at = :now FROM pending WHERE assignments.id = pending.id
""")
_RELEASE = text(f"""
    WITH pending AS ({_LOCK_PENDING})
    UPDATE assignments SET command_id = NULL FROM pending WHERE assignments.id = pending.id
""")


@dataclass(frozen=True)
class _Order:
    """What a connector is to be told, and what is known of it."""

    connector: str
    instruction: Publication | Withdrawal
    look_up: bool
    """It may have been told before: ask for the key first."""
    may_send: bool
    """Its deployment runs and nothing holds it."""


def deliver(command_id: int) -> None:
    """Give a command to its connector and remember the answer."""
    order = _begin(command_id)
    if order is None:
        return
    told = order.instruction
    try:
        ref = connectors.call(order.connector, "find", lambda it: it.find(told.key)) if order.look_up else None
        if ref is None and not order.may_send:
            raise ConnectorError(ErrorClass.TRANSIENT, "it was never sent, and its deployment does not run now")
        if ref is None:
            ref = connectors.call(order.connector, *_call_of(told))
    except ConnectorError as error:
        _book_failure(command_id, error)
        return
    _confirm(command_id, ref)


def _call_of(told: Publication | Withdrawal) -> tuple[str, Callable[[Connector], str]]:
    """The connector's operation that carries the instruction out."""
    if isinstance(told, Withdrawal):
        return Verb.WITHDRAW.value, lambda it: it.withdraw(told)
    return Verb.PUBLISH.value, lambda it: it.publish(told)


def collect(command_id: int) -> None:
    """Ask for a command's results and ingest each page together with the cursor that follows it."""
    for _ in range(PAGES_PER_JOB):
        with unit_of_work(SYSTEM) as unit:
            command = unit.session.get(Command, command_id)
            if command is None or command.state is not CommandState.CONFIRMED or command.due_at is None:
                return
            connector, ref, cursor = command.connector, command.external_ref or "", command.cursor
        try:
            page = connectors.call(connector, "results", lambda it, ref=ref, at=cursor: it.results(ref, at, PAGE_SIZE))  # type: ignore[misc]  # bound at once
        except ConnectorError as error:
            log.warning("results were not read; the sweep asks again", command_id=command_id, error=str(error))
            return
        if not _ingest_page(connector, command_id, cursor, page):
            return


def _begin(command_id: int) -> _Order | None:
    """Mark a command as being sent; None if it must not be sent now."""
    with unit_of_work(SYSTEM) as unit:
        session = unit.session
        deployment = session.execute(
            select(Deployment)
            .join(Command, Command.deployment_id == Deployment.id)
            .where(Command.id == command_id)
            .with_for_update(read=True, of=Deployment)
            .execution_options(populate_existing=True)
        ).scalar_one_or_none()
        command = _lock(unit, command_id)
        if deployment is None or command is None:
            return None
        now = clock.now()
        may_send = _may_send(unit, deployment, command)
        if command.state in (CommandState.QUEUED, CommandState.RETRY_WAIT):
            if not may_send:
                return None
        elif command.state not in (CommandState.SENDING, CommandState.UNKNOWN) or (
            command.attempted_at and now - command.attempted_at < SENDING_LASTS
        ):
            return None
        if command.state is CommandState.QUEUED and command.purpose is Purpose.ROLLOUT:
            parameters = {
                "ring": command.ring_id,
                "connector": command.connector,
                "release": command.release_id,
                "size": command.size,
                "command": command.id,
            }
            session.execute(_CLAIM, parameters)
        look_up = command.tries > 0
        if command.state is not CommandState.SENDING:
            move(command, CommandState.SENDING)
        command.attempted_at, command.tries = now, command.tries + 1
        command.due_at = now + SENDING_LASTS
        devices = _devices(unit, command)
        if not devices:
            _, ring = _parents(unit, command)
            move(command, CommandState.FAILED)
            command.due_at, command.error = None, "every device had reported by itself, or was retired"
            ring.sending -= command.size
            if command.purpose is Purpose.VALIDATION:
                validation.heard(unit, deployment, ring, command, AssignmentState.RETIRED.value)
            return None
        return _Order(command.connector, _instruction(unit, deployment, command, devices), look_up, may_send)


def _may_send(unit: Unit, deployment: Deployment, command: Command) -> bool:
    """Whether the command may leave now: a remediation is for what has ended, everything else for what runs."""
    if command.purpose is not Purpose.REMEDIATION and deployment.state is not DeploymentState.RUNNING:
        return False
    return not holds.stopping(unit.session, deployment, Plan.from_json(deployment.plan), clock.now())


def _devices(unit: Unit, command: Command) -> Sequence[str]:
    if command.purpose is Purpose.ROLLOUT:
        return unit.session.execute(_DEVICES, {"command": command.id}).scalars().all()
    return unit.session.execute(_ONE_DEVICE, {"device": command.device_id}).scalars().all()


def _instruction(
    unit: Unit, deployment: Deployment, command: Command, devices: Sequence[str]
) -> Publication | Withdrawal:
    """The command in the connector's words. Whoever returns to another release gives up the deployment's own."""
    ring = unit.session.get_one(Ring, command.ring_id)
    own = _release(unit, deployment.release_id)
    if command.verb is Verb.WITHDRAW:
        return Withdrawal(command.key, ring.key, own, devices)
    if command.release_id is None or command.release_id == deployment.release_id:
        return Publication(command.key, ring.key, own, devices)
    return Publication(command.key, ring.key, _release(unit, command.release_id), devices, replaces=own)


def _release(unit: Unit, release_id: int) -> ReleaseRef:
    release = unit.session.get_one(Release, release_id)
    application = unit.session.get_one(Application, release.application_id)
    return ReleaseRef(application.name, release.version, release.platform, release.artifact_hash)


def _confirm(command_id: int, ref: str) -> None:
    with unit_of_work(SYSTEM) as unit:
        command = _lock(unit, command_id, wait=True)
        if command is None or command.state is CommandState.CONFIRMED:
            return
        deployment, ring = _parents(unit, command)
        now = clock.now()
        move(command, CommandState.CONFIRMED)
        command.external_ref, command.confirmed_at, command.due_at, command.error = ref, now, now + POLL, None
        ring.sending -= command.size
        if command.purpose is not Purpose.ROLLOUT:
            return
        result = unit.session.execute(_DISPATCH, {"command": command.id, "now": now})
        devices = int(result.rowcount)  # type: ignore[attr-defined]  # an UPDATE always has one
        ring.dispatched += devices
        ring.dispatched_at = ring.dispatched_at or now
        record(
            unit,
            deployment,
            "command.confirmed",
            ring=ring.key,
            connector=command.connector,
            devices=devices,
            key=command.key,
        )


def _book_failure(command_id: int, error: ConnectorError) -> None:
    """Try again later, or, where trying again is no use, give the devices back and ask a person."""
    with unit_of_work(SYSTEM) as unit:
        command_deployment = select(Command.deployment_id).where(Command.id == command_id).scalar_subquery()
        deployment = unit.session.execute(
            select(Deployment)
            .where(Deployment.id == command_deployment)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).scalar_one()
        command = _lock(unit, command_id, wait=True)
        if command is None or command.state is not CommandState.SENDING:
            return
        now = clock.now()
        command.error = str(error)[:500]
        if error.error_class in (ErrorClass.TRANSIENT, ErrorClass.UNKNOWN):
            unknown = error.error_class is ErrorClass.UNKNOWN
            move(command, CommandState.UNKNOWN if unknown else CommandState.RETRY_WAIT)
            backoff = min(FIRST_BACKOFF * 2 ** (command.tries - 1), LONGEST_BACKOFF)
            command.due_at = now + timedelta(seconds=max(backoff, error.retry_after or 0.0))
            if not unknown and deployment.state not in states.LIVE_DEPLOYMENT:
                _settle_again(unit, deployment)
            return
        _, ring = _parents(unit, command)
        move(command, CommandState.FAILED)
        command.due_at = None
        released = int(unit.session.execute(_RELEASE, {"command": command.id}).rowcount)  # type: ignore[attr-defined]  # as above
        ring.sending -= command.size
        if command.purpose is Purpose.VALIDATION:
            validation.heard(unit, deployment, ring, command, AssignmentState.FAILED.value)
        lot = Lot(command.connector, command.release_id, command.verb).key
        if released:
            ring.waiting = {**ring.waiting, lot: ring.waiting.get(lot, 0) + released}
        record(
            unit,
            deployment,
            "command.failed",
            ring=ring.key,
            connector=command.connector,
            error_class=error.error_class.value,
            detail=command.error,
        )
        if deployment.state is DeploymentState.RUNNING:
            pause(unit, deployment, f"command_failed:{command.connector}")
        elif deployment.state not in states.LIVE_DEPLOYMENT:
            _settle_again(unit, deployment)


def _settle_again(unit: Unit, deployment: Deployment) -> None:
    """A command that was on its way when its deployment ended has come back with its devices."""
    deployment.due_at = clock.now()
    unit.enqueue(Job.SETTLE, deployment.id)


def _ingest_page(connector: str, command_id: int, cursor: int, page: ResultPage) -> bool:
    """Ingest a page if no one else has; True if another one is waiting."""
    with unit_of_work(f"connector:{connector}") as unit:
        command = _lock(unit, command_id)
        if command is None or command.cursor != cursor:
            return False
        command.cursor = page.cursor
        has_more = len(page.results) == PAGE_SIZE and not page.exhausted
        command.due_at = None if page.exhausted else clock.now() + POLL
        if not has_more:
            command.collected_at = clock.now()
        if command.purpose is Purpose.VALIDATION:
            deployment, ring = _parents(unit, command)
            for result in page.results:
                validation.heard(unit, deployment, ring, command, result.outcome)
        elif page.results and command.purpose is Purpose.ROLLOUT:
            rows = [reports.Row(**vars(it), deployment_id=command.deployment_id) for it in page.results]
            if reports.ingest(unit, connector, rows).moved:
                unit.enqueue(Job.ADVANCE, command.deployment_id)
        return has_more


def move(command: Command, target: CommandState) -> None:
    """Change a command's state by the table. Raises IllegalMove."""
    states.check(states.COMMAND, command.state, target)
    command.state = target


def _lock(unit: Unit, command_id: int, wait: bool = False) -> Command | None:
    return unit.session.execute(
        select(Command)
        .where(Command.id == command_id)
        .with_for_update(skip_locked=not wait)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _parents(unit: Unit, command: Command) -> tuple[Deployment, Ring]:
    """The command's deployment, read, and its ring, locked."""
    ring = unit.session.execute(
        select(Ring).where(Ring.id == command.ring_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one()
    return unit.session.get_one(Deployment, command.deployment_id), ring
