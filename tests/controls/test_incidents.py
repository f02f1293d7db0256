"""Incidents: opened, listed, closed once, and taken into account by the deployment that they are about."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.api import Api, As
from tests.support.database import nothing_written, rows
from tests.support.http import refused


def opened(api: Api, severity: str = "P1", **fields: Any) -> Any:
    status, body = api.post("/incidents", {"severity": severity, "title": "printers gone", **fields})
    assert status == 201, body
    return body


def events(api: Api, type: str) -> list[Any]:
    return list(api.get(f"/events?type={type}")["items"])


@pytest.fixture
def rollout(api: Api, speaking_as: As) -> int:
    """A deployment that another person requested."""
    api.register(50)
    return int(speaking_as("requester").deploy()["id"])


def test_an_incident_is_opened_shown_and_closed(api: Api, rollout: int) -> None:
    answer = api.raw("POST", "/incidents", json={"severity": "P0", "title": " no VPN ", "deployment_id": rollout})
    assert answer.status_code == 201
    incident = answer.json
    assert answer.headers["Location"].endswith(f"/incidents/{incident['id']}")
    assert (incident["severity"], incident["title"], incident["opened_by"]) == ("P0", "no VPN", "tester")
    assert incident["closed_at"] is None
    assert api.get(f"/incidents/{incident['id']}") == incident

    status, closed = api.post(f"/incidents/{incident['id']}/close", {"resolution": "old driver back"})
    assert (status, closed["closed_by"], closed["resolution"]) == (200, "tester", "old driver back")
    (opening,), (closing,) = events(api, "incident.opened"), events(api, "incident.closed")
    assert opening["deployment_id"] == closing["deployment_id"] == rollout
    assert opening["payload"] == {"incident_id": incident["id"], "severity": "P0", "title": "no VPN"}
    assert closing["payload"]["resolution"] == "old driver back"


def test_an_incident_is_closed_once(api: Api) -> None:
    incident = opened(api)["id"]
    assert api.post(f"/incidents/{incident}/close", {"resolution": "done"})[0] == 200
    with nothing_written():
        refused(api.raw("POST", f"/incidents/{incident}/close", json={"resolution": "again"}), 409, "incident-closed")
    assert api.get(f"/incidents/{incident}")["resolution"] == "done"


def test_incidents_are_filtered_and_paged(api: Api, rollout: int) -> None:
    ids = [opened(api, deployment_id=about)["id"] for about in (rollout, None, rollout, None)]
    api.post(f"/incidents/{ids[0]}/close", {"resolution": "done"})

    def found(query: str) -> list[int]:
        return [item["id"] for item in api.get(f"/incidents?{query}")["items"]]

    assert found("") == ids
    assert found("open=true") == ids[1:]
    assert found("open=false") == ids[:1]
    assert found(f"deployment_id={rollout}") == [ids[0], ids[2]]
    assert found(f"deployment_id={rollout}&open=true") == [ids[2]]
    first = api.get("/incidents?limit=3")
    assert found(f"limit=3&cursor={first['next']}") == ids[3:]


def test_open_severities_are_the_deployments_own_and_the_worst_is_first(api: Api, rollout: int) -> None:
    from app.controls.stops import open_severities
    from app.db import db

    for severity in ("P3", "P1", "P2", "P1"):
        opened(api, severity, deployment_id=rollout)
    opened(api, "P0")
    worst = opened(api, "P0", deployment_id=rollout)["id"]
    assert open_severities(db.session(), rollout) == ["P0", "P1", "P1", "P2", "P3"]
    assert api.post(f"/incidents/{worst}/close", {"resolution": "done"})[0] == 200
    assert open_severities(db.session(), rollout) == ["P1", "P1", "P2", "P3"]
    assert open_severities(db.session(), rollout + 1) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"severity": "P4", "title": "x"}, "severity"),
        ({"title": "x"}, "severity"),
        ({"severity": "P1"}, "title"),
        ({"severity": "P1", "title": "  "}, "title"),
        ({"severity": "P1", "title": "a\x00b"}, "title"),
        ({"severity": "P1", "title": "x" * 501}, "title"),
        ({"severity": "P1", "title": "x", "deployment_id": 0}, "deployment_id"),
        ({"severity": "P1", "title": "x", "closed_at": None}, "closed_at"),
    ],
)
def test_what_is_no_incident_is_refused(api: Api, body: dict[str, Any], field: str) -> None:
    refused(api.raw("POST", "/incidents", json=body), 422, "invalid", field)
    assert rows("SELECT 1 FROM incidents") == []


def test_an_incident_names_a_deployment_that_exists(api: Api) -> None:
    body = {"severity": "P1", "title": "x", "deployment_id": 77}
    refused(api.raw("POST", "/incidents", json=body), 422, "unknown-deployment", "deployment_id")
    assert rows("SELECT 1 FROM incidents") == []


def test_an_unknown_incident_is_not_found(api: Api) -> None:
    refused(api.raw("GET", "/incidents/7"), 404, "no-such-incident")
    refused(api.raw("POST", "/incidents/7/close", json={"resolution": "x"}), 404, "no-such-incident")


def test_the_gauges_count_what_is_open(api: Api) -> None:
    from app.controls import service

    ids = [opened(api, severity)["id"] for severity in ("P1", "P1", "P3")]
    api.post(f"/incidents/{ids[2]}/close", {"resolution": "done"})
    levels = {measure.path: measure.value for measure in service.levels()}
    assert levels == {"incident.open.P0": 0, "incident.open.P1": 2, "incident.open.P2": 0, "incident.open.P3": 0}


def test_the_requester_of_a_deployment_does_not_close_incidents_about_it(api: Api, speaking_as: As) -> None:
    number = api.deploy()["id"]
    about = {"severity": "P1", "title": "sign-in fails"}
    for opened in ({**about, "deployment_id": number}, about):
        assert api.post("/incidents", opened)[0] == 201
    closing = {"resolution": "it was nothing"}
    refused(api.raw("POST", "/incidents/1/close", json=closing), 403, "own-incident")
    assert api.get("/incidents/1")["closed_at"] is None
    assert api.post("/incidents/2/close", closing)[0] == 200
    assert speaking_as("other").post("/incidents/1/close", closing)[0] == 200
