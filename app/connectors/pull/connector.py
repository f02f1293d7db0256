"""The connector of pulling devices: a publish is stored and waits for them, and results are what they said.

Nothing is sent to a device, so no call of this connector depends on another system.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import Connection, exists, select, text
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.connectors.protocol import (
    ConnectorError,
    DeviceResult,
    ErrorClass,
    InventoryItem,
    InventoryPage,
    Pace,
    Publication,
    ResultPage,
    Withdrawal,
)
from app.connectors.pull import writing
from app.connectors.pull.models import ActionState, PullAction, PullFeedback, PullInstalled, PullInstruction
from app.connectors.pull.settings import PullPackage, PullSettings
from app.db import array_literal, db

RESULTS_EVERY = 1.0
"""Seconds. Reading costs one query of our own database."""
CANNOT_UNINSTALL = "cannot_uninstall"
"""The reason of a device that is to go back to having no release."""
_OPEN = text("""
    INSERT INTO pull_actions (instruction_id, connector, external_id, state, changed_at)
    SELECT :instruction, :connector, device, 'open', :now
      FROM unnest(CAST(:devices AS text[])) WITH ORDINALITY AS named(device, n) ORDER BY n
""")


class PullConnector:
    """Implements `Connector`. Each call is a transaction of its own."""

    def __init__(self, name: str, settings: PullSettings) -> None:
        self.name, self.settings = name, settings

    @property
    def pace(self) -> Pace:
        """Results are in our own database."""
        return Pace(results_every=RESULTS_EVERY)

    def publish(self, publication: Publication) -> str:
        """Let the devices find the release at their next poll. What else they were to do of the application is over."""
        release, package = publication.release, publication.release.package
        if package is None:
            _refuse(f"{release.application} {release.version} has no package for connector {self.name}")
        if not package.files:
            _refuse(f"package {package.id} of {release.application} {release.version} has no file; name one")
        now = clock.now()
        part = PullPackage.model_validate(package.content).part
        with db.engine.begin() as connection:
            created = self._instruct(connection, publication, now, part, [vars(file) for file in package.files])
            if created is not None:
                about = {"connector": self.name, "devices": array_literal(list(publication.devices)), "now": now}
                connection.execute(_OPEN, {"instruction": created, **about})
                writing.replace(connection, created, release.application, about)
        return self._stored(publication.key)

    def withdraw(self, withdrawal: Withdrawal) -> str:
        """The protocol has no uninstallation: what the devices have not begun is over, and each says that it cannot."""
        now, application = clock.now(), withdrawal.release.application
        with db.engine.begin() as connection:
            created = self._instruct(connection, withdrawal, now, "", [])
            if created is not None:
                about = {"connector": self.name, "devices": array_literal(list(withdrawal.devices)), "now": now}
                writing.replace(connection, created, application, about)
                steps = [(created, device, "failed", CANNOT_UNINSTALL) for device in withdrawal.devices]
                writing.record(connection, self.name, steps, now)
        return self._stored(withdrawal.key)

    def _instruct(
        self,
        connection: Connection,
        instruction: Publication | Withdrawal,
        now: datetime,
        part: str,
        files: list[dict[str, Any]],
    ) -> int | None:
        """Store an instruction; None if its key is known."""
        values = {
            "connector": self.name,
            "key": instruction.key,
            "application": instruction.release.application,
            "version": instruction.release.version,
            "platform": instruction.release.platform,
            "part": part,
            "files": files,
            "published_at": now,
        }
        statement = insert(PullInstruction).values(values).on_conflict_do_nothing()
        return connection.execute(statement.returning(PullInstruction.id)).scalar_one_or_none()

    def _stored(self, key: str) -> str:
        ref = self._ref(key)
        if ref is None:
            raise ConnectorError(ErrorClass.UNKNOWN, f"{key} was not stored")
        return ref

    def cancel(self, ref: str) -> None:
        """Ask the devices that have not finished not to begin, or to stop if they can."""
        with db.engine.begin() as connection:
            writing.call_off(connection, _number(ref), clock.now())

    def find(self, key: str) -> str | None:
        """The reference of the publication under `key`."""
        return self._ref(key)

    def _ref(self, key: str) -> str | None:
        with db.engine.connect() as connection:
            found = connection.execute(
                select(PullInstruction.id).where(PullInstruction.key == key)
            ).scalar_one_or_none()
        return None if found is None else str(found)

    def results(self, ref: str, cursor: str, limit: int) -> ResultPage:
        """What the devices said since; the cursor is the last step that was read."""
        instruction, after = _number(ref), _number(cursor) if cursor else 0
        with db.engine.connect() as connection:
            # First: a step that is committed between the two is read, or the next read has it.
            is_open = connection.execute(
                select(exists().where(PullAction.instruction_id == instruction, PullAction.state != ActionState.OVER))
            ).scalar_one()
            rows = connection.execute(
                select(PullFeedback)
                .where(PullFeedback.instruction_id == instruction, PullFeedback.id > after)
                .order_by(PullFeedback.id)
                .limit(limit)
            ).all()
            if not rows and not is_open:
                self._require_known(connection, instruction)
        results = [DeviceResult(row.external_id, row.id, row.outcome, row.reason, row.at) for row in rows]
        return ResultPage(results, str(rows[-1].id) if rows else cursor, not is_open and len(rows) < limit)

    def _require_known(self, connection: Connection, instruction: int) -> None:
        known = select(exists().where(PullInstruction.id == instruction, PullInstruction.connector == self.name))
        if not connection.execute(known).scalar_one():
            _refuse(f"unknown reference {str(instruction)!r}")

    def inventory(self, application: str, platform: str, cursor: str, limit: int) -> InventoryPage:
        """What devices said that they installed, by external id."""
        statement = (
            select(PullInstalled.external_id, PullInstalled.version)
            .where(
                PullInstalled.connector == self.name,
                PullInstalled.application == application,
                PullInstalled.platform == platform,
                PullInstalled.external_id > (json.loads(cursor) if cursor else ""),
            )
            .order_by(PullInstalled.external_id)
            .limit(limit)
        )
        with db.engine.connect() as connection:
            rows = connection.execute(statement).all()
        items = [InventoryItem(row.external_id, row.version) for row in rows]
        return InventoryPage(items, json.dumps(rows[-1].external_id) if rows else cursor, len(rows) < limit)

    def health(self) -> bool:
        """Whether devices could be given work: our own database responds."""
        with db.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        return True


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        _refuse(f"unknown reference {text!r}")
    return int(text)


def _refuse(detail: str) -> NoReturn:
    raise ConnectorError(ErrorClass.PERMANENT, detail)
