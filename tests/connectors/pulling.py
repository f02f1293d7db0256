"""Devices that pull, around a real connector: what becomes of each depends on its name, the release and the clock."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from app import clock
from app.connectors.protocol import InventoryPage, Package, PackageFile, Publication, ResultPage, Withdrawal
from app.connectors.pull import writing
from app.connectors.pull.connector import PullConnector
from app.connectors.pull.models import ActionState, PullAction, PullInstruction
from app.connectors.pull.settings import PullSettings
from app.connectors.pull.steps import About, Message
from app.db import db

FILE = PackageFile("vpn.swu", 3, "application/octet-stream", "a" * 64, "b" * 40, "c" * 32)
SLOWEST = 3.0
"""Seconds until the last device has finished."""


class PullingFleet(PullConnector):
    """A connector whose devices ask whenever somebody looks at it."""

    def publish(self, publication: Publication) -> str:
        """With a package, which the engine gives to every publication of this kind."""
        self._let_devices_work()
        release = replace(publication.release, package=Package(1, {}, [FILE]))
        return super().publish(replace(publication, release=release))

    def withdraw(self, withdrawal: Withdrawal) -> str:
        self._let_devices_work()
        return super().withdraw(withdrawal)

    def results(self, ref: str, cursor: str, limit: int) -> ResultPage:
        self._let_devices_work()
        return super().results(ref, cursor, limit)

    def inventory(self, application: str, platform: str, cursor: str, limit: int) -> InventoryPage:
        self._let_devices_work()
        return super().inventory(application, platform, cursor, limit)

    def _let_devices_work(self) -> None:
        """Every device whose time has come says what it has to say, the earliest first."""
        with db.engine.connect() as connection:
            rows = connection.execute(
                select(PullAction.id, PullAction.external_id, PullInstruction.version, PullInstruction.published_at)
                .join(PullInstruction, PullInstruction.id == PullAction.instruction_id)
                .where(PullAction.state == ActionState.OPEN)
                .order_by(PullAction.id)
            ).all()
        said = []
        for row in rows:
            fate = hashlib.sha256(f"{row.version} {row.external_id}".encode()).digest()
            done = row.published_at + timedelta(seconds=SLOWEST * (fate[0] + 1) / 256)
            if fate[1] % 5 == 0 or done > clock.now():
                continue  # silent, or still busy
            finished = "failure" if fate[1] % 5 == 1 else "success"
            said += [(done, row.id, row.external_id, "proceeding", "none")]
            said += [(done, row.id, row.external_id, "closed", finished)]
        for _, action, device, execution, finished in sorted(said, key=lambda message: message[0]):
            message = Message(action, device, About.DEPLOYMENT, execution, finished)
            writing.take(self.name, self.settings, [message])


@contextmanager
def pulling(_clock: object) -> Iterator[PullingFleet]:
    yield PullingFleet("edge", PullSettings())
