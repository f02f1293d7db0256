"""The data behind the page: only committed targets are asked, and only for somebody with a token."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask

from app.dashboards import boards
from app.identity.roles import Role
from app.metrics import catalogue as m
from app.settings import Settings
from ops.local.stack import Stack
from tests.support.api import API, Api, make_token
from tests.support.carbon import Feed
from tests.support.contract import checked

BOARD = "/dashboards/eucora-operations"
FOLDER = Path("ops/grafana/dashboards")
OPERATIONS = boards.board("eucora-operations", FOLDER)
HEALTH = next(panel["id"] for panel in OPERATIONS.panels() if panel["title"] == "Connector health")
PANEL = f"{BOARD}/panels/{HEALTH}"
DAY = 86400


@pytest.fixture(scope="module")
def past(feed: Feed) -> int:
    """Health of two connectors for nine seconds, a while ago; the second of the first."""
    began = int(time.time()) // 60 * 60 - 1800
    feed(
        (m.CONNECTOR_HEALTH.series("", connector=name), value, began + second)
        for name, value in (("jamf", 0), ("intune", 1))
        for second in range(1, 10)
    )
    return began


def test_every_committed_dashboard_is_listed_and_shown(api: Api) -> None:
    files = sorted(FOLDER.glob("*.json"))
    listed = api.get("/dashboards")["items"]
    assert len(listed) == len(files) > 0
    for one in listed:
        shown = api.get(f"/dashboards/{one['uid']}")
        assert (shown["uid"], shown["title"]) == (one["uid"], one["title"])
        assert any(panel.get("targets") for panel in shown["panels"])


def test_every_panel_of_every_dashboard_is_answered(api: Api, past: int) -> None:
    answered = set()
    for board in boards.boards(FOLDER):
        for panel in board.panels():
            path = f"/dashboards/{board.uid}/panels/{panel['id']}?from={past}&until={past + 600}&max_points=50"
            for one in api.get(path)["series"]:
                assert one["name"]
                assert one["ref_id"] in {target["refId"] for target in panel["targets"]}
                answered.add(panel["id"])
    assert HEALTH in answered


def test_a_panel_has_named_series_of_times_and_values(api: Api, past: int) -> None:
    answer = api.get(f"{PANEL}?from={past}&until={past + 60}")
    assert (answer["from"], answer["until"]) == (past, past + 60)
    assert {one["name"] for one in answer["series"]} >= {"intune", "jamf"}  # other tests have connectors too
    intune = next(one for one in answer["series"] if one["name"] == "intune")
    assert intune["ref_id"] == "A"
    assert [point for point in intune["points"] if point[1] is not None] == [[past + n, 1.0] for n in range(1, 10)]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"intune", "jamf"}),
        ("&var-connector=*", {"intune", "jamf"}),
        ("&var-connector=jamf", {"jamf"}),
        ("&var-connector=jamf&var-connector=intune", {"intune", "jamf"}),
        ("&var-connector=nobody", set()),
    ],
)
def test_variables_choose_what_is_shown(api: Api, past: int, query: str, names: set[str]) -> None:
    answer = api.get(f"{PANEL}?from={past}&until={past + 60}{query}")
    found = {one["name"] for one in answer["series"]}
    assert found >= names
    if "=" in query.replace("=*", ""):
        assert found == names


def test_max_points_limits_each_series(api: Api, past: int) -> None:
    answer = api.get(f"{PANEL}?from={past}&until={past + 3600}&max_points=20")
    assert all(len(one["points"]) <= 20 for one in answer["series"])


def test_a_variable_has_the_values_of_the_range(api: Api, past: int) -> None:
    found = api.get(f"{BOARD}/variables/connector?from={past}&until={past + 60}")["values"]
    assert {"intune", "jamf"} <= set(found)
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (f"{PANEL}?var-connector=jamf),randomWalk(x", "var-connector"),
        (f"{PANEL}?var-connector={{jamf,intune}}", "var-connector"),
        (f"{PANEL}?var-connector=a.b", "var-connector"),
        (f"{PANEL}?var-connector=", "var-connector"),
        (f"{PANEL}?var-connector=jamf&var-connector='", "var-connector.1"),
        (f"{PANEL}?var-nothing=a", "var-nothing"),
        (f"{PANEL}?target=a", "target"),
        (f"{PANEL}?from=10&until=10", "from"),
        (f"{PANEL}?from=0&until={733 * DAY}", "from"),
        (f"{PANEL}?from=now-3y", "from"),
        (f"{PANEL}?from=yesterday", "from"),
        (f"{PANEL}?from=-1h", "from"),
        (f"{PANEL}?until=1e9", "until"),
        (f"{PANEL}?max_points=9", "max_points"),
        (f"{PANEL}?max_points=5001", "max_points"),
        (f"{BOARD}/variables/connector?from=10&until=9", "from"),
        (f"{BOARD}/annotations?from=10&until=9", "from"),
        (f"{BOARD}/annotations?var-ring=%2F", "var-ring"),
    ],
)
def test_what_is_wrong_is_named(api: Api, path: str, field: str) -> None:
    answer = api.raw("GET", path)
    assert answer.status_code == 422, answer.text
    assert answer.content_type == "application/problem+json"
    assert [error["field"] for error in answer.json["errors"]] == [field]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/dashboards/nobody", "no-such-dashboard"),
        ("/dashboards/..%2F..%2Fsettings", "no-such-dashboard"),
        (f"{BOARD}/panels/999999", "no-such-panel"),
        (f"{BOARD}/variables/nothing", "no-such-variable"),
        ("/dashboards/nobody/annotations", "no-such-dashboard"),
    ],
)
def test_what_does_not_exist_is_a_404(api: Api, path: str, kind: str) -> None:
    answer = api.raw("GET", path)
    assert answer.status_code == 404
    if "%2F" not in path:  # such a path leads to no view at all
        assert answer.json["type"] == f"urn:eucora:problem:{kind}"


def test_every_role_may_read_and_nobody_without_a_token(database: Flask) -> None:
    client = database.test_client()
    paths = ["/dashboards", BOARD, PANEL, f"{BOARD}/variables/ring", f"{BOARD}/annotations"]
    for path in paths:
        assert client.get(API + path).status_code == 401
        assert client.get(API + path, headers={"Authorization": "Bearer nonsense"}).status_code == 401
    for role in Role:
        token = make_token(f"some {role}", role)
        for path in paths:
            assert client.get(API + path, headers={"Authorization": f"Bearer {token}"}).status_code == 200, (role, path)


def test_events_of_graphite_become_marks(api: Api, stack: Stack, past: int) -> None:
    tags = [one["target"]["tags"][0] for one in OPERATIONS.annotations if one["target"].get("tags")]
    url = f"http://127.0.0.1:{stack.ports.graphite}/events/"
    for number, tag in enumerate(tags):
        event = {"what": f"mark {number}", "tags": [tag], "when": past + 10 + number, "data": "words"}
        assert httpx.post(url, json=event).status_code == 200
    httpx.post(url, json={"what": "another's", "tags": ["other"], "when": past + 10, "data": ""})
    marks: list[dict[str, Any]] = api.get(f"{BOARD}/annotations?from={past}&until={past + 60}")["items"]
    assert [mark["title"] for mark in marks] == [f"mark {number}" for number in range(len(tags))]
    if tags:
        assert marks[0]["time"] == past + 10
        assert marks[0]["text"] == "words"
        assert marks[0]["tags"] == [tags[0]]
        assert marks[0]["color"]
    assert api.get(f"{BOARD}/annotations?from={past + 100}&until={past + 160}")["items"] == []


@pytest.fixture
def blind(stack: Stack, api: Api) -> Api:
    """The API beside a Graphite that nobody serves."""
    from app.factory import create_app

    application = checked(create_app(Settings(graphite_url="http://127.0.0.1:9")))
    return Api(application.test_client(), api.headers["Authorization"].removeprefix("Bearer "))


def test_without_graphite_boards_are_shown_and_data_is_a_503_that_says_so(blind: Api) -> None:
    assert blind.raw("GET", BOARD).status_code == 200
    for path in (PANEL, f"{BOARD}/variables/ring", f"{BOARD}/annotations"):
        answer = blind.raw("GET", path)
        assert answer.status_code == 503
        assert answer.content_type == "application/problem+json"
        assert answer.json["type"] == "urn:eucora:problem:graphite-unavailable"
        assert "Rollouts go on" in answer.json["detail"]
        assert answer.headers["Retry-After"]


def test_a_graphite_that_hangs_leaves_threads_for_the_api(api: Api, database: Flask) -> None:
    from app.dashboards import service

    bounded = database.extensions[service.EXTENSION].graphite
    with ExitStack() as held:
        for _ in range(service.AT_ONCE):
            held.enter_context(bounded.turn())
        answer = api.raw("GET", PANEL)
    assert answer.status_code == 503
    assert answer.json["type"] == "urn:eucora:problem:graphite-busy"
    assert api.raw("GET", PANEL).status_code == 200


def test_the_page_is_open_to_all_and_loads_only_from_here(database: Flask) -> None:
    client = database.test_client()
    for path in ("/dashboards", "/dashboards/", "/dashboards/eucora-operations"):
        page = client.get(path)
        assert page.status_code == 200
        assert "http" not in page.text
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
    static = Path(boards.__file__).parent / "static"
    for file in static.rglob("*.*"):
        answer = client.get(f"/dashboards/static/{file.relative_to(static)}")
        assert answer.status_code == 200, file
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get("/dashboards/static/../views.py").status_code == 404
    assert client.get("/dashboards/static/nothing.js").status_code == 404
