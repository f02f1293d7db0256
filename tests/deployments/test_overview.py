"""One deployment on one page: its rings, why devices failed, and who decided what last."""

from __future__ import annotations

from app.deployments import overview, progress
from tests.support.api import Api
from tests.support.database import statements
from tests.support.http import Client, refused


def fail(api: Api, number: int, reasons: list[str]) -> None:
    devices = api.get(f"/deployments/{number}/assignments?order=oldest&limit=500")["items"]
    body = [
        {
            "deployment_id": number,
            "external_id": it["external_id"],
            "sequence": 1,
            "outcome": "failed",
            "reason": reason,
        }
        for it, reason in zip(devices, reasons, strict=False)
    ]
    assert api.post("/reports", body)[0] == 200


def deploy(client: Client) -> int:
    client.register(50)
    number = int(client.deploy()["id"])
    progress.plan(number)
    return number


def test_it_is_the_deployment_with_its_failures_and_latest_decisions(client: Client) -> None:
    number = deploy(client)
    fail(client, number, ["disk_full", "disk_full", "no_network"])
    client.post(f"/deployments/{number}/pause", {"reason": "a look first"})
    shown, deployment = client.get(f"/deployments/{number}/overview"), client.get(f"/deployments/{number}")
    assert {name: shown[name] for name in deployment} == deployment
    failures = shown["failures"]
    assert (failures["devices"], failures["more"]) == (3, 0)
    assert {(it["reason"], it["devices"]) for it in failures["items"]} >= {("no_network", 1)}
    assert sum(it["devices"] for it in failures["items"]) == 3
    assert (shown["latest_events"][0]["type"], shown["latest_events"][0]["actor"]) == ("deployment.paused", "tester")
    assert "reports.ingested" not in {event["type"] for event in shown["latest_events"]}


def test_reasons_are_grouped_the_most_frequent_first_and_the_rest_is_counted(client: Client) -> None:
    number = deploy(client)
    fail(client, number, [f"reason_{n // 2}" for n in range(2 * overview.REASONS + 6)])
    failures = client.get(f"/deployments/{number}/overview")["failures"]
    assert len(failures["items"]) == overview.REASONS
    assert failures["more"] > 0
    counts = [it["devices"] for it in failures["items"]]
    assert counts == sorted(counts, reverse=True)


def test_without_failures_no_device_is_looked_at(client: Client) -> None:
    number = deploy(client)
    with statements() as sent:
        shown = client.get(f"/deployments/{number}/overview")
    assert shown["failures"] == {"devices": 0, "items": [], "more": 0}
    assert not [statement for statement in sent if " assignments" in statement]


def test_an_unknown_deployment_is_not_found(client: Client) -> None:
    refused(client.raw("GET", "/deployments/99/overview"), 404, "no-such-deployment")
