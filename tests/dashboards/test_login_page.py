"""The page for people who log in: in a real browser, with a real identity provider."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from app.factory import create_app
from ops.local.ports import Ports
from tests.support.browser import people, settings
from tests.support.database import empty
from tests.support.page import Seen, needs_chromium
from tests.support.provider import IdentityProvider

pytestmark = needs_chromium


@pytest.fixture
def address(app: Flask, tmp_path: Path) -> Iterator[str]:
    """Where the application is served, with logins."""
    empty()
    url = f"http://127.0.0.1:{Ports.free().api}"
    provider = IdentityProvider(tmp_path, f"{url}/login/callback")
    people(provider)
    provider.start()
    site = create_app(settings(provider.issuer, public_url=url))
    server = make_server("127.0.0.1", int(url.rpartition(":")[2]), site, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield url
    server.shutdown()
    server.server_close()
    provider.stop()


def test_a_person_logs_in_sees_the_dashboards_and_logs_out(address: str, tab: Seen) -> None:
    page = tab.page
    page.goto(f"{address}/dashboards/eucora-operations?from=now-15m&to=now")
    page.get_by_role("link", name="Log in").click()
    page.locator("input[name=login]").fill("anna")
    page.locator("input[name=password]").fill("x")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()
    leave = page.get_by_role("button", name="Anna · Log out")
    leave.wait_for()
    assert page.url.startswith(f"{address}/dashboards/eucora-operations?from=now-15m")
    tab.settle()
    assert page.evaluate("document.cookie") == ""
    leave.click()
    page.get_by_label("Token").wait_for()
    page.reload()
    page.get_by_label("Token").wait_for()
