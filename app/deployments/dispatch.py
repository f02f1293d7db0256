"""Commands are delivered to a connector exactly once, then their results are collected until there are no more.

A command's row says `sending` before anything is sent, and a command that may have been sent is looked up by its key
before it is sent again. So a process may die between any two lines here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.commands import service as commands
from app.commands.models import Command
from app.commands.states import (
    LONGEST_WAIT,
    REFUSALS,
    STOPPABLE,
    UNSENT,
    CommandFailure,
    CommandState,
    Purpose,
    Verb,
    retry_wait,
)
from app.connectors import calling, registry
from app.connectors.circuits import BreakerOpen
from app.connectors.protocol import Connector, ConnectorError, Publication, ResultPage, Withdrawal
from app.db import locked
from app.deployments import holds, packaged, rollback
from app.deployments.models import Deployment, Ring
from app.deployments.purposes import PURPOSES, parents
from app.deployments.rules import states
from app.deployments.rules.rings import Plan
from app.deployments.rules.states import AssignmentState, DeploymentState, PauseCode
from app.deployments.transitions import pause, record, settle_soon
from app.events.unit import SYSTEM, Unit, unit_of_work
from app.http.serialization import timestamp

log = structlog.get_logger()

NO_DEVICES = "not sent: its devices reported, changed or were retired"
PAGE_SIZE = 10_000
PAGES_PER_JOB = 20


@dataclass(frozen=True)
class _Delivery:
    """An instruction for a connector, and how to deliver it."""

    connector: str
    instruction: Publication | Withdrawal
    look_up: bool
    """Whether it may have been sent before: look it up by its key first."""
    may_send: bool
    """Whether its purpose allows it to be sent now and no hold is active."""


def deliver(command_id: int) -> None:
    """Deliver a command to its connector and store the outcome."""
    delivery = _begin(command_id)
    if delivery is None:
        return
    instruction = delivery.instruction
    try:
        ref = None
        if delivery.look_up:
            ref = calling.call(delivery.connector, "find", lambda connector: connector.find(instruction.key))
        if ref is None and not delivery.may_send:
            _fail(command_id, CommandFailure.NOT_RUNNING, "not sent: its deployment is not running")
            return
        if ref is None and not instruction.devices:
            _leave(command_id)
            return
        if ref is None and (refusal := _lack(delivery)) is not None:
            _fail(command_id, CommandFailure.PERMANENT, refusal)
            return
        if ref is None:
            ref = calling.call(delivery.connector, *_call_of(instruction))
    except ConnectorError as error:
        was_called = not isinstance(error, BreakerOpen)
        failure = CommandFailure(error.error_class.value) if was_called else CommandFailure.BREAKER_OPEN
        _fail(command_id, failure, str(error), error.retry_after)
        return
    _confirm(command_id, ref)


def _lack(delivery: _Delivery) -> str | None:
    """Why the connector is not even asked to install the release; None if it is."""
    instruction, connector = delivery.instruction, delivery.connector
    if isinstance(instruction, Withdrawal) or instruction.release.package is not None:
        return None
    if not registry.kind(connector).needs_package:
        return None
    return f"{instruction.release.application} {instruction.release.version} has no package for {connector}; store one"


def _call_of(instruction: Publication | Withdrawal) -> tuple[str, Callable[[Connector], str]]:
    """The connector's operation for the instruction, and the call."""
    if isinstance(instruction, Withdrawal):
        return Verb.WITHDRAW.value, lambda connector: connector.withdraw(instruction)
    return Verb.PUBLISH.value, lambda connector: connector.publish(instruction)


def collect(command_id: int) -> None:
    """Read a command's results; each page is ingested in one transaction with the cursor that follows it."""
    for _ in range(PAGES_PER_JOB):
        with unit_of_work(SYSTEM) as unit:
            command = unit.session.get(Command, command_id)
            if command is None or command.state is not CommandState.CONFIRMED or command.due_at is None:
                return
            name, ref, cursor = command.connector, command.external_ref or "", command.cursor
            shall_stop = _shall_stop(unit.session, command)
        try:
            if shall_stop:
                _call_off(command_id, name, ref)
            page = calling.call(name, "results", _results_after(ref, cursor))
        except ConnectorError as error:
            log.warning("results were not read; the sweep retries", command_id=command_id, error=str(error))
            _read_later(command_id, error)
            return
        if not _ingest_page(name, command_id, cursor, page):
            return


def _shall_stop(session: Session, command: Command) -> bool:
    """Whether the connector has still to be told that devices which have not begun shall not."""
    if command.called_off_at is not None or command.purpose is not Purpose.ROLLOUT:
        return False
    return rollback.is_over_early(session, session.get_one(Deployment, command.deployment_id))


