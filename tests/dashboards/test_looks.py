"""How charts look in a real browser: their colors, marks, labels, dates, and what they say when Graphite is down."""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page

from app.dashboards import boards
from app.metrics import catalogue as m, foreign as f
from app.metrics.reading.graphite import Graphite
from ops.grafana import words
from ops.local.stack import Ports, Stack
from tests.support import carbon
from tests.support.carbon import Feed
from tests.support.page import FOLDER, OPERATIONS, Gate, Seen, Server, needs_chromium
from tests.support.sight import RECORDER

pytestmark = needs_chromium
LAST = {"from": "now-15m", "to": "now", "refresh": ""}
ROLLOUTS, PIPELINE, OBJECTIVES = "eucora-rollouts", "eucora-pipeline", "eucora-slos"
EARLIER = 7200
"""Seconds before the points of the other tests, of which some post marks too."""
TOGETHER = 25
"""Marks that were made within seconds of each other."""


def module(page: Page, name: str, expression: str) -> Any:
    """What an expression of a module of the page's is."""
    path = page.evaluate("document.querySelector('script[type=module]').src.replace('app.js', '')")
    return page.evaluate(f"import('{path}{name}').then((it) => ({expression}))")


def units() -> set[str]:
    """Every unit on any board."""
    texts = [json.dumps(board.document) for board in boards.boards(FOLDER)]
    found = {unit for text in texts for unit in re.findall(r'"unit": "([^"]*)"', text)}
    return found | {value for text in texts for value in re.findall(r'"id": "unit", "value": "([^"]*)"', text)}


def test_every_unit_of_the_boards_is_known(server: Server, tab: Seen) -> None:
    tab.page.goto(f"{server.url}/dashboards")
    wanted = json.dumps(sorted(units()))
    assert "dateTimeFromNow" in wanted
    assert module(tab.page, "units.js", f"{wanted}.filter((unit) => !it.isKnown(unit))") == []
    assert module(tab.page, "units.js", "it.format(1.8e12, 'no such unit')") == "1,800,000,000,000 no such unit"


def test_a_date_is_a_date_and_what_never_was_is_never(server: Server, tab: Seen, feed: Feed) -> None:
    now = int(time.time())
    flush, error = (it.series.replace("stats*", "stats") for it in (f.STATSD_LAST_FLUSH, f.STATSD_LAST_EXCEPTION))
    feed(point for at in range(now - 60, now, 10) for point in ((flush, now - 90, at), (error, 0, at)))
    tab.draw(server.page(f"/{PIPELINE}", **LAST))
    tiles = tab.panel("Last flush and last error").locator(".tile strong")
    assert re.fullmatch(r"\d+ (s|min) ago|now", tiles.nth(0).inner_text())
    assert tiles.nth(1).inner_text() == "never"
    ages = {60: "60 s ago", 600: "10 min ago", 7200: "2 h ago", -300: "in 5 min"}
    for seconds, text in ages.items():
        shown = module(tab.page, "units.js", f"it.format(Date.now() - {seconds} * 1000, 'dateTimeFromNow')")
        assert shown == text
    assert module(tab.page, "units.js", "it.format(1e12, 'dateTimeFromNow')") == "2001-09-09"
    assert module(tab.page, "units.js", "it.format(1.8e12, 'dateTimeAsIso')") == "2027-01-15 08:00:00"


def painted(tab: Seen, title: str, part: str) -> dict[str, str]:
    """The colors of a panel's entries by their names."""
    return dict(
        tab.panel(title)
        .locator(part)
        .evaluate_all(
            "all => all.map(it => [it.querySelector('.name').textContent,"
            " getComputedStyle(it.querySelector('i')).backgroundColor])"
        )
    )


def rgb(name: str) -> str:
    color = words.look(name).color
    assert color
    return f"rgb({', '.join(str(int(color[at : at + 2], 16)) for at in (1, 3, 5))})"


def test_a_word_has_one_color_whatever_is_beside_it(server: Server, tab: Seen) -> None:
    """In bars and in curves, in both themes, with other rows and without."""
    for ring, theme in (("*", "dark"), ("canary", "dark"), ("canary", "light")):
        tab.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        tab.draw(server.page(f"/{ROLLOUTS}", **LAST, **{"var-ring": ring}))
        bars = painted(tab, "Results by ring", ".bar")
        curves = painted(tab, "Rings ended", ".legend .entry")
        assert {"canary passed", "canary failed"} <= bars.keys()
        assert ("lab passed" in bars) == (ring == "*")
        for name, color in bars.items():
            assert color == rgb(name) == curves[name.split()[-1]]
    tab.draw(server.page(f"/{OPERATIONS}", **LAST))
    assert painted(tab, "Circuit breaker state", ".legend .entry") == {"closed": rgb("closed"), "open": rgb("open")}


@pytest.fixture(scope="module")
def together(stack: Stack, began: int) -> str:
    """Many marks of the first layer within seconds, and one alone, when no other test makes any; the layer's tag."""
    began -= EARLIER
    (tag,) = boards.board(OPERATIONS, FOLDER).annotations[0]["target"]["tags"]
    made = [(f"crowd {number}", began + 300 + number % 5) for number in range(TOGETHER)] + [("alone", began + 800)]
    for what, when in made:
        event = {"what": what, "tags": [tag], "when": when, "data": "with details"}
        assert httpx.post(f"http://127.0.0.1:{stack.ports.graphite}/events/", json=event).status_code == 200
    return str(tag)


