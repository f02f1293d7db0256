"""Old rows go in batches; what anything still reads stays, and every audit agrees with it."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.retention.conftest import Keep
from tests.support.api import Api
from tests.support.clock import Clock
from tests.support.database import rows
from tests.support.jobs import Drive
from tests.support.moments import state_at

DAY = 86_400
OF_DEPLOYMENTS = ("reports", "commands", "gate_evaluations")
KEPT = ("deployments", "rings", "assignments", "installations")


def run() -> None:
    from app.retention import service

    service.run()


def count(table: str, deployment: int | None = None) -> int:
    which = "" if deployment is None else f" WHERE deployment_id = {deployment}"
    source = table
    if table == "reports" and deployment is not None:
        source = "reports JOIN assignments ON assignments.id = reports.assignment_id"
    return int(rows(f"SELECT count(*) AS rows FROM {source}{which}")[0].rows)


def content(table: str) -> list[str]:
    return sorted(map(str, rows(f"SELECT * FROM {table}")))


def ran() -> list[dict[str, object]]:
    return [row.payload for row in rows("SELECT payload FROM events WHERE type = 'retention.ran' ORDER BY id")]


def rolled_out(api: Api, drive: Drive, version: str) -> int:
    """A deployment that has ended and is settled."""
    deployment = api.deploy(version=version)
    drive(600, until=lambda: state_at(f"/deployments/{deployment['id']}") == "completed")
    drive(120)
    return int(deployment["id"])


def delete_all(table: str) -> None:
    """Delete a table's rows as the app may."""
    from app.events.unit import unit_of_work
    from app.retention.rows import ALLOW

    with unit_of_work("test") as unit:
        unit.session.execute(ALLOW)
        unit.session.execute(text(f"DELETE FROM {table}"))


@pytest.fixture
def two(api: Api, drive: Drive) -> tuple[int, int]:
    """Two deployments of one application that have ended."""
    api.register(60)
    return rolled_out(api, drive, "1.0"), rolled_out(api, drive, "2.0")


def test_only_the_rows_of_a_deployment_that_is_over_go(
    api: Api, drive: Drive, clock: Clock, two: tuple[int, int], keep: Keep
) -> None:
    from app.audit.verify import verify
    from app.deployments.queries import recount
    from app.deployments.replay import replay

    old, newest = two
    keep(reports=30, commands=30, gate_evaluations=30, measurements=30)
    before = {table: content(table) for table in KEPT}
    of_newest = {table: count(table, newest) for table in OF_DEPLOYMENTS}
    gone = {table: count(table, old) for table in OF_DEPLOYMENTS}
    counters = recount(old)
    assert all(gone.values())
    run()
    assert {table: count(table, old) for table in OF_DEPLOYMENTS} == gone  # too young
    clock.advance(32 * DAY)
    run()
    assert {table: count(table, old) for table in OF_DEPLOYMENTS} == dict.fromkeys(OF_DEPLOYMENTS, 0)
    assert {table: count(table, newest) for table in OF_DEPLOYMENTS} == of_newest
    assert {table: content(table) for table in KEPT} == before
    assert recount(old) == counters
    assert (verify().findings, replay().findings) == ([], [])
    assert ran() == [{"rows": gone, "complete": True}]
    run()
    assert len(ran()) == 1  # nothing was left to delete


def test_a_rollback_finds_the_devices_of_a_deployment_whose_reports_are_gone(
    api: Api, drive: Drive, clock: Clock, two: tuple[int, int], keep: Keep
) -> None:
    old, newest = two
    keep(reports=30, commands=30, gate_evaluations=30)
    clock.advance(32 * DAY)
    run()
    assert count("reports", old) == 0
    status, back = api.post(f"/deployments/{newest}/rollback", {"reason": "it crashes"})
    assert status == 201, back
    drive(600, until=lambda: state_at(f"/deployments/{back['id']}") == "completed")
    returned = rows("SELECT DISTINCT release_id FROM assignments WHERE deployment_id = :id", id=back["id"])
    (first,) = rows("SELECT release_id FROM deployments WHERE id = :id", id=old)
    assert [row.release_id for row in returned] == [first.release_id]


def test_the_reports_of_a_rolled_back_deployment_stay_as_long_as_its_rollback_is_young(
    api: Api, drive: Drive, clock: Clock, two: tuple[int, int], keep: Keep
) -> None:
    old, newest = two
    keep(reports=30, commands=None, gate_evaluations=None)
    clock.advance(32 * DAY)
    _, back = api.post(f"/deployments/{newest}/rollback", {"reason": "it crashes"})
    drive(600, until=lambda: state_at(f"/deployments/{back['id']}") == "completed")
    drive(120)
    reports = count("reports", newest)
    run()
    assert (count("reports", old), count("reports", newest)) == (0, reports)
    clock.advance(32 * DAY)
    run()
    assert (count("reports", newest), count("reports", back["id"]) > 0) == (0, True)