def _call_off(command_id: int, name: str, ref: str) -> None:
    """Have the connector stop an instruction, once."""
    calling.call(name, "cancel", lambda connector: connector.cancel(ref))
    with unit_of_work(SYSTEM) as unit:
        command = commands.lock(unit.session, command_id, wait=True)
        if command is not None:
            command.called_off_at = clock.now()


def _results_after(ref: str, cursor: str) -> Callable[[Connector], ResultPage]:
    return lambda connector: connector.results(ref, cursor, PAGE_SIZE)


def _read_later(command_id: int, error: ConnectorError) -> None:
    """Store why the results could not be read, and leave the vendor alone as long as it asked for, up to a minute."""
    with unit_of_work(SYSTEM) as unit:
        command = commands.lock(unit.session, command_id, wait=False)
        if command is None or command.state is not CommandState.CONFIRMED or command.due_at is None:
            return
        if error.retry_after:
            command.due_at = clock.now() + timedelta(seconds=min(error.retry_after, LONGEST_WAIT))
        command.error = _sentence(str(error), command.due_at if error.retry_after else None)


def _sentence(error: str, until: datetime | None) -> str:
    """The fault as a sentence; `until` is when the vendor may be called again, if it asked us to wait."""
    asked = "" if until is None else f"; it asked us to wait until {timestamp(until)}"
    return error[: 500 - len(asked)] + asked


def _begin(command_id: int) -> _Delivery | None:
    """Mark a command as `sending` and choose its devices; None if it must not be delivered now."""
    with unit_of_work(SYSTEM) as unit:
        of_command = select(Deployment).join(Command, Command.deployment_id == Deployment.id)
        statement = locked(of_command.where(Command.id == command_id), share=True, of=Deployment)
        deployment = unit.session.execute(statement).scalar_one_or_none()
        command = commands.lock(unit.session, command_id, wait=False)
        if deployment is None or command is None:
            return None
        now = clock.now()
        call_lasts = timedelta(seconds=registry.pace(command.connector).call_lasts)
        if _is_left_over(deployment, command):
            _, ring = parents(unit, command)
            commands.stop(command)
            ring.stop_sending(command.size)
            return None
        may_send = _may_send(unit, deployment, command)
        if command.state in UNSENT and clock.is_ahead(command.attempted_at, now):
            # The clock was set back, so nobody knows how old the last call is: it gets its whole time again.
            command.attempted_at, command.due_at = now, now + call_lasts
        if not _is_due(command, may_send, now - call_lasts):
            return None
        purpose = PURPOSES[command.purpose]
        if command.state in STOPPABLE:
            purpose.claim(unit, command)
        look_up = command.tries > 0
        if command.state is not CommandState.SENDING:
            commands.move(command, CommandState.SENDING)
        command.attempted_at, command.tries = now, command.tries + 1
        command.due_at = now + call_lasts
        devices = purpose.devices(unit, command)
        if not devices and not look_up:
            _stop(unit, deployment, command, CommandFailure.NO_DEVICES, NO_DEVICES, AssignmentState.RETIRED)
            return None
        return _Delivery(command.connector, _instruction(unit, deployment, command, devices), look_up, may_send)


def _is_due(command: Command, may_send: bool, last_call_over: datetime) -> bool:
    """Whether a delivery may begin; a call that began after `last_call_over` may still be under way."""
    if command.state in STOPPABLE:
        return may_send
    is_sent = command.state in (CommandState.SENDING, CommandState.UNKNOWN)
    return is_sent and (command.attempted_at is None or command.attempted_at <= last_call_over)


def _is_left_over(deployment: Deployment, command: Command) -> bool:
    """Whether the command was issued after its deployment was settled, as by a rehearsal that was still going on."""
    is_settled = deployment.state in states.ENDED and deployment.due_at is None
    return is_settled and command.state in STOPPABLE and PURPOSES[command.purpose].ends_with_deployment


def _may_send(unit: Unit, deployment: Deployment, command: Command) -> bool:
    """Whether the command may be sent now: its purpose allows it, and no hold is active."""
    if not PURPOSES[command.purpose].may_send(deployment):
        return False
    return not holds.stopping(unit.session, deployment, Plan.from_json(deployment.plan), clock.now())


