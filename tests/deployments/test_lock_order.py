"""Locks are taken in one order: deployment, command, ring, assignments. Otherwise two jobs could wait in a circle."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import text

from app.db import db
from app.deployments import dispatch, progress
from tests.support.api import Api
from tests.support.threads import together


def test_claiming_devices_never_waits_for_a_ring(api: Api, database: Flask) -> None:
    """Whoever has the ring may be about to lock its devices, which the claim has locked."""
    api.register(500)
    deployment = api.deploy()["id"]
    progress.plan(deployment)
    progress.advance(deployment)

    def begin() -> object:
        with database.app_context():
            return dispatch._begin(1)

    with db.engine.connect() as holder:
        holder.execute(text("SELECT id FROM rings ORDER BY id FOR UPDATE"))
        (begun,) = together(begin)
    assert begun is not None
