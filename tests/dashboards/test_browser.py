"""The page in a real browser, before a real API server, Graphite and carbon."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from app.dashboards import boards
from ops.local.stack import Stack
from tests.support.page import FOLDER, OPERATIONS, Gate, Seen, Server, needs_chromium
from tests.support.proxy import proxy

pytestmark = needs_chromium
SMALL = min(boards.boards(FOLDER), key=lambda board: len(list(board.panels()))).uid
"""The board that is drawn the soonest."""


@pytest.fixture(scope="module")
def marks(stack: Stack, began: int) -> str:
    """An event in the middle of the twenty minutes, of the first kind that the operations board marks; its title."""
    tags = [one["target"]["tags"] for one in boards.board(OPERATIONS, FOLDER).annotations if one["target"].get("tags")]
    event = {"what": "vpn 2.0 completed", "tags": tags[0], "when": began + 600, "data": "five rings"}
    assert httpx.post(f"http://127.0.0.1:{stack.ports.graphite}/events/", json=event).status_code == 200
    return str(event["what"])


def test_values_and_states_are_shown(server: Server, tab: Seen) -> None:
    tab.draw(server.page(f"/{OPERATIONS}", **{"from": "now-15m", "to": "now"}))
    states = {one: tab.panel(one).get_attribute("data-state") for one in ("Connector health", "Deployment rate")}
    assert set(states.values()) == {"ready"}
    assert "healthy" in tab.panel("Connector health").locator(".legend").inner_text().split()
    assert {"closed", "open"} <= set(tab.panel("Circuit breaker state").locator(".legend").inner_text().split())
    legend = tab.panel("Deployment rate").locator(".legend").inner_text()
    assert "rings passed" in legend
    assert "/min" in legend
    tab.panel("Connector health").scroll_into_view_if_needed()
    tab.panel("Connector health").locator(".u-over").hover()
    tab.until(lambda: "intune" in tab.panel("Connector health").locator(".tip").inner_text())
    assert tab.page.locator(".u-cursor-x:not(.u-off)").count() > 1  # every chart shows the same moment
    assert tab.faults == []


def test_variables_and_ranges_change_what_is_asked(server: Server, tab: Seen) -> None:
    tab.draw(server.page(f"/{OPERATIONS}", **{"from": "now-15m", "to": "now"}))
    tab.page.locator("[data-variable=connector] > button").click()
    sheet = tab.page.locator("[data-variable=connector] .options")
    sheet.get_by_role("option", name="jamf").wait_for()
    assert {"All", "intune", "jamf"} <= set(sheet.inner_text().split())
    tab.requests.clear()
    sheet.get_by_role("option", name="jamf").click()
    tab.until(lambda: bool(tab.asked("/panels/")) and "var-connector=jamf" in tab.page.url)
    tab.settle()
    assert all(query["var-connector"] == ["jamf"] for query in tab.asked("/panels/"))
    tab.page.keyboard.press("Escape")
    tab.requests.clear()
    tab.page.locator(".range").click()
    tab.page.get_by_role("button", name="Last 3 hours").click()
    tab.until(lambda: any(_seconds(query) == 3 * 3600 for query in tab.asked("/panels/")))
    assert "from=now-3h" in tab.page.url
    tab.requests.clear()
    tab.page.locator(".range").click()
    tab.page.get_by_label("From", exact=True).fill("2026-01-31 10:00")
    tab.page.get_by_label("To", exact=True).fill("2026-01-31 09:00:00")
    tab.page.get_by_role("button", name="Apply").click()
    assert "start before it ends" in tab.page.get_by_role("alert").inner_text()
    tab.page.get_by_label("To", exact=True).fill("2026-01-31 11:00:00")
    tab.page.get_by_role("button", name="Apply").click()
    wanted = {"from": ["1769853600"], "until": ["1769857200"]}
    tab.until(lambda: any(wanted.items() <= query.items() for query in tab.asked("/panels/")))
    assert tab.faults == []


def _seconds(query: dict[str, list[str]]) -> int:
    return int(query["until"][0]) - int(query["from"][0])


def test_marks_show_and_can_be_hidden(server: Server, tab: Seen, began: int, marks: str) -> None:
    (tag,) = boards.board(OPERATIONS, FOLDER).annotations[0]["target"]["tags"]
    span = {"from": str(began + 480), "to": str(began + 720), "marks": tag}
    tab.page.goto(server.page(f"/{OPERATIONS}", **span))
    tab.settle()
    over = tab.panel("API latency p50 / p95 / p99").locator(".u-over")
    over.scroll_into_view_if_needed()
    over.hover()  # the middle: where the mark is
    tip = tab.panel("API latency p50 / p95 / p99").locator(".tip")
    tab.until(lambda: marks in tip.inner_text())
    tab.page.locator(".marks[aria-pressed=true]").first.click()
    over.hover(position={"x": 10, "y": 10})
    over.hover()
    tab.until(lambda: bool(tip.inner_text()) and marks not in tip.inner_text())
    assert tab.faults == []


def test_it_refreshes_by_itself(server: Server, tab: Seen) -> None:
    tab.page.goto(server.page(f"/{OPERATIONS}", **{"from": "now-5m", "to": "now"}))
    tab.settle()
    tab.page.clock.install()
    tab.page.get_by_label("Refresh", exact=True).select_option("5s")
    tab.requests.clear()
    tab.page.clock.fast_forward(5_100)
    tab.until(lambda: len(tab.asked("/panels/")) > 5)
    assert "refresh=5s" in tab.page.url
    assert tab.faults == []


def test_it_works_below_a_path_prefix(serve: Callable[..., Server], tab: Seen, began: int) -> None:
    """Through a proxy that removes the prefix: scripts, data, links and reloading stay below it."""
    direct = serve(EUCORA_TRUSTED_PROXIES="127.0.0.1")
    with proxy(direct.url) as behind:
        below = Server(behind.url, direct.token)
        tab.page.goto(below.page(f"/{OPERATIONS}", **{"from": "now-15m", "to": "now"}))
        tab.settle()
        tab.page.locator(f".tabs a[href*='/{SMALL}?']").click()
        tab.until(lambda: f"{behind.url}/dashboards/{SMALL}?" in tab.page.url)
        tab.settle()
        tab.page.reload()
        tab.settle()
        assert tab.asked("/panels/")
        assert behind.misses == []
        assert tab.faults == []


def test_another_board_keeps_the_range_and_back_leads_back(server: Server, tab: Seen) -> None:
    tab.page.goto(server.page(f"/{OPERATIONS}", **{"from": "now-6h", "to": "now"}))
    tab.settle()
    tab.page.locator(f".tabs a[href*='/{SMALL}?']").click()
    tab.until(lambda: f"/{SMALL}?" in tab.page.url)
    tab.settle()
    assert "from=now-6h" in tab.page.url
    tab.page.go_back()
    tab.until(lambda: f"/{OPERATIONS}?" in tab.page.url)
    tab.settle()
    assert tab.faults == []


def test_the_token_leaves_the_address_at_once_and_lasts_as_long_as_the_tab(server: Server, tab: Seen) -> None:
    tab.page.goto(server.page(f"/{SMALL}"))
    tab.settle()
    assert server.token not in tab.page.url
    assert all(server.token not in request.url for request in tab.requests if "/api/" in request.url)
    tab.page.reload()
    tab.settle()
    other = tab.page.context.new_page()
    other.goto(f"{server.url}/dashboards")
    other.get_by_label("Token").wait_for()
    assert tab.faults == []


def test_without_a_token_or_with_a_wrong_one_it_asks(server: Server, tab: Seen) -> None:
    tab.page.goto(f"{server.url}/dashboards")
    prompt = tab.page.get_by_label("Token")
    prompt.fill(f"eucora_{'wrong':x<43}")
    tab.page.get_by_role("button", name="Show the dashboards").click()
    tab.page.get_by_role("alert").wait_for()
    assert "This token is unknown" in tab.page.get_by_role("alert").inner_text()
    tab.page.get_by_label("Token").fill(server.token)
    tab.page.get_by_role("button", name="Show the dashboards").click()
    tab.settle()
    assert not [fault for fault in tab.faults if "401" not in fault]


def test_without_graphite_each_panel_says_so_and_recovers(
    serve: Callable[..., Server], tab: Seen, gate: Gate, began: int
) -> None:
    server = serve(EUCORA_GRAPHITE_URL=f"http://127.0.0.1:{gate.port}")
    tab.page.goto(server.page(f"/{OPERATIONS}", **{"from": "now-15m", "to": "now", "refresh": ""}))
    tab.settle()
    fields = {one["title"]: one.get("fieldConfig", {}) for one in boards.board(OPERATIONS, FOLDER).panels()}
    known = [title for title, field in fields.items() if field.get("defaults", {}).get("links")]
    panels = tab.page.locator(".panel").count()
    assert tab.page.locator(".panel[data-state=failed]").count() == panels - len(known) > 5
    assert {tab.panel(title).get_attribute("data-state") for title in known} == {"ready"}  # the database knows these
    assert "Graphite does not respond" in tab.panel("Connector health").inner_text()
    gate.open()
    tab.until(lambda: _recovered(tab))
    assert "Graphite does not respond" not in tab.page.locator("#board").inner_text()
    assert tab.faults == []


def _recovered(tab: Seen) -> bool:
    tab.page.get_by_label("Refresh now").click()
    tab.page.wait_for_timeout(100)
    tab.until(lambda: tab.page.locator(".panel.asking").count() == 0)
    return tab.page.locator(".panel[data-state=failed]").count() == 0


def test_it_is_usable_on_a_phone(server: Server, tab: Seen) -> None:
    tab.page.set_viewport_size({"width": 390, "height": 844})
    tab.page.goto(server.page(f"/{OPERATIONS}", **{"from": "now-15m", "to": "now"}))
    tab.settle()
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
    tab.page.get_by_label("Light or dark").click()
    assert tab.page.evaluate("document.documentElement.dataset.theme") == "light"
    tab.settle()
    assert tab.faults == []
