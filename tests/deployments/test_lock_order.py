"""Locks are taken in one order: deployment, command, ring, assignments. Otherwise two jobs could wait in a circle."""

from __future__ import annotations

from sqlalchemy import text

from tests.support.api import Api
from tests.support.jobs import Work


def test_claiming_devices_never_waits_for_a_ring(api: Api, work: Work) -> None:
    """Whoever has the ring may be about to lock its devices, which the claim has locked."""
    from app.db import db
    from app.deployments import dispatch, progress

    api.register(500)
    deployment = api.deploy()["id"]
    progress.plan(deployment)
    progress.advance(deployment)
    with db.engine.connect() as holder:
        holder.execute(text("SELECT id FROM rings ORDER BY id FOR UPDATE"))
        db.session.execute(text("SET SESSION lock_timeout = '2s'"))
        db.session.commit()
        try:
            begun = dispatch._begin(1)
        finally:
            db.session.rollback()
            db.session.execute(text("RESET lock_timeout"))
            db.session.commit()
            holder.rollback()
    assert begun is not None
