"""Reconciliation: every connector is asked what its devices have; differences become findings.

Nothing is concluded from what a connector did not say: a device is missing only after the whole inventory was read.
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
from app.db import alone
from app.deployments.models import Deployment
from app.drift import comparing
from app.drift.comparing import Subject
from app.drift.errors import FindingClosed, NoSuchFinding
from app.drift.models import DriftFinding, FindingState
from app.events.unit import SYSTEM, unit_of_work
from app.queue import Job
from app.releases.models import Application

log = structlog.get_logger()

PAGE_SIZE = 5_000
"""Devices asked for at once, and compared in one transaction."""
_OPEN_TO_ACCEPTANCE = (FindingState.OPEN, FindingState.REMEDIATING, FindingState.NEEDS_PERSON)


def reconcile() -> None:
    """Ask for a comparison of each application on each platform; the newest deployment there stands for the pair."""
    with unit_of_work(SYSTEM) as unit:
        begun = select(func.max(Deployment.id)).where(Deployment.started_at.is_not(None))
        for deployment_id in unit.session.execute(
            begun.group_by(Deployment.application_id, Deployment.platform).order_by(func.max(Deployment.id))
        ).scalars():
            unit.enqueue(Job.COMPARE, deployment_id)


def compare(deployment_id: int, page_size: int = PAGE_SIZE) -> None:
    """Compare what every connector reports of a deployment's application with what its devices should have."""
    for subject in _subjects(deployment_id):
        with alone(f"drift:{subject.application_id}:{subject.platform}:{subject.connector}") as is_alone:
            if not is_alone:
                continue
            try:
                _compare(subject, page_size)
            except ConnectorError as error:
                log.warning(
                    "an inventory was not read to its end; what it did not say is not concluded from",
                    connector=subject.connector,
                    application=subject.application,
                    error=str(error),
                )


def _subjects(deployment_id: int) -> list[Subject]:
    """The connectors that were told of the deployment's application on its platform, with both."""
    with unit_of_work(SYSTEM) as unit:
        own = unit.session.execute(
            select(Application.id, Application.name, Deployment.platform)
            .join(Deployment, Deployment.application_id == Application.id)
            .where(Deployment.id == deployment_id)
        ).first()
        if own is None:
            return []
        told = (
            select(Command.connector)
            .join(Deployment, Deployment.id == Command.deployment_id)
            .where(
                Deployment.application_id == own.id,
                Deployment.platform == own.platform,
                Command.state == CommandState.CONFIRMED,
            )
            .distinct()
            .order_by(Command.connector)
        )
        known = registry.names()
        return [
            Subject(own.id, own.name, own.platform, name)
            for name in unit.session.execute(told).scalars()
            if name in known
        ]


def _compare(subject: Subject, page_size: int) -> None:
    """Read the inventory page by page, outside of any transaction; then look for those it does not have."""
    since = clock.now()
    present = array("q")  # eight bytes for each device, of which there may be a million
    for items in _pages(subject, page_size):
        with unit_of_work(SYSTEM) as unit:
            versions = {item.external_id: item.version for item in items}
            ids = comparing.devices(unit.session, subject, list(versions))
            comparing.compare(unit, subject, ((id, versions[name]) for name, id in ids.items()), since)
        present.extend(ids.values())
    _look_for_absent(subject, array("q", sorted(present)), since, page_size)


def _pages(subject: Subject, size: int) -> Iterator[list[InventoryItem]]:
    """The inventory's pages. Raises ConnectorError, also for an inventory that does not get on."""
    cursor = ""
    while True:
        page = calling.call(subject.connector, "inventory", _inventory_after(subject, cursor, size))
        if page.items:
            yield list(page.items)
        if page.exhausted:
            return
        if page.cursor == cursor:
            raise ConnectorError(ErrorClass.PERMANENT, f"the inventory does not get on from {cursor!r}")
        cursor = page.cursor


def _inventory_after(subject: Subject, cursor: str, size: int) -> Callable[[Connector], InventoryPage]:
    return lambda connector: connector.inventory(subject.application, subject.platform, cursor, size)


def _look_for_absent(subject: Subject, present: array[int], since: datetime, batch_size: int) -> None:
    """Compare those that should have the application, or had a finding, and are not in the inventory."""
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
    place = bisect_left(present, device_id)
    return place < len(present) and present[place] == device_id


def accept(actor: str, finding_id: int, reason: str) -> None:
    """Let a device stay as it is, until it changes again. Raises NoSuchFinding, FindingClosed."""
    with unit_of_work(actor) as unit:
        finding = unit.session.get(DriftFinding, finding_id, with_for_update=True, populate_existing=True)
        if finding is None:
            raise NoSuchFinding(f"There is no finding {finding_id}.")
        if finding.state not in _OPEN_TO_ACCEPTANCE:
            raise FindingClosed(f"Finding {finding_id} is {finding.state} already.")
        finding.state, finding.next_try_at = FindingState.ACCEPTED, None
        about = {"finding_id": finding_id, "device_id": finding.device_id, "kind": finding.kind.value}
        unit.record("drift.accepted", {**about, "reason": reason}, deployment_id=finding.deployment_id)
