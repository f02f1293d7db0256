"""The session of a request or job ends without an error, whatever became of the database."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from app.db import db
from tests.support.database import rows


def test_a_database_that_goes_away_after_the_answer_does_not_spoil_it(app: Flask) -> None:
    view = app.test_request_context()
    with view:
        backend = db.session.scalar(select(func.pg_backend_pid()))
        assert rows("SELECT pg_terminate_backend(:pid, 10000) AS gone", pid=backend)[0].gone
    with app.test_request_context():
        assert db.session.scalar(select(1)) == 1
