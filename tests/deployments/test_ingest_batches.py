"""What a batch may hold: ids and reasons of any characters, several deployments, nothing at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from app import clock
from tests.support.database import rows
from tests.support.http import Client

ODD = ('"', "\\", "a\\b\"c'd", "{a,b}", "NULL", "null", ",", '","', "{}", "\\N", "%s", ":now", "x" * 200)


@pytest.fixture
def odd(client: Client) -> int:
    """A deployment of devices whose ids mean something to one parser or another."""
    from app.deployments import progress

    devices = [{"external_id": it, "platform": "windows", "connector": "simulated"} for it in ODD]
    assert client.post("/devices", devices)[0] == 200
    deployment = int(client.deploy()["id"])
    progress.plan(deployment)
    return deployment


def ingest(source: str, told: Sequence[tuple[int, str, int, str, str]]) -> tuple[list[str], int]:
    """The statuses of (deployment, external id, sequence, outcome, reason), and how many devices moved."""
    from app.deployments import reports
    from app.deployments.report_statuses import ReportRow
    from app.events.unit import unit_of_work

    given = [
        ReportRow(external_id, sequence, outcome, reason, clock.now(), deployment_id=deployment)
        for deployment, external_id, sequence, outcome, reason in told
    ]
    with unit_of_work("test") as unit:
        found = reports.ingest(unit, source, given)
    return found.statuses, found.moved


def last_event() -> Any:
    return rows("SELECT * FROM events ORDER BY id DESC LIMIT 1")[0]


def test_ids_and_reasons_of_any_characters_arrive_as_they_are(odd: int) -> None:
    reasons = [*ODD[1:], 'line one\nline two\t"']
    batch = [(odd, it, 1, "failed", reason) for it, reason in zip(ODD, reasons, strict=True)]
    assert ingest('a "source" {1}', batch) == (["received"] * len(ODD), len(ODD))
    stored = {(row.external_id, row.reason) for row in rows("SELECT external_id, reason FROM reports")}
    assert stored == set(zip(ODD, reasons, strict=True))
    assert {it["reason"] for it in last_event().payload["tallies"]} == set(reasons)
    again = [*batch, (odd, "not\none", 1, "failed", "")]
    assert ingest('a "source" {1}', again) == ([*["duplicate"] * len(ODD), "rejected"], 0)


def test_of_two_reports_with_one_key_the_first_counts(odd: int) -> None:
    batch = [(odd, ODD[0], 1, "installing", "first"), (odd, ODD[0], 1, "failed", "second")]
    assert ingest("one", batch) == (["received", "conflict"], 1)
    (stored,) = rows("SELECT outcome, reason FROM reports")
    assert tuple(stored) == ("installing", "first")


def test_an_empty_batch_stores_nothing(odd: int) -> None:
    assert ingest("one", []) == ([], 0)
    assert rows("SELECT 1 FROM reports") == []


def test_a_batch_for_two_deployments_counts_in_each(client: Client, odd: int) -> None:
    """The event names a deployment only if there is but one; its tallies tell a rollout from a rollback."""
    from app.deployments import progress

    other = int(client.deploy(application="mail")["id"])
    progress.plan(other)
    assert ingest("one", [(odd, ODD[0], 1, "succeeded", ""), (999, ODD[1], 1, "failed", "")]) == (
        ["received", "rejected"],
        1,
    )
    assert last_event().deployment_id == odd
    assert {it["kind"] for it in last_event().payload["tallies"]} == {"rollout"}
    assert ingest("one", [(other, ODD[0], 2, "failed", ""), (odd, ODD[1], 1, "succeeded", "")])[1] == 2
    assert last_event().deployment_id is None
    counted = rows("SELECT deployment_id, sum(succeeded) AS s, sum(failed) AS f FROM rings GROUP BY 1 ORDER BY 1")
    assert [(row.deployment_id, row.s, row.f) for row in counted] == [(odd, 2, 0), (other, 0, 1)]


def test_a_rollback_is_told_from_a_rollout(odd: int) -> None:
    from app.db import db

    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE deployments SET kind = 'rollback'")
    ingest("one", [(odd, ODD[0], 1, "succeeded", "")])
    assert [it["kind"] for it in last_event().payload["tallies"]] == ["rollback"]
