"""Reports: in any order, any number of times, and the counters always add up."""

from __future__ import annotations

import json
import random
from itertools import product
from typing import Any

import pytest
from flask import Flask

from app.deployments.rules.states import CORRECT, COUNTS_IN, OUTCOMES, REPORT, AssignmentState, Group
from tests.support.counters import assert_counters
from tests.support.database import nothing_written, rows
from tests.support.http import Client, refused
from tests.support.threads import together


def report(external_id: str, sequence: int, outcome: str, deployment_id: int = 1, **fields: Any) -> dict[str, Any]:
    body = {"deployment_id": deployment_id, "external_id": external_id, "sequence": sequence, "outcome": outcome}
    return {**body, **fields}


def send(client: Client, *reports: dict[str, Any]) -> list[str]:
    """Post the reports, prove that the counters add up; the status of each."""
    status, body = client.post("/reports", list(reports))
    assert status == 200, body
    assert_counters()
    return [item["status"] for item in body["items"]]


def state(external_id: str) -> str:
    (row,) = rows(
        "SELECT a.state FROM assignments a JOIN devices d ON d.id = a.device_id WHERE d.external_id = :it",
        it=external_id,
    )
    return str(row.state)


def last_event() -> Any:
    return rows("SELECT * FROM events ORDER BY id DESC LIMIT 1")[0]


@pytest.fixture
def planned(client: Client) -> Client:
    """A client with a planned deployment of 100 devices, nothing of it dispatched."""
    from app.deployments import progress

    client.register(100)
    client.deploy()
    progress.plan(1)
    return client


def test_a_report_moves_its_device_and_one_event_tells_the_batch(planned: Client) -> None:
    with nothing_written(reports=3, events=1):
        statuses = send(
            planned,
            report("dev-00001", 1, "installing"),
            report("dev-00002", 1, "succeeded", reason="installed"),
            report("dev-00003", 1, "failed", reason="disk_full", occurred_at="2026-01-02T03:04:05+01:00"),
        )
    assert statuses == ["received"] * 3
    assert [state(f"dev-0000{n}") for n in (1, 2, 3)] == ["installing", "succeeded", "failed"]
    event = last_event()
    assert (event.type, event.deployment_id, event.payload["received"]) == ("reports.ingested", 1, 3)
    assert sorted((it["outcome"], it["reason"], it["count"]) for it in event.payload["tallies"]) == [
        ("failed", "disk_full", 1),
        ("installing", "", 1),
        ("succeeded", "installed", 1),
    ]
    (shown,) = planned.get("/deployments/1/assignments?status=failed")["items"]
    assert shown["reported_at"] == "2026-01-02T02:04:05.000Z"


def test_older_news_moves_nothing(planned: Client) -> None:
    assert send(planned, report("dev-00001", 5, "installing")) == ["received"]
    assert send(planned, report("dev-00001", 3, "failed")) == ["received"]
    assert state("dev-00001") == "installing"
    assert send(planned, report("dev-00001", 6, "succeeded")) == ["received"]
    assert send(planned, report("dev-00001", 4, "failed"), report("dev-00001", 9, "installing")) == ["late", "late"]
    assert state("dev-00001") == "succeeded"
    assert len(rows("SELECT 1 FROM reports")) == 5


def test_a_device_that_breaks_has_failed_and_one_that_is_repaired_has_succeeded(planned: Client) -> None:
    (before,) = [it for it in planned.get("/deployments/1/rings")["items"] if it["key"] == "lab"]
    for sequence, outcome in enumerate(("failed", "succeeded", "failed", "already_compliant", "failed"), start=1):
        assert send(planned, report("dev-00000", sequence, outcome)) == ["received"]
        assert state("dev-00000") == outcome
        (ring,) = [it for it in planned.get("/deployments/1/rings")["items"] if it["key"] == "lab"]
        has_failed = outcome == "failed"
        assert (ring["failed"], ring["succeeded"]) == (before["failed"] + has_failed, 1 - has_failed)
        assert_counters()
        assert [(it["outcome"], it["count"]) for it in last_event().payload["tallies"]] == [(outcome, 1)]
    assert rows("SELECT sum(compliant) AS devices FROM rings")[0].devices == 0
    assert all(not row.compliance_times for row in rows("SELECT compliance_times FROM rings"))


