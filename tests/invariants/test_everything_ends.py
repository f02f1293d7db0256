"""What people do at the end of the property test ends every deployment, also one whose first ring fell silent."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask

from app.connectors import registry
from tests.support.api import deployment
from tests.support.clock import Clock
from tests.support.database import rows
from tests.support.jobs import Work
from tests.support.plans import PLANS
from tests.support.simulation import Behave, Vendors
from tests.support.stage import FAULTLESS, Stage


def test_a_silent_ring_is_resumed_in_vain_and_then_waived(
    database: Flask, work: Work, clock: Clock, behave: Behave
) -> None:
    clock.time = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)  # what strikes the simulated vendor follows from it
    with registry.replaced(Vendors()):
        stage = Stage(database, work, clock, behave)
        stage.register(22)  # six of them in the lab: too many to be silent by chance
        assert stage.send("rita", "PUT", "/ring-plans/plain", PLANS["plain"])[0] == 201
        behave(silent=1)
        assert stage.send("rita", "POST", "/deployments", deployment(plan="plain"))[0] == 201
        stage.let(5, 1)
        behave(**FAULTLESS)
        stage.everything_ends()
    assert rows("SELECT state FROM deployments") == [("completed",)]
    decided = rows("SELECT type FROM events WHERE type IN ('deployment.resumed', 'ring.waived') ORDER BY id")
    assert [row.type for row in decided][:3] == ["deployment.resumed", "ring.waived", "deployment.resumed"]
