"""Reconciliation: the inventory of every connector is compared with what its devices should have.

A device counts as missing an application only after the whole inventory was read.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import datetime

import structlog
from sqlalchemy import func, select

from app import clock
from app.commands.models import Command
from app.commands.states import CommandState
from app.connectors import calling, registry
from app.connectors.protocol import Connector, ConnectorError, ErrorClass, InventoryItem, InventoryPage
from app.db import alone, locked
from app.deployments.models import Deployment
from app.drift import comparing, judging
from app.drift.comparing import Subject
from app.drift.errors import FindingClosed, NoSuchFinding
from app.drift.models import DriftFinding, FindingState
from app.events.unit import SYSTEM, unit_of_work
from app.http.versions import IfMatch, require_version
from app.queue import Job
from app.releases.models import Application

log = structlog.get_logger()

PAGE_SIZE = 5_000
"""Devices on one page of an inventory, compared in one transaction."""
_OPEN_TO_ACCEPTANCE = (FindingState.OPEN, FindingState.REMEDIATING, FindingState.NEEDS_PERSON)


def reconcile() -> None:
    """Enqueue a comparison of each application on each platform; the newest deployment there identifies the pair."""
    with unit_of_work(SYSTEM) as unit:
        started = select(func.max(Deployment.id)).where(Deployment.started_at.is_not(None))
        for deployment_id in unit.session.execute(
            started.group_by(Deployment.application_id, Deployment.platform).order_by(func.max(Deployment.id))
        ).scalars():
            unit.enqueue(Job.COMPARE, deployment_id)


def compare(deployment_id: int, page_size: int = PAGE_SIZE) -> None:
    """Compare every connector's inventory of a deployment's application with what the devices should have."""
    for subject in _subjects(deployment_id):
        with alone(f"drift:{subject.application_id}:{subject.platform}:{subject.connector}") as is_alone:
            if not is_alone:
                continue
            try:
                _compare(subject, page_size)
            except ConnectorError as error:
                log.warning(
                    "an inventory was not read to its end; no device counts as missing",
                    connector=subject.connector,
                    application=subject.application,
                    error=str(error),
                )


def _subjects(deployment_id: int) -> list[Subject]:
    """The application and platform of a deployment, with each connector that confirmed a command for them."""
    with unit_of_work(SYSTEM) as unit:
        pair = unit.session.execute(
            select(Application.id, Application.name, Deployment.platform)
            .join(Deployment, Deployment.application_id == Application.id)
            .where(Deployment.id == deployment_id)
        ).first()
        if pair is None:
            return []
        connectors = (
            select(Command.connector)
            .join(Deployment, Deployment.id == Command.deployment_id)
            .where(
                Deployment.application_id == pair.id,
                Deployment.platform == pair.platform,
                Command.state == CommandState.CONFIRMED,
            )
            .distinct()
            .order_by(Command.connector)
        )
        configured = registry.names()
        return [
            Subject(pair.id, pair.name, pair.platform, name)
            for name in unit.session.execute(connectors).scalars()
            if name in configured
        ]


def _compare(subject: Subject, page_size: int) -> None:
    """Read and compare the inventory page by page, outside of any transaction; then compare the absent devices.

    Only then is it known how many devices differ, which decides whether any of them is remediated automatically.
    """
    since = clock.now()
    present = array("q")  # eight bytes per device, of which there may be a million
    for items in _pages(subject, page_size):
        with unit_of_work(SYSTEM) as unit:
            versions = {item.external_id: item.version for item in items}
            ids = comparing.devices(unit.session, subject, list(versions))
            comparing.compare(unit, subject, ((id, versions[name]) for name, id in ids.items()), since)
        present.extend(ids.values())
    _compare_absent(subject, array("q", sorted(present)), since, page_size)
    with unit_of_work(SYSTEM) as unit:
        judging.judge(unit, subject)


def _pages(subject: Subject, size: int) -> Iterator[list[InventoryItem]]:
    """The pages of the inventory. Raises ConnectorError, also if the cursor does not move."""
    cursor = ""
    while True:
        page = calling.call(subject.connector, "inventory", _inventory_after(subject, cursor, size))
        if page.items:
            yield list(page.items)
        if page.exhausted:
            return
        if page.cursor == cursor:
            raise ConnectorError(ErrorClass.PERMANENT, f"the inventory does not continue after the cursor {cursor!r}")
        cursor = page.cursor


def _inventory_after(subject: Subject, cursor: str, size: int) -> Callable[[Connector], InventoryPage]:
    return lambda connector: connector.inventory(subject.application, subject.platform, cursor, size)


def _compare_absent(subject: Subject, present: array[int], since: datetime, batch_size: int) -> None:
    """Compare the devices that should have the application, or have a finding, and are not in the inventory."""
    after = 0
    while True:
        with unit_of_work(SYSTEM) as unit:
            batch = comparing.of_interest(unit.session, subject, after, batch_size)
            absent = [id for id in batch if not _is_in(present, id)]
            if absent:
                comparing.compare(unit, subject, ((id, None) for id in absent), since)
        if len(batch) < batch_size:
            return
        after = batch[-1]


def _is_in(present: array[int], device_id: int) -> bool:
    position = bisect_left(present, device_id)
    return position < len(present) and present[position] == device_id


def accept(actor: str, finding_id: int, reason: str, if_match: IfMatch = None) -> None:
    """Accept a finding: the device may stay as it is until it changes again.

    Raises NoSuchFinding, Stale, FindingClosed.
    """
    with unit_of_work(actor) as unit:
        statement = locked(select(DriftFinding).where(DriftFinding.id == finding_id))
        finding = unit.session.execute(statement).scalar_one_or_none()
        if finding is None:
            raise NoSuchFinding(f"Finding {finding_id} does not exist.")
        require_version("The finding", finding.version, if_match)
        if finding.state not in _OPEN_TO_ACCEPTANCE:
            allowed = sorted(_OPEN_TO_ACCEPTANCE)
            raise FindingClosed(f"Finding {finding_id} is already {finding.state}.", allowed=allowed)
        finding.state, finding.reason, finding.next_try_at = FindingState.ACCEPTED, None, None
        finding.ordered_by = None
        about = {"finding_id": finding_id, "device_id": finding.device_id, "kind": finding.kind.value}
        unit.record("drift.accepted", {**about, "reason": reason}, deployment_id=finding.deployment_id)