def test_what_arrives_after_a_newer_outcome_changes_nothing(planned: Client) -> None:
    send(planned, report("dev-00000", 1, "failed"))
    assert send(planned, report("dev-00000", 3, "failed")) == ["late"]  # it says again what is known
    assert send(planned, report("dev-00000", 2, "succeeded")) == ["late"]
    assert state("dev-00000") == "failed"


def test_a_device_is_no_longer_heard_once_every_ring_is_over(planned: Client) -> None:
    send(planned, report("dev-00000", 1, "failed"), report("dev-00001", 1, "succeeded"))
    assert planned.post("/deployments/1/abort", {"reason": "enough"})[0] == 200
    statuses = send(planned, report("dev-00000", 2, "succeeded"), report("dev-00001", 2, "failed"))
    assert statuses == ["late", "late"]
    assert (state("dev-00000"), state("dev-00001")) == ("failed", "succeeded")


def test_a_repeated_report_is_a_duplicate(planned: Client) -> None:
    first = report("dev-00001", 1, "installing")
    assert send(planned, first) == ["received"]
    with nothing_written(events=1):
        assert send(planned, first) == ["duplicate"]
        assert last_event().payload["duplicate"] == 1
    assert send(planned, {**first, "occurred_at": "2026-01-02T03:04:05Z"}) == ["duplicate"]  # each attempt its own time
    assert state("dev-00001") == "installing"


def test_a_sequence_that_said_something_else_is_a_conflict(planned: Client) -> None:
    from app.deployments import progress
    from app.metrics.projection import project

    first = report("dev-00001", 1, "installing")
    assert send(planned, first) == ["received"]
    other = [report("dev-00001", 1, "failed"), {**first, "reason": "again"}, first]
    with nothing_written(events=1):
        assert send(planned, *other) == ["conflict", "conflict", "duplicate"]
        assert (last_event().payload["conflict"], last_event().payload["duplicate"]) == (2, 1)
    assert ("report.conflict", 2) in [(measure.path, measure.value) for measure in project(last_event())]
    assert state("dev-00001") == "installing"
    # A reporter that numbers its reports anew for each deployment learns it at once.
    chat = int(planned.deploy(application="chat")["id"])
    progress.plan(chat)
    lines = [json.dumps(report("dev-00001", n, "installing", chat)) for n in (1, 2)]
    assert [it["status"] for it in planned.upload("/reports", "\n".join(lines))] == ["conflict", "received"]
    columns = "deployment_id,external_id,sequence,outcome"
    csv = f"{columns}\n{chat},dev-00001,2,installing\n{chat},dev-00001,2,failed"
    assert [it["status"] for it in planned.upload("/reports", csv, "text/csv")] == ["duplicate", "conflict"]
    assert_counters()


def test_two_contents_in_one_batch_conflict_with_the_first(planned: Client) -> None:
    first, other = report("dev-00001", 1, "installing"), report("dev-00001", 1, "failed")
    assert send(planned, first, other, first) == ["received", "conflict", "duplicate"]
    assert send(planned, other, first, other) == ["conflict", "duplicate", "conflict"]
    assert state("dev-00001") == "installing"


def test_the_same_report_twice_in_one_batch_counts_once(planned: Client) -> None:
    again = report("dev-00001", 1, "succeeded")
    with nothing_written(reports=1, events=1):
        assert send(planned, again, again) == ["received", "duplicate"]
    assert last_event().payload["tallies"][0]["count"] == 1