def test_marks_are_off_until_somebody_wants_them_and_cluster(
    server: Server, tab: Seen, began: int, together: str
) -> None:
    span = {"from": str(began - EARLIER), "to": str(began - EARLIER + 1200), "refresh": ""}
    tab.draw(server.page(f"/{OPERATIONS}", **span))
    toggle = tab.page.get_by_role("button", name="Deployments", exact=True)
    assert tab.page.locator(".mark-button").count() == 0
    assert tab.asked("/annotations") == []
    toggle.click()
    assert f"marks={together}" in tab.page.url
    assert toggle.evaluate("it => it === document.activeElement"), "the keyboard stays where it is"
    tab.page.reload()
    tab.settle()
    tab.until(lambda: tab.page.locator(".mark-button").count() > 0)
    assert tab.panel("Connector health").locator(".mark-button").count() == 0, "marks would cover the states"
    chart = tab.panel("Deployment rate")
    buttons = chart.locator(".mark-button")
    assert buttons.all_inner_texts() == [str(TOGETHER), ""]
    label = buttons.first.get_attribute("aria-label") or ""
    assert label.startswith(f"{TOGETHER} marks: ")
    assert label.endswith(f"and {TOGETHER - 8} more")
    buttons.first.focus()
    tab.until(lambda: "crowd 0" in chart.locator(".tip").inner_text())
    assert f"and {TOGETHER - 8} more marks" in chart.locator(".tip").inner_text()
    tab.page.keyboard.press("ArrowRight")
    tab.until(lambda: "alone" in chart.locator(".tip").inner_text())
    toggle.click()
    assert tab.page.locator(".mark-button").count() == 0
    assert "marks=&" in f"{tab.page.url}&"
    assert tab.faults == []


def test_an_overspent_budget_stays_in_sight(serve: Callable[..., Server], tab: Seen) -> None:
    """On a Graphite of its own: the other one counts what other tests deploy."""
    with ExitStack() as ending:
        apart = Stack(Path(tempfile.mkdtemp(prefix="eucora-")), Ports.free(), ("carbon", "graphite"), owner=os.getpid())
        ending.callback(apart.remove)
        apart.start()
        url = f"http://127.0.0.1:{apart.ports.graphite}"
        _overspend(serve(EUCORA_GRAPHITE_URL=url), tab, partial(carbon.feed, apart.ports.carbon, Graphite(url)))


def _overspend(server: Server, tab: Seen, feed: Feed) -> None:
    now = int(time.time())
    completed, failed = (
        m.APPLICATION_DEPLOYMENTS.series("count", app="_other", status=status) for status in ("completed", "failed")
    )
    feed([(completed, 10, now - 300), (failed, 5, now - 300)])
    tab.page.add_init_script(RECORDER)
    tab.draw(server.page(f"/{OBJECTIVES}", **LAST))
    assert "too few to judge" in tab.panel("Deployment success: budget left").inner_text()
    assert re.search(r"good\s+10\s+of\s+15", tab.panel("Deployment success: counted").inner_text())
    feed([(completed, 30, now - 200), (failed, 20, now - 200)])
    tab.draw(server.page(f"/{OBJECTIVES}", **LAST))
    panel = tab.panel("Deployment success: budget over time")
    number = panel.get_attribute("data-panel")
    told = re.search(r"lowest (-[\d,]+)", panel.locator("[role=img]").get_attribute("aria-label"))
    assert told
    lowest = float(told[1].replace(",", ""))
    written = [one["text"] for one in tab.page.evaluate("labels()") if one["panel"] == number]
    scale = [float(text.strip("%").replace(",", "")) for text in written if text.endswith("%")]
    assert lowest < 0
    assert min(scale) <= lowest * 0.8
    assert max(scale) >= 0


def test_a_failed_panel_asks_again_by_itself_and_keeps_what_it_showed(
    serve: Callable[..., Server], tab: Seen, gate: Gate, began: int
) -> None:
    server = serve(EUCORA_GRAPHITE_URL=f"http://127.0.0.1:{gate.port}")
    tab.page.goto(server.page(f"/{OPERATIONS}", **LAST))
    tab.settle()
    health = tab.panel("Connector health")
    assert health.get_attribute("data-state") == "failed"
    assert re.search(r"No answer since this page was opened\. Asking again at \d\d:\d\d:\d\d", health.inner_text())
    assert "panels have no answer" in tab.page.locator(".attention").inner_text()
    gate.open()
    tab.until(lambda: tab.page.locator(".panel[data-state=failed]").count() == 0)  # with refresh Off, by itself
    assert "Graphite does not respond" not in tab.page.locator("#board").inner_text()
    gate.close()
    tab.page.get_by_label("Refresh now").click()
    tab.until(lambda: health.get_attribute("data-state") == "failed")
    assert re.search(r"Last answer: \d\d:\d\d:\d\d UTC\. Asking again", health.inner_text())
    tab.page.get_by_label("Light or dark").click()
    assert health.locator("canvas").is_visible(), "what was shown stays, in either theme"
    gate.open()
    tab.until(lambda: tab.page.locator(".panel[data-state=failed]").count() == 0)
    assert tab.faults == []


def test_it_waits_longer_after_each_failure(server: Server, tab: Seen) -> None:
    tab.page.goto(f"{server.url}/dashboards")
    tab.page.clock.install()
    waits = module(
        tab.page,
        "retry.js",
        "(() => { const retry = new it.Retry(() => {}); const waits = [];"
        " for (let n = 0; n < 9; n += 1) waits.push(retry.later() - Date.now()); retry.stop(); return waits; })()",
    )
    assert all(1_500 * 2**turn <= wait <= 2_000 * 2**turn for turn, wait in enumerate(waits[:5]))
    assert all(45_000 <= wait <= 60_000 for wait in waits[5:])