def test_a_report_that_comes_again_after_it_was_deleted_moves_nothing(
    api: Api, drive: Drive, clock: Clock, two: tuple[int, int], keep: Keep
) -> None:
    old, _ = two
    assignment = "SELECT * FROM assignments WHERE deployment_id = :id ORDER BY id LIMIT 1"
    (first,) = rows(
        "SELECT reports.*, device.external_id AS device FROM reports"
        " JOIN assignments ON assignments.id = assignment_id JOIN devices AS device ON device.id = device_id"
        " WHERE assignments.deployment_id = :id ORDER BY assignments.id, reports.id LIMIT 1",
        id=old,
    )
    before = rows(assignment, id=old)
    keep(reports=30)
    clock.advance(32 * DAY)
    run()
    from app.deployments.report_statuses import ReportRow
    from app.deployments.reports import ingest
    from app.events.unit import unit_of_work

    again = ReportRow(
        external_id=first.device,
        sequence=first.sequence,
        outcome=first.outcome,
        reason=first.reason,
        occurred_at=first.occurred_at,
        deployment_id=old,
    )
    with unit_of_work("test") as unit:
        assert ingest(unit, first.source, [again]).statuses == ["late"]
    assert rows(assignment, id=old) == before


def test_what_was_deleted_is_counted_by_table(database: Flask, clock: Clock, keep: Keep) -> None:
    """Also of a run by the release before, which named its numbers differently: it stays uncounted."""
    from app.events.unit import unit_of_work
    from app.http.idempotency import claim
    from app.metrics import catalogue
    from app.metrics.following import totals
    from app.retention import rows as retained

    assert set(catalogue.RETENTION_ROWS.labels["table"]) == {*retained.TABLES, "events"}
    with unit_of_work("test") as unit:
        unit.record("retention.ran", {"deleted": {"reports": 7}, "archived": 3, "complete": True})
        claim(unit, 1, "old", b"request")
    keep(idempotency_keys=7)
    clock.advance(9 * DAY)
    run()
    series = catalogue.RETENTION_ROWS.series("count", table="*").removesuffix("*.count")
    counted = totals.up_to_date().totals
    assert {name: total for name, total in counted.items() if name.startswith(series)} == {
        f"{series}idempotency_keys.count": 1
    }


def test_old_keys_are_forgotten_and_young_ones_kept(database: Flask, clock: Clock, keep: Keep) -> None:
    from app.events.unit import unit_of_work
    from app.http.idempotency import claim

    keep(idempotency_keys=7)
    for key, age in (("old", 0), ("young", 2 * DAY)):
        clock.advance(age)
        with unit_of_work("test") as unit:
            claim(unit, 1, key, b"request")
    clock.advance(6 * DAY)
    run()
    assert [row.key for row in rows("SELECT key FROM idempotency_keys")] == ["young"]
    assert ran() == [{"rows": {"idempotency_keys": 1}, "complete": True}]


def test_the_database_deletes_no_report_of_a_live_deployment_even_if_it_is_allowed_to(
    database: Flask, api: Api, drive: Drive
) -> None:
    api.register(60)
    api.deploy()
    drive(60, until=lambda: count("reports") > 0)
    for table in ("reports", "events"):
        with pytest.raises(DBAPIError, match="append-only"):
            delete_all(table)
        assert count(table) > 0


def test_findings_go_when_they_are_resolved_long_ago_and_keep_their_commands_until_then(
    api: Api, drive: Drive, clock: Clock, two: tuple[int, int], keep: Keep
) -> None:
    from app.events.unit import unit_of_work

    old, _ = two
    (command,) = rows("SELECT id FROM commands WHERE deployment_id = :id ORDER BY id LIMIT 1", id=old)
    with unit_of_work("test") as unit:
        for state, resolved in (("resolved", clock.time), ("accepted", None)):
            unit.session.execute(
                text(
                    "INSERT INTO drift_findings (device_id, application_id, kind, state, tries, command_id, found_at,"
                    " seen_at, resolved_at) SELECT (SELECT min(id) FROM devices), application_id, 'missing', :state, 1,"
                    " :command, :now, :now, :resolved FROM deployments WHERE id = :id"
                ),
                {"state": state, "command": command.id, "now": clock.time, "resolved": resolved, "id": old},
            )
    keep(drift_findings=60, commands=30)
    clock.advance(32 * DAY)
    run()
    assert [row.id for row in rows("SELECT id FROM commands WHERE deployment_id = :id", id=old)] == [command.id]
    assert count("drift_findings") == 2
    clock.advance(32 * DAY)
    run()
    assert [row.state for row in rows("SELECT state FROM drift_findings")] == ["accepted"]
    assert count("commands", old) == 1  # a finding that is not resolved names it


def test_messages_of_pulling_devices_go_when_all_devices_have_finished(
    database: Flask, clock: Clock, keep: Keep
) -> None:
    from app.connectors.pull import writing
    from app.connectors.pull.settings import PullSettings
    from app.connectors.pull.steps import About, Message
    from tests.connectors.pulling import PullingFleet
    from tests.support.connectors import publication

    fleet = PullingFleet("edge", PullSettings())
    fleet.publish(publication(devices=2))
    actions = rows("SELECT id, external_id FROM pull_actions ORDER BY id")
    for action in actions:
        message = Message(action.id, action.external_id, About.DEPLOYMENT, "proceeding", "none")
        writing.take("edge", fleet.settings, [message])
    keep(pull_feedback=30)
    clock.advance(32 * DAY)
    run()
    assert count("pull_feedback") == 2
    for action in actions:
        message = Message(action.id, action.external_id, About.DEPLOYMENT, "closed", "success")
        writing.take("edge", fleet.settings, [message])
    run()
    assert count("pull_feedback") == 2, "the young ones"
    clock.advance(32 * DAY)
    run()
    assert count("pull_feedback") == 0
    assert {row.outcome for row in rows("SELECT outcome FROM pull_actions")} == {"succeeded"}