def test_of_several_outcomes_in_one_batch_the_highest_sequence_wins(planned: Client) -> None:
    statuses = send(
        planned,
        report("dev-00001", 3, "succeeded"),
        report("dev-00001", 1, "installing"),
        report("dev-00001", 2, "deferred"),
        report("dev-00002", 7, "failed"),
        report("dev-00002", 6, "succeeded"),
    )
    assert set(statuses) == {"received"}
    assert (state("dev-00001"), state("dev-00002")) == ("succeeded", "failed")
    assert sum(it["count"] for it in last_event().payload["tallies"]) == 2


def test_a_move_that_is_not_allowed_does_not_hide_one_that_is(planned: Client) -> None:
    send(planned, report("dev-00001", 1, "installing"))
    send(planned, report("dev-00001", 2, "succeeded"), report("dev-00001", 3, "installing"))
    assert state("dev-00001") == "succeeded"


def test_reports_of_two_sources_do_not_take_each_other_for_duplicates(database: Flask, planned: Client) -> None:
    from tests.support.api import make_token

    other = Client(database.test_client(), make_token("someone-else"))
    assert send(planned, report("dev-00001", 1, "installing")) == ["received"]
    assert send(other, report("dev-00001", 1, "succeeded")) == ["received"]


def test_a_device_that_is_not_applicable_leaves_the_denominator(planned: Client) -> None:
    before = {ring["key"]: ring for ring in planned.get("/deployments/1/rings")["items"]}["lab"]
    send(planned, report("dev-00000", 1, "not_applicable"))
    after = {ring["key"]: ring for ring in planned.get("/deployments/1/rings")["items"]}["lab"]
    assert (after["eligible"], after["excluded"]) == (before["eligible"] - 1, 1)
    assert (after["targeted"], after["pending"]) == (before["targeted"], before["pending"] - 1)
    assert send(planned, report("dev-00000", 2, "succeeded")) == ["late"]


def test_reports_move_only_by_the_table(planned: Client) -> None:
    """Every state with every outcome, each on a device of its own."""
    from sqlalchemy import text

    from app.db import db
    from app.deployments import progress

    cases = {f"case-{n}": case for n, case in enumerate(product(AssignmentState, OUTCOMES))}
    devices = [{"external_id": it, "platform": "macos", "connector": "simulated"} for it in cases]
    assert planned.post("/devices", devices)[0] == 200
    created = planned.deploy(platform="macos")["id"]
    progress.plan(created)
    with db.engine.begin() as connection:  # put each device into its state, and the counters with it
        for external_id, (source, _) in cases.items():
            ring = connection.execute(
                text(
                    "UPDATE assignments SET state = :state FROM devices WHERE devices.id = device_id"
                    " AND external_id = :it RETURNING ring_id"
                ),
                {"state": source.value, "it": external_id},
            ).scalar_one()
            group = COUNTS_IN[source]
            if group is not Group.PENDING:
                leaves = ", eligible = eligible - 1" if group is Group.EXCLUDED else ""
                timely = ", compliant = compliant + 1" if group is Group.SUCCEEDED else ""
                change = f"pending = pending - 1, {group.value} = {group.value} + 1{leaves}{timely}"
                connection.execute(text(f"UPDATE rings SET {change} WHERE id = :ring"), {"ring": ring})
    assert_counters()
    statuses = send(planned, *[report(it, 1, outcome, created) for it, (_, outcome) in cases.items()])
    for (external_id, (source, outcome)), status in zip(cases.items(), statuses, strict=True):
        allowed = outcome in REPORT.get(source, ()) or outcome in CORRECT.get(source, ())
        assert state(external_id) == (outcome if allowed else source), (source, outcome)
        settled = COUNTS_IN[source] is not Group.PENDING
        assert status == ("late" if settled and not allowed else "received"), (source, outcome)


def test_a_report_for_an_unknown_assignment_refuses_the_whole_array(planned: Client) -> None:
    planned.post("/devices", [{"external_id": "outsider", "platform": "macos", "connector": "simulated"}])
    batch = [
        report("dev-00001", 1, "succeeded"),
        report("stranger", 1, "succeeded"),
        report("outsider", 1, "succeeded"),
        report("dev-00002", 1, "succeeded", deployment_id=99),
    ]
    with nothing_written(events=1):
        answer = planned.raw("POST", "/reports", json=batch)
        refused(answer, 422, "unknown-assignment", "1.external_id", "2.external_id", "3.external_id")
    event = last_event()
    assert (event.type, event.payload["rejected"], event.payload["tallies"]) == ("reports.ingested", 4, [])
    assert state("dev-00001") == "pending"
    assert_counters()


