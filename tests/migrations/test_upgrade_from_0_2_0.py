"""A database that version 0.2.0 wrote, with rollouts under way, is carried over: nothing stops, nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from ops.local.stack import Stack
from tests.migrations.old import HERE, Old, database as empty_database

FACTS = json.loads((HERE / "written_by_0_2_0.json").read_text())
NEWEST_OF_0_2_0 = "0004"


@pytest.fixture(scope="module")
def old(stack: Stack) -> Iterator[Old]:
    """The old database at the newest schema."""
    with empty_database(stack, FACTS) as found:
        found.flask("db", "upgrade", NEWEST_OF_0_2_0)
        found.psql("-f", str(HERE / "written_by_0_2_0.sql"))
        found.flask("db", "upgrade")
        yield found


def test_the_old_events_verify(old: Old) -> None:
    assert " 0 findings; " in old.flask("events", "verify")


def test_the_old_evaluations_are_judged_alike(old: Old) -> None:
    assert " 0 findings; " in old.flask("events", "replay-gates")


def test_everything_goes_on(old: Old, database: Flask) -> None:
    """Rollouts, a rollback, one paused at a failed gate, one that stalled, one behind an open breaker."""
    later = (datetime.fromisoformat(FACTS["at"]) + timedelta(days=30)).isoformat()
    found = old.goes_on(
        [
            ("failed", "waive", {"reason": "known", "compensating_controls": "watched", "expires_at": later}),
            ("failed", "resume", {"reason": "waived"}),
            ("stalled", "resume", {"reason": "once more"}),
            ("stalled", "abort", {"reason": "the devices are gone"}),
        ]
    )
    assert found["replayed"] == {"status": 201, "same": True, "replayed": "true"}
    before = found["before"]
    assert before["states"]["stalled"] == before["states"]["failed"] == "paused"
    assert before["holds"]["stalled"] == ["stalled"]
    assert before["holds"]["failed"] == []
    assert "breaker" in before["holds"]["faulty"]
    assert found["decided"] == ["paused", "running", "running", "aborted"]
    assert found["after"]["states"] == {**dict.fromkeys(FACTS["deployments"], "completed"), "stalled": "aborted"}
    assert set(found["counters"].values()) == {True}
    assert " 0 findings; " in old.flask("events", "verify")
    assert " 0 findings; " in old.flask("events", "replay-gates")


FINDINGS = """
    INSERT INTO drift_findings (device_id, application_id, deployment_id, ring, kind, expected, state, tries,
                                next_try_at, found_at, seen_at)
    SELECT device_id, application_id, deployment_id, 'lab',
           CASE number WHEN 6 THEN 'extra' ELSE 'missing' END, '1',
           CASE WHEN number = 1 THEN 'open' WHEN number <= 4 THEN 'remediating' ELSE 'needs_person' END,
           CASE number WHEN 1 THEN 0 WHEN 7 THEN 3 ELSE 1 END, CASE WHEN number <= 4 THEN now() END, now(), now()
      FROM (SELECT bound.*, deployment.application_id, row_number() OVER (ORDER BY bound.id) AS number
              FROM assignments AS bound JOIN deployments AS deployment ON deployment.id = bound.deployment_id
             WHERE deployment.id = (SELECT min(id) FROM deployments WHERE state = 'completed')) AS bound
     WHERE number <= 7
"""
COMMANDS = """
    INSERT INTO commands (deployment_id, ring_id, connector, verb, purpose, device_id, key, size, state, cursor, tries,
                          due_at)
    SELECT finding.deployment_id, ring.id, 'simulated', 'publish', 'remediation', finding.device_id,
           'old:' || finding.id, 1, (ARRAY['', 'queued', 'unknown', 'confirmed'])[finding.id - :first + 1], '', 1, now()
      FROM drift_findings AS finding JOIN rings AS ring ON ring.deployment_id = finding.deployment_id AND key = 'lab'
     WHERE finding.state = 'remediating'
