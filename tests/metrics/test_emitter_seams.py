"""What one request sends: a single datagram, each of its statements in it, and one sample of the pool."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from app import instrumentation
from app.db import db
from app.metrics import emitter
from app.metrics.emitter import Emitter
from tests.support.api import Api
from tests.support.statsd import Receiver


def by_name(receiver: Receiver, wanted: int = 4) -> dict[str, list[str]]:
    return {name: values for name, *values in (line.split(":") for line in receiver.lines(wanted))}


def test_a_request_is_one_datagram(api: Api, installed: Emitter, receiver: Receiver) -> None:
    api.get("/deployments")
    found = by_name(receiver)
    assert len(receiver.datagrams) == 1
    (requests,) = (values for name, values in found.items() if name.startswith("eucora.http.request."))
    assert len(requests) == 1
    assert len(found["eucora.db.pool.size"]) == len(found["eucora.db.pool.checked_out"]) == 1
    assert len(found["eucora.db.query.select"]) >= 2  # the token, the page
    assert all(value.endswith("|ms") for values in found.values() for value in values)


def test_many_checkouts_are_one_sample(database: Flask, installed: Emitter, receiver: Receiver) -> None:
    db.session.rollback()
    with emitter.batch(), db.engine.connect(), db.engine.connect() as second:
        second.execute(text("SELECT 1"))
        for _ in range(3):
            with db.engine.connect():
                pass
    found = by_name(receiver, 3)
    assert found["eucora.db.pool.checked_out"] == ["3.000|ms"]
    assert len(found["eucora.db.pool.size"]) == len(found["eucora.db.query.select"]) == 1


@pytest.mark.parametrize(
    ("statement", "verb"),
    [
        ("SELECT 1", "select"),
        (" " * 300 + "\n  insert INTO t VALUES (1)", "insert"),
        ("WITH a AS (SELECT 1) SELECT * FROM a", "select"),
        ("WITH a AS (SELECT 1) UPDATE t SET x = 1", "update"),
        ("WITH a AS (DELETE FROM t RETURNING 1) SELECT * FROM a", "delete"),
        ("VACUUM", "other"),
        ("", "other"),
        ("   ", "other"),
        ("INSERT INTO t VALUES " + "(1)," * 5_000, "insert"),
    ],
)
def test_a_statement_counts_by_its_verb(statement: str, verb: str) -> None:
    assert instrumentation._verb(statement) == verb