def test_the_refusal_becomes_the_metric_report_rejected(planned: Client) -> None:
    from app.metrics.projection import project

    planned.raw("POST", "/reports", json=[report("stranger", 1, "succeeded")] * 3)
    assert ("report.rejected", 3) in [(measure.path, measure.value) for measure in project(last_event())]


def test_an_upload_refuses_only_the_lines_that_are_wrong(planned: Client) -> None:
    lines = [
        json.dumps(report("dev-00001", 1, "succeeded")),
        json.dumps(report("stranger", 1, "succeeded")),
        "{broken",
        json.dumps(report("dev-00002", 1, "exploded")),
        json.dumps(report("dev-00001", 1, "succeeded")),
        json.dumps(report("dev-00003", 1, "failed")),
    ]
    answers = planned.upload("/reports", "\n".join(lines))
    assert [answer["status"] for answer in answers] == [
        "received",
        "rejected",
        "rejected",
        "rejected",
        "duplicate",
        "received",
    ]
    fields = [answer["errors"][0]["field"] for answer in answers if answer["status"] == "rejected"]
    assert fields == ["external_id", "(line)", "outcome"]
    assert (state("dev-00001"), state("dev-00002"), state("dev-00003")) == ("succeeded", "pending", "failed")
    assert sum(row.payload.get("rejected", 0) for row in rows("SELECT payload FROM events")) == 3
    assert_counters()


def test_csv_reports(planned: Client) -> None:
    csv = "\n".join(
        [
            "deployment_id,external_id,sequence,outcome,reason,occurred_at",
            "1,dev-00001,1,succeeded,installed,2026-01-02T03:04:05Z",
            "1,dev-00002,1,failed,,",
            "1,dev-00003,one,failed,,",
            "1,stranger,1,failed,,",
        ]
    )
    answers = planned.upload("/reports", csv, "text/csv")
    assert [answer["status"] for answer in answers] == ["received", "received", "rejected", "rejected"]
    assert (state("dev-00001"), state("dev-00002")) == ("succeeded", "failed")
    assert_counters()


def test_reports_in_any_order_and_any_batches_end_alike(planned: Client) -> None:
    """A device's last word counts, whichever way its story comes in."""
    story = ["deferred", "installing", "failed", "succeeded", "failed", "succeeded"]
    reports = [report(f"dev-{n:05d}", s, outcome) for n in range(100) for s, outcome in enumerate(story, start=1)]
    reports += random.Random(1).sample(reports, 100)
    random.Random(2).shuffle(reports)
    for start in range(0, len(reports), 70):
        send(planned, *reports[start : start + 70])
    assert {row.state for row in rows("SELECT state FROM assignments")} == {"succeeded"}
    assert len(rows("SELECT 1 FROM reports")) == 600


def test_overlapping_batches_at_once_do_not_deadlock(database: Flask, token: str, planned: Client) -> None:
    reports = [report(f"dev-{n:05d}", s, it) for n in range(100) for s, it in enumerate(["installing", "succeeded"], 1)]

    def post(seed: int) -> list[int]:
        client, chance = Client(database.test_client(), token), random.Random(seed)
        statuses = []
        for _ in range(8):
            batch = chance.sample(reports, 150)
            statuses.append(client.post("/reports", batch)[0])
        return statuses

    assert together(*[lambda seed=seed: post(seed) for seed in range(4)]) == [[200] * 8] * 4
    assert_counters()
    send(planned, *reports)
    assert {row.state for row in rows("SELECT state FROM assignments")} == {"succeeded"}
    assert len(rows("SELECT 1 FROM reports")) == 200