"""


def test_commands_for_single_devices_become_commands_for_many(old: Old) -> None:
    """Those that no vendor has are withdrawn; their findings wait for the next comparison."""
    engine = create_engine(old.environment["EUCORA_DATABASE_URL"])
    old.flask("db", "downgrade", "0008-1")
    with engine.begin() as connection:
        connection.execute(text(FINDINGS))
        first = connection.execute(text("SELECT min(id) FROM drift_findings")).scalar_one()
        connection.execute(text(COMMANDS), {"first": first})
        connection.execute(
            text("UPDATE rings SET sending = 2 WHERE id IN (SELECT ring_id FROM commands WHERE key LIKE 'old:%')")
        )
    old.flask("db", "upgrade")
    with engine.begin() as connection:
        found = connection.execute(
            text("""
                SELECT finding.state, reason, finding.tries, next_try_at IS NOT NULL AS is_due, command.key
                  FROM drift_findings AS finding LEFT JOIN commands AS command ON command.id = command_id
                 ORDER BY finding.id
            """)
        ).all()
        commands = connection.execute(
            text("SELECT state, failure, due_at IS NOT NULL AS is_due FROM commands WHERE key LIKE 'old:%' ORDER BY id")
        ).all()
        sending = connection.execute(
            text("SELECT sending FROM rings WHERE id = (SELECT max(ring_id) FROM commands WHERE key LIKE 'old:%')")
        ).scalar_one()
    engine.dispose()
    assert found == [
        ("open", None, 0, False, None),
        ("open", None, 0, False, None),
        ("remediating", None, 1, True, f"old:{first + 2}"),
        ("remediating", None, 1, True, None),
        ("needs_person", "ring", 1, False, None),
        ("needs_person", "kind", 1, False, None),
        ("needs_person", "tries", 3, False, None),
    ]
    assert commands == [("failed", "no_devices", False), ("unknown", None, True), ("confirmed", None, False)]
    assert sending == 1


def test_names_get_the_spelling_that_requests_have(old: Old) -> None:
    engine = create_engine(old.environment["EUCORA_DATABASE_URL"])
    old.flask("db", "downgrade", "0013-1")
    with engine.begin() as connection:
        first = connection.execute(text("SELECT min(id) FROM deployments")).scalar_one()
        connection.execute(text("UPDATE devices SET business_unit = E' Ko\\u0308ln\\tSued\\n' WHERE id % 2 = 0"))
        connection.execute(
            text("UPDATE deployments SET scope = jsonb_set(scope, '{business_units}', :units) WHERE id = :first"),
            {"units": json.dumps(["Ko\u0308ln\tSued", "HQ "]), "first": first},
        )
        connection.execute(text("INSERT INTO applications (name) VALUES ('Mail '), ('Chat'), ('Chat ')"))
    old.flask("db", "upgrade")
    with engine.connect() as connection:
        units = connection.execute(text("SELECT DISTINCT business_unit FROM devices WHERE id % 2 = 0")).scalars().all()
        names = connection.execute(text("SELECT name FROM applications WHERE name ~ '^(Mail|Chat)'")).scalars().all()
        scope = connection.execute(text("SELECT scope FROM deployments WHERE id = :id"), {"id": first}).scalar_one()
    engine.dispose()
    assert units == ["Köln Sued"]
    assert scope["business_units"] == ["Köln Sued", "HQ"]
    assert sorted(names) == ["Chat", "Chat ", "Mail"]


OLD_TOKENS = """
    INSERT INTO tokens (hash, subject, role, created_at, revoked_at)
    VALUES ('one', 'Anna', 'operator', now(), NULL), ('two', 'anna', 'approver', now(), NULL),
           ('three', 'ANNA', 'admin', now(), now()), ('four', 'robot', 'reporter', now(), NULL)
"""


def test_tokens_of_one_person_become_those_of_one_subject(old: Old) -> None:
    """They keep working; names of the person are written as the first token's, wherever two people are needed."""
    engine = create_engine(old.environment["EUCORA_DATABASE_URL"])
    old.flask("db", "downgrade", "0015-1")
    with engine.begin() as connection:
        connection.execute(text(OLD_TOKENS))
        connection.execute(text("UPDATE deployments SET requested_by = 'aNNA' WHERE id = 1"))
    old.flask("db", "upgrade")
    with engine.begin() as connection:
        subjects = connection.execute(
            text("SELECT name, kind, roles FROM subjects WHERE name IN ('Anna', 'anna', 'robot') ORDER BY id")
        ).all()
        tokens = connection.execute(
            text(
                "SELECT subjects.name, role, expires_at, scopes FROM tokens JOIN subjects ON subjects.id = subject_id"
                " WHERE revoked_at IS NULL AND length(hash) < 10 ORDER BY tokens.id"
            )
        ).all()
        requester = connection.execute(text("SELECT requested_by FROM deployments WHERE id = 1")).scalar_one()
        # What the older version does not know would make these tokens more than they are.
        connection.execute(text("UPDATE tokens SET expires_at = now() WHERE hash = 'one'"))
        connection.execute(text("UPDATE tokens SET scopes = '{\"connector\": \"jamf\"}' WHERE hash = 'four'"))
    assert subjects == [("Anna", "person", ["operator", "approver"]), ("robot", "service", ["reporter"])]
    assert tokens == [
        ("Anna", "operator", None, {}),
        ("Anna", "approver", None, {}),
        ("robot", "reporter", None, {}),
    ]
    assert requester == "Anna"
    old.flask("db", "downgrade", "0015-1")
    with engine.connect() as connection:
        usable = connection.execute(
            text("SELECT hash, subject FROM tokens WHERE revoked_at IS NULL AND length(hash) < 10")
        ).all()
    engine.dispose()
    assert usable == [(b"two", "Anna")]
    old.flask("db", "upgrade")


def test_the_way_back_to_the_old_schema(old: Old) -> None:
    old.flask("db", "downgrade", NEWEST_OF_0_2_0)
    old.flask("db", "upgrade")
    assert " 0 findings; " in old.flask("events", "verify")
