"""The page for everybody: order, headings, words for charts, the keyboard, contrast, small screens, less motion."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Browser

from app.metrics import catalogue as m
from ops.grafana.boards import BOARDS
from tests.support.carbon import Feed
from tests.support.page import OPERATIONS, Seen, Server, needs_chromium
from tests.support.sight import FAINT

pytestmark = needs_chromium
LAST = {"from": "now-15m", "to": "now", "refresh": ""}


def test_dashboards_opens_operations_and_lists_the_others_in_the_order_of_need(server: Server, tab: Seen) -> None:
    tab.page.goto(server.page())
    tab.settle()
    assert f"/dashboards/{OPERATIONS}?" in tab.page.url
    wanted = [board.title.removeprefix("EUCORA ").capitalize() for board in BOARDS]
    assert wanted[:4] == ["Operations", "Rollouts", "Objectives", "Connectors"]
    assert tab.page.locator(".tabs a").all_inner_texts() == wanted
    assert tab.page.locator(".tabs [aria-current=page]").inner_text() == "Operations"


def test_the_page_that_asks_for_a_token_has_one_heading(server: Server, tab: Seen) -> None:
    tab.page.goto(f"{server.url}/dashboards")
    tab.page.get_by_label("Token").wait_for()
    assert tab.page.locator("h1").count() == 1
    assert tab.page.evaluate(FAINT) == {}


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_figures_in_every_color_can_be_read_on_their_tiles(server: Server, tab: Seen, theme: str) -> None:
    tab.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    tab.page.goto(f"{server.url}/dashboards")
    assert tab.page.evaluate("document.documentElement.dataset.theme") == theme
    faint = tab.page.evaluate(
        "import(document.querySelector('script[type=module]').src.replace('app.js', 'color.js')).then((it) =>"
        " [...it.PALETTE, ...it.ALARMS, '#2a9a56'].filter((color) => it.contrast(it.ink(color, it.tint(color)),"
        " it.tint(color)) < 4.5 || it.contrast(it.inkOn(color), color) < 4.5 || it.contrast(it.ink(color),"
        " it.cssVariable('--panel')) < 4.5))"
    )
    assert faint == []


def test_a_legend_can_be_worked_with_the_keyboard(server: Server, tab: Seen) -> None:
    tab.draw(server.page(f"/{OPERATIONS}", **LAST))
    entries = tab.panel("Deployment rate").locator(".legend button.entry")
    assert entries.count() > 1
    entries.first.focus()
    outline = entries.first.evaluate(
        "it => getComputedStyle(it).outlineStyle + ' ' + getComputedStyle(it).outlineWidth"
    )
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("Shift+Tab")
    outline = entries.first.evaluate(
        "it => getComputedStyle(it).outlineStyle + ' ' + getComputedStyle(it).outlineWidth"
    )
    assert outline == "solid 2px"
    tab.page.keyboard.press("Enter")
    pressed = [entry.get_attribute("aria-pressed") for entry in entries.all()]
    assert pressed == ["true"] + ["false"] * (len(pressed) - 1)
    assert entries.first.evaluate("it => it === document.activeElement"), "the keyboard stays where it is"
    tab.page.keyboard.press("Enter")
    assert {entry.get_attribute("aria-pressed") for entry in entries.all()} == {"true"}
    tab.page.keyboard.press("Control+Enter")
    assert entries.first.get_attribute("aria-pressed") == "false"
    assert entries.nth(1).get_attribute("aria-pressed") == "true"


def test_nothing_moves_for_those_who_want_no_motion(server: Server, browser: Browser) -> None:
    context = browser.new_context(reduced_motion="reduce")
    tab = Seen(context.new_page())
    tab.draw(server.page(f"/{OPERATIONS}", **LAST))
    moving = tab.page.evaluate(
        "(() => { document.querySelectorAll('.panel').forEach(it => it.classList.add('asking'));"
        " document.querySelector('button.row').click(); document.body.offsetTop;"
        " return document.getAnimations().length; })()"
    )
    context.close()
    assert moving == 0


def test_a_phone_shows_what_is_wrong_on_its_first_screen(server: Server, tab: Seen, feed: Feed) -> None:
    now = int(time.time())
    feed([(m.HTTP_REQUEST.series("count", endpoint="made", method="GET", status_class="5xx"), 1000, now - 60)])
    tab.page.set_viewport_size({"width": 390, "height": 844})
    tab.draw(server.page(f"/{OPERATIONS}", **LAST))
    alarms = tab.page.locator(".attention .alarm")
    assert alarms.first.inner_text().startswith("API errors")
    first = alarms.first.bounding_box()
    tile = tab.panel("API errors").bounding_box()
    assert first
    assert tile
    assert first["y"] + first["height"] < 300 < tile["y"] + tile["height"]
    rows = tab.page.locator("button.row")
    assert [row.get_attribute("aria-expanded") for row in rows.all()] == ["true"] + ["false"] * (rows.count() - 1)
    assert tab.page.evaluate("document.documentElement.scrollHeight") < 1600
    alarms.first.click()
    assert tab.page.evaluate("document.activeElement.querySelector('h3').textContent") == "API errors"
    rows.nth(1).click()
    tab.settle()
    assert tab.panel("Active holds").is_visible()
