"""Every board in a real browser, looked at from all sides: each is loaded once on a wide screen and once on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from app.dashboards import boards
from tests.support.page import FOLDER, Seen, Server, needs_chromium
from tests.support.sight import FAINT, RECORDER

pytestmark = needs_chromium
WIDE, PHONE = 1440, 390

CUT = """() => {
  const bottom = (element) => element.getBoundingClientRect().bottom;
  const texts = ".legend, .legend .name, .bar .name, .tile .name, .panel h3, .notice span";
  const isCut = (it) => getComputedStyle(it).display !== "inline" && it.scrollWidth > it.clientWidth + 1;
  const isOutside = (it) => it.matches(".legend") && bottom(it) > bottom(it.closest(".panel"));
  const shown = [...document.querySelectorAll(texts)].filter((it) => it.offsetParent);
  return shown.filter((it) => isCut(it) || isOutside(it)).map((it) => it.textContent);
}"""
"""The texts of panels that do not fit where they are."""


class Drawn(NamedTuple):
    """A board in a tab."""

    uid: str
    width: int
    tab: Seen


EVERY = [(one.uid, width) for one in boards.boards(FOLDER) for width in (WIDE, PHONE)]


@pytest.fixture(scope="module", params=EVERY, ids=[f"{uid}-{width}" for uid, width in EVERY])
def drawn(request: pytest.FixtureRequest, server: Server, browser: Browser) -> Iterator[Drawn]:
    """Each board on each screen; the tests of one look at the same page, in the order in which they stand here."""
    uid, width = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme="dark")
    context.add_init_script(RECORDER)
    tab = Seen(context.new_page())
    tab.draw(server.page(f"/{uid}", **{"from": "now-15m", "to": "now", "refresh": ""}))
    yield Drawn(uid, width, tab)
    context.close()


def test_every_panel_is_drawn(drawn: Drawn, server: Server) -> None:
    tab = drawn.tab
    wanted = {str(one["id"]): one for one in boards.board(drawn.uid, FOLDER).panels() if one["type"] != "row"}
    states = tab.page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('.panel')].map(p => [p.dataset.panel, p.dataset.state]))"
    )
    assert set(states) == set(wanted)
    folded = {"idle"} if drawn.width == PHONE else set()  # a phone asks for what is below its first screen when opened
    assert set(states.values()) <= {"ready", "empty", "loading", *folded}
    for panel in (wanted[one] for one, state in states.items() if state == "ready"):
        shown = tab.page.locator(f".panel[data-panel='{panel['id']}'] .body")
        assert shown.locator("canvas, .tile, .bar, tbody tr, p").count(), panel["title"]
    assert tab.faults == []
    assert {urlsplit(request.url).netloc for request in tab.requests} == {urlsplit(server.url).netloc}


def test_headings_are_in_order_and_charts_have_words(drawn: Drawn) -> None:
    page = drawn.tab.page
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(it => +it.tagName[1])")
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    charts = page.locator(".panel[data-state=ready] .plot").all()
    for chart in charts:
        assert chart.get_attribute("role") == "img"
        text = chart.get_attribute("aria-label") or ""
        title = chart.locator("xpath=ancestor::article//h3").text_content()
        assert text.startswith(f"{title}, from ")
        assert re.search(r"newest .*lowest .*highest | since \d{4}-", text), text
    assert page.locator("canvas").count() == len(charts)


def test_labels_and_legends_are_whole(drawn: Drawn) -> None:
    tab = drawn.tab
    tab.page.evaluate("document.querySelectorAll('button.row[aria-expanded=false]').forEach((row) => row.click())")
    tab.settle()
    labels = tab.page.evaluate("labels()")
    assert labels or not tab.page.locator(".panel[data-state=ready] .plot").count()
    assert [one for one in labels if one["left"] < -1 or one["right"] > one["width"] + 1] == []
    assert tab.page.evaluate(CUT) == []
    assert "_" not in " ".join(tab.page.locator(".legend .name, .bar .name, .tile .name").all_inner_texts())
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= drawn.width


def test_every_text_can_be_read_on_its_ground(drawn: Drawn) -> None:
    page = drawn.tab.page
    hidden = page.locator(".legend button.entry").first
    if hidden.count():
        hidden.click(modifiers=["Control"])
        assert hidden.get_attribute("aria-pressed") == "false"
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate(FAINT) == {}
    page.get_by_label("Light or dark").click()
    drawn.tab.settle()
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    assert page.evaluate(FAINT) == {}
    assert drawn.tab.faults == []
