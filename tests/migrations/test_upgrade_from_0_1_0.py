"""A database that version 0.1.0 wrote, with its released schema and two rollouts under way, is carried over.

0.1.0 is dated 2026-11-24; the dump was written by its last commit of that day, 4d8b43d, with the newest migration 0003.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from ops.local.stack import Stack
from tests.migrations.old import HERE, Old, database

FACTS = json.loads((HERE / "written_by_0_1_0.json").read_text())


@pytest.fixture
def old(stack: Stack) -> Iterator[Old]:
    with database(stack, FACTS) as found:
        yield found


def test_everything_goes_on(old: Old) -> None:
    """One rollout has part of the reports of its last ring, the other was paused by a person."""
    old.psql("-f", str(HERE / "written_by_0_1_0.sql"))
    old.flask("db", "upgrade")
    old.flask("db", "check")
    assert " 0 findings; " in old.flask("events", "verify")
    found = old.goes_on([("paused", "resume", {"reason": "looked at"})])
    assert found["replayed"] == {"status": 201, "same": True, "replayed": "true"}
    assert found["before"]["states"] == {"running": "running", "paused": "paused"}
    assert found["decided"] == ["running"]
    assert found["after"]["states"] == {"running": "completed", "paused": "completed"}
    assert set(found["counters"].values()) == {True}
    assert " 0 findings; " in old.flask("events", "verify")
    assert " 0 findings; " in old.flask("events", "replay-gates")
    assert "0 differ" in old.flask("metrics", "recount")


@pytest.mark.parametrize(
    ("revision", "table", "later"),
    [("0001", "waivers", "DROP TABLE waivers"), ("0003", "commands", "ALTER TABLE commands DROP collected_at")],
)
def test_a_database_of_a_build_before_the_release_is_refused(old: Old, revision: str, table: str, later: str) -> None:
    """Migrations were changed in place until 0.1.0; such a database says that it is at the same one."""
    old.flask("db", "upgrade", revision)
    old.psql("-c", later)
    message = old.refused("db", "upgrade")
    assert f"This database cannot be upgraded: {table}." in message
    assert "Create a new database" in message
    assert "Traceback" not in message