def _instruction(
    unit: Unit, deployment: Deployment, command: Command, devices: Sequence[str]
) -> Publication | Withdrawal:
    """The command as its connector takes it; a command for another release replaces the deployment's own release."""
    ring = unit.session.get_one(Ring, command.ring_id)
    own = packaged.reference(unit.session, deployment, deployment.release_id, command.connector)
    if command.verb is Verb.WITHDRAW:
        return Withdrawal(command.key, ring.name, own, devices)
    if command.release_id is None or command.release_id == deployment.release_id:
        return Publication(command.key, ring.name, own, devices)
    other = packaged.reference(unit.session, deployment, command.release_id, command.connector)
    return Publication(command.key, ring.name, other, devices, replaces=own)


def _confirm(command_id: int, ref: str) -> None:
    with unit_of_work(SYSTEM) as unit:
        command = commands.lock(unit.session, command_id, wait=True)
        if command is None or command.state is CommandState.CONFIRMED:
            return
        deployment, ring = parents(unit, command)
        commands.move(command, CommandState.CONFIRMED)
        command.external_ref, command.confirmed_at = ref, clock.now()
        command.due_at = command.confirmed_at + _between_results(command.connector)
        ring.stop_sending(command.size)
        PURPOSES[command.purpose].confirmed(unit, deployment, ring, command)


def _leave(command_id: int) -> None:
    """Stop a command that the vendor does not have and whose devices need it no longer."""
    with unit_of_work(SYSTEM) as unit:
        command = commands.lock(unit.session, command_id, wait=True)
        if command is not None and command.state is CommandState.SENDING:
            deployment = unit.session.get_one(Deployment, command.deployment_id)
            _stop(unit, deployment, command, CommandFailure.NO_DEVICES, NO_DEVICES, AssignmentState.RETIRED)


def _fail(command_id: int, failure: CommandFailure, error: str, retry_after: float | None = None) -> None:
    """Retry the command later; if no retry can help, free its devices and pause the deployment."""
    with unit_of_work(SYSTEM) as unit:
        of_command = select(Command.deployment_id).where(Command.id == command_id).scalar_subquery()
        statement = locked(select(Deployment).where(Deployment.id == of_command))
        deployment = unit.session.execute(statement).scalar_one()
        command = commands.lock(unit.session, command_id, wait=True)
        if command is None or command.state is not CommandState.SENDING:
            return
        if failure in REFUSALS:
            _give_up(unit, deployment, command, failure, _sentence(error, None))
            return
        is_unknown = failure is CommandFailure.UNKNOWN
        command.due_at = clock.now() + retry_wait(command.tries, retry_after)
        sentence = _sentence(error, command.due_at if retry_after else None)
        commands.move(command, CommandState.UNKNOWN if is_unknown else CommandState.RETRY_WAIT, failure, sentence)
        if not is_unknown and deployment.state not in states.LIVE:
            settle_soon(unit, deployment)


def _give_up(unit: Unit, deployment: Deployment, command: Command, failure: CommandFailure, error: str) -> None:
    """Stop a command that the vendor refuses, and pause its deployment."""
    ring = _stop(unit, deployment, command, failure, error, AssignmentState.FAILED)
    about = {**ring.names, "connector": command.connector, "error_class": failure.value, "detail": error}
    record(unit, deployment, "command.failed", **about)
    if deployment.state is DeploymentState.RUNNING:
        reason = f"{PauseCode.COMMAND_FAILED}:{command.connector}"
        pause(unit, deployment, PauseCode.COMMAND_FAILED, reason, ring.key)
    elif deployment.state not in states.LIVE:
        settle_soon(unit, deployment)


def _stop(
    unit: Unit,
    deployment: Deployment,
    command: Command,
    failure: CommandFailure,
    error: str,
    device_state: AssignmentState,
) -> Ring:
    """Fail a command that no connector carries out; returns its ring, locked."""
    _, ring = parents(unit, command)
    commands.move(command, CommandState.FAILED, failure, error)
    ring.stop_sending(command.size)
    PURPOSES[command.purpose].failed(unit, deployment, ring, command, device_state)
    return ring


def _ingest_page(name: str, command_id: int, cursor: str, page: ResultPage) -> bool:
    """Ingest a page unless another process has; True if there is another page now."""
    with unit_of_work(f"connector:{name}") as unit:
        command = commands.lock(unit.session, command_id, wait=False)
        if command is None or command.cursor != cursor:
            return False
        command.cursor = page.cursor
        has_more = len(page.results) == PAGE_SIZE and not page.exhausted
        command.due_at = None if page.exhausted else clock.now() + _between_results(name)
        command.error = None
        if not has_more:
            command.collected_at = clock.now()
        PURPOSES[command.purpose].collected(unit, name, command, page.results)
        return has_more


def _between_results(connector: str) -> timedelta:
    return timedelta(seconds=registry.pace(connector).results_every)
