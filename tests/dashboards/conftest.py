"""A browser before a real API server, Graphite and carbon."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from app.metrics import catalogue as m
from ops.local.stack import Stack
from tests.support.api import make_token
from tests.support.carbon import Feed
from tests.support.database import empty
from tests.support.page import ARGUMENTS, CHROMIUM, Gate, Seen, Server
from tests.support.serving import serving


@pytest.fixture(scope="module")
def began(feed: Feed) -> int:
    """Twenty minutes of several metrics, which end now; when they began."""
    now = int(time.time())
    start = now - 1200
    connectors = [m.CONNECTOR_HEALTH.series("", connector=name) for name in ("intune", "jamf")]
    breakers = [m.BREAKER_STATE.series("", connector=name) for name in ("intune", "jamf")]
    rings = [
        m.DEPLOYMENT_TOTAL.series("count", ring=ring, status=status)
        for ring in ("lab", "canary")
        for status in ("passed", "failed")
    ]
    requests = [
        m.HTTP_REQUEST.series(aspect, endpoint="devices_index", method="GET", status_class="2xx")
        for aspect in ("count", "upper_50", "upper_95", "upper_99")
    ]
    feed(
        (series, at // 60 % 2 if series in breakers else 1, at)
        for at in range(start, now, 10)
        for series in (*rings, *requests, *breakers, *connectors)
    )
    return start


@pytest.fixture(scope="module")
def serve(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start an API server; `graphite` is where it finds graphite-web."""
    empty()
    with app.app_context():
        token = make_token("reader")
    with ExitStack() as started:

        def start(**settings: str) -> Server:
            log = tmp_path_factory.mktemp("api") / "log"
            return Server(started.enter_context(serving(log, **settings)).url, token)

        yield start


@pytest.fixture(scope="module")
def server(serve: Callable[..., Server], began: int) -> Server:
    return serve()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Seen]:
    """A tab of a fresh profile."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="dark")
    yield Seen(context.new_page())
    context.close()


@pytest.fixture
def gate(stack: Stack) -> Iterator[Gate]:
    made = Gate(stack.ports.graphite)
    yield made
    made.close()
