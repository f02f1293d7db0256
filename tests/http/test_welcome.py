"""The bare address leads somewhere, for people and for programs."""

from __future__ import annotations

import pytest
from flask import Flask

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_a_browser_is_sent_to_the_dashboards(database: Flask) -> None:
    answer = database.test_client().get("/", headers={"Accept": BROWSER}, follow_redirects=True)
    assert answer.request.path == "/dashboards"
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"


@pytest.mark.parametrize("accept", ["application/json", "*/*", None, "application/json, text/html;q=0.5"])
def test_a_program_gets_links_that_lead_somewhere(database: Flask, accept: str | None) -> None:
    client = database.test_client()
    answer = client.get("/", headers={"Accept": accept} if accept else {})
    assert answer.status_code == 200
    links = answer.get_json()["links"]
    assert {"dashboards", "docs", "openapi", "health", "readiness"} == set(links)
    assert {client.get(path).status_code for path in links.values()} == {200}


def test_the_root_takes_no_writes(database: Flask) -> None:
    assert database.test_client().post("/").status_code == 405
