"""What the database knows is on the page while Graphite is down: by name, with reasons, as text, on any screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from flask import Flask
from sqlalchemy import text

from app.connectors import registry
from app.db import db
from app.deployments import dispatch, progress
from app.identity.roles import Role
from ops.grafana import build
from ops.local.stack import Stack
from tests.support.api import API, deployment, make_token
from tests.support.approval import DANGEROUS, EVIDENCE
from tests.support.connectors import Scripted
from tests.support.page import OPERATIONS, Seen, Server, needs_chromium

pytestmark = needs_chromium

EVIL = "<img src=x onerror=alert(1)>"
NOWHERE = "http://127.0.0.1:1"


class Control:
    """Somebody who calls the API of the server."""

    def __init__(self, server: Server) -> None:
        self._http = httpx.Client(base_url=server.url + API, headers={"Authorization": f"Bearer {server.token}"})

    def post(self, path: str, body: Any = None) -> Any:
        answer = self._http.post(path, json=body or {})
        assert answer.is_success, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        answer = self._http.get(path)
        assert answer.is_success, answer.text
        return answer.json()

    def deploy(self, application: str, **fields: Any) -> int:
        return int(self.post("/deployments", deployment(application=application, **fields))["id"])


@pytest.fixture(scope="module")
def server(serve: Callable[..., Server], app: Flask) -> Server:
    """A server without Graphite, and a database with something of every kind."""
    made = serve(EUCORA_GRAPHITE_URL=NOWHERE)
    control, double = Control(made), Scripted()
    control.post(
        "/devices", [{"external_id": f"d{n}", "platform": "windows", "connector": "simulated"} for n in range(40)]
    )
    with app.app_context(), registry.replaced({"simulated": double}):
        make_token("anna", Role.APPROVER)
        failed = control.deploy(EVIL, version="2.1")
        progress.plan(failed)
        progress.advance(failed)
        dispatch.deliver(1)
        # Those that were dispatched: which of the 40 are the first is the planner's choice.
        devices = control.get(f"/deployments/{failed}/assignments?status=dispatched")["items"]
        said = {"deployment_id": failed, "sequence": 1, "outcome": "failed", "reason": "disk_full"}
        control.post("/reports", [{**said, "external_id": each["external_id"]} for each in devices])
        progress.advance(failed)
        assert control.get(f"/deployments/{failed}")["reason"] == "gate_failed:canary"
        progress.plan(control.deploy("vpn-client", version="7.2"))
        signed = control.deploy("browser", risk=DANGEROUS, evidence=EVIDENCE, plan="standard")
        progress.plan(signed)
        paused = control.deploy("mail", version="128.0 ESR")
        progress.plan(paused)
    control.post(f"/deployments/{paused}/pause", {"reason": "the help desk is closed"})
    control.post("/incidents", {"severity": "P1", "title": "sign-in fails <b>everywhere</b>", "deployment_id": failed})
    control.post("/connectors/simulated/breaker", {"state": "open", "reason": "the vendor is moving"})
    control.post("/freezes", {"reason": "quarter end", "application": "vpn-client"})
    return made


def row(tab: Seen, kind: str) -> Any:
    return tab.page.locator(f".facts li[data-kind={kind}]")


def opened(server: Server, tab: Seen) -> None:
    tab.page.goto(server.page(f"/{OPERATIONS}", **{"from": "now-15m", "to": "now", "refresh": ""}))
    tab.settle()
    row(tab, "failed_gate").wait_for()


def test_names_reasons_and_turns_are_shown_without_graphite(server: Server, tab: Seen) -> None:
    opened(server, tab)
    everything = tab.page.locator("#board > .board").inner_text()
    assert everything.index("What needs attention now") < everything.index("Heartbeat age")
    assert "mail 128.0 ESR on windows" in row(tab, "paused").inner_text()
    assert "reader paused it: the help desk is closed" in row(tab, "paused").inner_text()
    assert "operator: anyone" in row(tab, "paused").inner_text()
    assert "reader opened it: the vendor is moving" in row(tab, "breaker").inner_text()
    assert f"{EVIL} 2.1 on windows" in row(tab, "failed_gate").inner_text()
    assert "approver: a person other than the requester" in row(tab, "failed_gate").inner_text()
    assert "sign-in fails <b>everywhere</b>" in row(tab, "incident").inner_text()
    assert tab.page.locator(".facts img, .facts .what b").count() == 0


def test_tiles_have_their_figure_from_the_database(server: Server, tab: Seen) -> None:
    opened(server, tab)
    figures = Control(server).get("/attention")["figures"]
    for title, name in (("Paused", "paused"), ("Open incidents", "incident"), ("Breakers not closed", "breaker")):
        assert tab.panel(title).get_attribute("data-state") == "ready"
        assert tab.panel(title).locator(".tile strong").inner_text() == str(figures[name])
    assert figures["paused"] == 2
    assert tab.panel("Heartbeat age").get_attribute("data-state") == "failed"
    assert "Graphite does not respond" in tab.panel("Connector health").inner_text()
    assert "nothing else is affected" not in tab.page.locator("#board").inner_text()


def test_a_tile_whose_history_is_missing_asks_for_it_again(server: Server, tab: Seen) -> None:
    opened(server, tab)
    (paused,) = (panel["id"] for panel in build.committed(OPERATIONS)["panels"] if panel["title"] == "Paused")

    def asked() -> int:
        return sum(urlsplit(request.url).path.endswith(f"/panels/{paused}") for request in tab.requests)

    before = asked()
    assert tab.panel("Paused").get_attribute("data-state") == "ready"
    tab.until(lambda: asked() > before)  # with refresh Off


def test_a_row_opens_to_rings_failures_and_who_decided(server: Server, tab: Seen) -> None:
    opened(server, tab)
    button = row(tab, "failed_gate").get_by_role("button")
    button.focus()
    tab.page.keyboard.press("Enter")
    inside = row(tab, "failed_gate").locator(".inside")
    inside.get_by_text("Why devices failed").wait_for()
    shown = inside.inner_text()
    for part in ("disk full", "canary", "deployment paused", "POST /api/v1/deployments/1/waive"):
        assert part in shown
    tab.page.get_by_label("Refresh now").click()
    tab.until(lambda: tab.page.locator(".panel.asking").count() == 0)
    assert inside.is_visible()
    assert button.evaluate("it => it.getAttribute('aria-expanded')") == "true"


def test_the_address_of_a_tile_leads_to_its_kind(server: Server, tab: Seen) -> None:
    opened(server, tab)
    tab.page.goto("about:blank")
    tab.page.goto(f"{server.url}/dashboards/{OPERATIONS}#incident")
    tab.page.locator("li[data-kind=incident] > button:focus").wait_for()


def test_a_list_that_cannot_be_read_says_so_and_recovers(server: Server, tab: Seen) -> None:
    opened(server, tab)
    problem = {"title": "Unavailable", "detail": "The database does not respond; nothing was changed."}
    tab.page.route("**/api/v1/attention", lambda route: route.fulfill(status=503, json=problem))
    tab.page.get_by_label("Refresh now").click()
    status = tab.page.locator(".facts > .status")
    status.wait_for()
    assert "The database does not respond" in status.inner_text()
    assert row(tab, "paused").is_visible()  # as it was
    tab.page.unroute("**/api/v1/attention")
    tab.page.get_by_label("Refresh now").click()
    status.wait_for(state="hidden")


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_on_a_phone_it_is_the_first_thing_and_nothing_is_wider_than_the_screen(
    server: Server, tab: Seen, scheme: Any
) -> None:
    tab.page.emulate_media(color_scheme=scheme)
    tab.page.set_viewport_size({"width": 390, "height": 844})
    opened(server, tab)
    row(tab, "failed_gate").get_by_role("button").click()
    row(tab, "failed_gate").get_by_text("Why devices failed").wait_for()
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
    box = tab.page.locator(".facts").bounding_box()
    first = tab.page.locator(".panel").first.bounding_box()
    assert box is not None
    assert first is not None
    assert box["y"] < first["y"]


def test_nothing_needs_attention_is_said_with_its_time(server: Server, tab: Seen) -> None:
    calm = {"at": "2026-03-02T12:00:00.000Z", "figures": {}, "items": [], "groups": []}
    tab.page.route("**/api/v1/attention", lambda route: route.fulfill(json=calm))
    tab.page.goto(server.page(f"/{OPERATIONS}", **{"from": "now-15m", "to": "now", "refresh": ""}))
    tab.page.get_by_text("Nothing needs attention.").wait_for()
    assert "asked at 12:00:00 UTC" in tab.page.locator(".facts").inner_text()


def test_graphite_panels_go_on_while_the_database_is_down_and_the_list_says_so(
    serve: Callable[..., Server], app: Flask, tab: Seen, stack: Stack, tmp_path: Path
) -> None:
    (tmp_path / "pg").symlink_to(stack.layout.postgres_socket)
    where = f"postgresql+psycopg://eucora_app@/eucora?host={tmp_path}/pg&application_name=cut_off"
    server = serve(EUCORA_DATABASE_URL=where)
    tab.page.goto(server.page(f"/{OPERATIONS}", **{"from": "now-15m", "to": "now", "refresh": ""}))
    tab.page.locator(".facts h3").first.wait_for()
    tab.settle()
    (tmp_path / "pg").unlink()
    with app.app_context(), db.engine.connect() as connection:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cut_off'"
        assert connection.execute(text(ended)).all()
    tab.page.get_by_label("Refresh now").click()
    tab.page.locator(".facts[data-state=failed]").wait_for()
    assert "The database does not respond" in tab.page.locator(".facts > .status").inner_text()
    tab.until(lambda: tab.page.locator(".panel.asking").count() == 0)
    health = tab.panel("Connector health").inner_text()
    assert "database" not in health
    assert "respond" not in health
    strange = httpx.get(f"{server.url}{API}/dashboards", headers={"Authorization": f"Bearer eucora_{'strange':x<43}"})
    assert strange.status_code == 503
