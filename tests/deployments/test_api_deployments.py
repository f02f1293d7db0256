"""Starting, reading and deciding over HTTP: what is refused, and by which name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.support.api import ARTIFACT, deployment
from tests.support.database import counts, nothing_written, rows
from tests.support.http import Client, refused
from tests.support.jobs import Drive, Work
from tests.support.moments import state_at
from tests.support.threads import together

OTHER_ARTIFACT = "sha256:" + "b" * 64


def create(client: Client, **fields: Any) -> Any:
    return client.raw("POST", "/deployments", json=deployment(**fields))


@pytest.fixture
def running(client: Client, work: Work) -> Client:
    """A client with a running deployment 1 of 50 devices."""
    client.register(50)
    client.deploy()
    work()
    assert client.get("/deployments/1")["state"] == "running"
    return client


def test_a_created_deployment_says_where_it_is_and_what_version_it_has(client: Client) -> None:
    answer = create(client, scope={"tags": ["lab"]})
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/api/v1/deployments/1"
    assert answer.headers["ETag"].startswith('"1-')
    body = answer.json
    assert (body["state"], body["requested_by"], body["scope"]["tags"]) == ("planning", "tester", ["lab"])
    assert [ring["key"] for ring in body["rings"]] == ["lab", "canary", "pilot", "department", "global"]
    assert body["created_at"].endswith("Z")
    assert client.get("/deployments/1") == body


def test_an_unknown_ring_plan_is_refused(client: Client) -> None:
    with nothing_written():
        assert "standard" in refused(create(client, plan="nope"), 422, "unknown-ring-plan")["detail"]
    refused(client.raw("GET", "/ring-plans/nope"), 404, "no-such-ring-plan")
    refused(client.raw("GET", "/connectors/nope"), 404, "no-such-connector")


def test_a_second_live_deployment_is_refused(client: Client) -> None:
    client.deploy()
    with nothing_written():
        refused(create(client), 409, "live-deployment")
        assert "Deployment 1" in refused(create(client, version="2.0"), 409, "live-deployment")["detail"]


def test_other_platforms_and_applications_are_no_obstacle(client: Client) -> None:
    client.deploy()
    assert create(client, platform="macos").status_code == 201
    assert create(client, application="chat").status_code == 201


def test_after_the_end_the_next_one_may_start(running: Client) -> None:
    assert running.post("/deployments/1/abort")[0] == 200
    assert create(running, version="2.0").status_code == 201


def test_of_two_deployments_at_once_one_is_refused(database: Flask, token: str) -> None:
    def send(version: str) -> Any:
        return create(Client(database.test_client(), token), version=version)

    answers = together(*[lambda n=n: send(f"{n}.0") for n in range(4)])
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    for answer in answers:
        if answer.status_code == 409:
            refused(answer, 409, "live-deployment")
    assert {name: counts()[name] for name in ("applications", "releases", "deployments", "rings", "events")} == {
        "applications": 1,
        "releases": 1,
        "deployments": 1,
        "rings": 5,
        "events": 1,
    }


def test_another_artifact_for_the_same_release_is_refused(running: Client) -> None:
    running.post("/deployments/1/abort")
    with nothing_written():
        answer = create(running, artifact_hash=OTHER_ARTIFACT)
        assert ARTIFACT in refused(answer, 409, "artifact-mismatch")["detail"]
    assert create(running, artifact_hash=OTHER_ARTIFACT, platform="macos").status_code == 201


@pytest.mark.parametrize("path", ["", "/rings", "/events", "/gates", "/assignments"])
def test_an_unknown_deployment_is_not_found(client: Client, path: str) -> None:
    refused(client.raw("GET", f"/deployments/99{path}"), 404, "no-such-deployment")


@pytest.mark.parametrize("decision", ["pause", "resume", "abort"])
def test_a_decision_on_an_unknown_deployment_is_not_found(client: Client, decision: str) -> None:
    with nothing_written():
        refused(client.raw("POST", f"/deployments/99/{decision}", json={}), 404, "no-such-deployment")


def _planning(client: Client, drive: Drive) -> None:
    client.register(50)
    client.deploy()


def _running(client: Client, drive: Drive) -> None:
    _planning(client, drive)
    drive(1)


def _paused(client: Client, drive: Drive) -> None:
    _running(client, drive)
    assert client.post("/deployments/1/pause")[0] == 200


def _aborted(client: Client, drive: Drive) -> None:
    _running(client, drive)
    assert client.post("/deployments/1/abort")[0] == 200


def _rejected(client: Client, drive: Drive) -> None:
    client.deploy()
    drive(1)


def _completed(client: Client, drive: Drive) -> None:
    client.register(500)
    client.deploy()
    drive(90, until=lambda: state_at("/deployments/1") == "completed")


@pytest.mark.parametrize(
    ("prepare", "refusals"),
    [
        (_planning, {"pause": "planning; `pause` needs one that is running", "resume": "planning; `resume` needs"}),
        (_running, {"resume": "running; `resume` needs one that is paused"}),
        (_paused, {"pause": "paused; `pause` needs one that is running"}),
        (_aborted, dict.fromkeys(("pause", "resume", "abort"), "aborted: it has ended")),
        (_rejected, dict.fromkeys(("pause", "resume", "abort"), "rejected: it has ended")),
        (_completed, dict.fromkeys(("pause", "resume", "abort"), "completed: it has ended")),
    ],
)
def test_a_decision_that_the_state_does_not_allow_is_refused(
    client: Client, drive: Drive, prepare: Callable[..., None], refusals: dict[str, str]
) -> None:
    prepare(client, drive)
    before = client.get("/deployments/1")
    assert before["state"] == next(iter(refusals.values())).split()[0].rstrip(":;")
    for decision, move in refusals.items():
        with nothing_written():
            answer = client.raw("POST", f"/deployments/1/{decision}", json={"reason": "why not"})
            assert move in refused(answer, 409, "illegal-transition")["detail"]
    assert client.get("/deployments/1") == before


def test_what_is_not_planned_yet_can_be_aborted_and_never_completes(client: Client, drive: Drive) -> None:
    _planning(client, drive)
    assert client.post("/deployments/1/abort", {"reason": "a typo"})[0] == 200
    drive(5)
    shown = client.get("/deployments/1")
    assert (shown["state"], shown["reason"], shown["started_at"]) == ("aborted", "a typo", None)
    assert [event["type"] for event in client.get("/deployments/1/events?order=oldest")["items"]] == [
        "deployment.created",
        "deployment.aborted",
    ]
    refused(client.raw("POST", "/deployments/1/rollback", json={}), 409, "illegal-transition")


@pytest.mark.parametrize("decision", ["pause", "abort"])
def test_a_decision_says_who_and_why_and_changes_the_version(running: Client, decision: str) -> None:
    version = running.get("/deployments/1")["version"]
    answer = running.raw("POST", f"/deployments/1/{decision}", json={"reason": " Störung im Werk "})
    assert answer.status_code == 200
    assert answer.headers["ETag"].startswith(f'"{version + 1}-')
    assert (answer.json["version"], answer.json["reason"]) == (version + 1, "Störung im Werk")
    (event,) = rows("SELECT type, actor, payload FROM events ORDER BY id DESC LIMIT 1")
    assert (event.actor, event.payload["reason"]) == ("tester", "Störung im Werk")


def test_a_stale_if_match_is_refused(running: Client) -> None:
    etag = running.raw("GET", "/deployments/1").headers["ETag"]
    assert running.raw("POST", "/deployments/1/pause", json={}, headers={"If-Match": etag}).status_code == 200
    for decision in ("resume", "abort"):
        with nothing_written():
            answer = running.raw("POST", f"/deployments/1/{decision}", json={}, headers={"If-Match": etag})
            refused(answer, 412, "stale-version")
    assert running.get("/deployments/1")["state"] == "paused"


def test_an_if_match_that_is_no_etag_is_refused(running: Client, subtests: pytest.Subtests) -> None:
    for value in ("abc", "1", "", '"1', '"1" "2"', "-1", "1.5", "²", "9" * 5_000, '"1", *'):
        with subtests.test(value=value[:20]), nothing_written():
            answer = running.raw("POST", "/deployments/1/pause", json={}, headers={"If-Match": value})
            refused(answer, 422, "invalid")


@pytest.mark.parametrize("value", ['"abc"', '""', 'W/"2"', 'W/"2-abc"', '"1", "3"', '"02"', '"' + "9" * 400 + '"'])
def test_an_if_match_of_no_present_version_is_stale(running: Client, value: str) -> None:
    """Weak ETags never match, because a change needs a strong comparison."""
    assert running.get("/deployments/1")["version"] == 2
    with nothing_written():
        answer = running.raw("POST", "/deployments/1/pause", json={}, headers={"If-Match": value})
        refused(answer, 412, "stale-version")


@pytest.mark.parametrize("form", ['"{}"', '"{}-abc"', '"1", "{}"', 'W/"1", "{}" , "x"', "*"])
def test_a_matching_if_match_is_honoured(running: Client, form: str) -> None:
    value = form.format(running.get("/deployments/1")["version"])
    assert running.raw("POST", "/deployments/1/pause", json={}, headers={"If-Match": value}).status_code == 200


def test_of_two_decisions_with_one_etag_only_one_is_taken(database: Flask, token: str, running: Client) -> None:
    etag = running.raw("GET", "/deployments/1").headers["ETag"]

    def decide(decision: str) -> int:
        client = Client(database.test_client(), token)
        return int(client.raw("POST", f"/deployments/1/{decision}", json={}, headers={"If-Match": etag}).status_code)

    statuses = together(lambda: decide("pause"), lambda: decide("abort"), lambda: decide("pause"))
    assert sorted(statuses) == [200, 412, 412]


def test_a_decision_needs_no_body(running: Client) -> None:
    answer = running.raw("POST", "/deployments/1/pause")
    assert (answer.status_code, answer.json["reason"]) == (200, "requested")


def test_lists_are_filtered_and_paged(client: Client, work: Work) -> None:
    client.register(30)
    for application in ("chat", "mail", "vpn"):
        client.deploy(application=application)
    work()
    client.post("/deployments/2/abort")
    assert [it["id"] for it in client.get("/deployments?order=oldest&state=running")["items"]] == [1, 3]
    assert [it["id"] for it in client.get("/deployments?order=oldest&application=mail")["items"]] == [2]
    assert client.get("/deployments?platform=macos") == {"items": [], "next": None}
    first = client.get("/deployments?order=oldest&limit=2")
    assert ([it["id"] for it in first["items"]], first["next"]) == ([1, 2], 2)
    assert [it["id"] for it in client.get("/deployments?order=oldest&limit=2&cursor=2")["items"]] == [3]
    shown = client.get("/deployments/1/assignments?ring=lab&limit=500")["items"]
    assert {it["external_id"] for it in shown} == {"dev-00000", "dev-00025"}
