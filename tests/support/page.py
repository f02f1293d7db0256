"""The page `/dashboards` as a real browser shows it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request, TimeoutError as PlaywrightTimeout

from ops.local.ports import Ports

CHROMIUM = shutil.which("chromium") or ""
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium: apt-get install chromium")

ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
FOLDER = Path("ops/grafana/dashboards")
OPERATIONS = "eucora-operations"
PATIENCE = 60_000
"""Milliseconds, as Playwright counts."""
LOADS = 4
"""How often a board is loaded at most: a busy machine's Graphite may need longer than a panel waits for it."""


@dataclass(frozen=True)
class Server:
    """The API in a process of its own."""

    url: str
    token: str

    def page(self, path: str = "", **query: str) -> str:
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        return f"{self.url}/dashboards{path}?{asked}#token={self.token}"


@dataclass
class Seen:
    """A tab, and everything it complained about or asked for."""

    page: Page
    faults: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._note)
        self.page.on("request", lambda request: self.requests.append(request))
        self.page.on("crash", lambda _page: self.faults.append("the page crashed"))
        self.page.set_default_timeout(PATIENCE)

    def _note(self, line: ConsoleMessage) -> None:
        """Note a fault of the page; a Graphite that is too slow for a busy machine (503) is none."""
        if line.type == "error" and ("status of 503" not in line.text or "/static/" in str(line.location)):
            self.faults.append(line.text)

    def draw(self, url: str) -> None:
        """Load a board until no panel says that Graphite took too long; one that never does stays failed."""
        for _ in range(LOADS):
            self.faults.clear()
            self.page.goto("about:blank")
            self.page.goto(url)
            self.settle()
            if not self.page.locator(".panel[data-state=failed]").count():
                return

    def settle(self) -> None:
        """Wait until no panel is loading."""
        self._begin()
        self.until(lambda: self.page.locator(".grid:not([hidden]) .panel[data-state=loading]").count() == 0)

    def _begin(self) -> None:
        """Wait for the first panel. A page whose script a busy browser could not load stays dead: load it again."""
        for _ in range(LOADS):
            try:
                self.page.wait_for_selector(".panel", state="attached", timeout=PATIENCE / LOADS)
                return
            except PlaywrightTimeout:
                warnings.warn(f"{self.page.url.split('#')[0]} did not start: {self.faults}", stacklevel=2)
                self.faults.clear()
                self.page.reload()
        raise AssertionError(f"{self.page.url.split('#')[0]} did not start")

    def until(self, reached: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE / 1000
        while not reached():
            assert time.monotonic() < until, self.faults
            self.page.wait_for_timeout(50)  # the page goes on only while Playwright waits

    def asked(self, part: str) -> list[dict[str, list[str]]]:
        """The queries of the requests whose paths contain `part`."""
        paths = [urlsplit(request.url) for request in self.requests]
        return [parse_qs(path.query) for path in paths if re.search(part, path.path)]

    def panel(self, title: str) -> Any:
        return self.page.locator(".panel", has=self.page.get_by_role("heading", name=title, exact=True))


class Gate:
    """Where graphite-web should be: nobody answers until it is opened."""

    def __init__(self, port: int) -> None:
        self.port, self.target = Ports.free().graphite, port
        self._relay: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        code = (
            "import socket, sys, threading\n"
            "def pump(a, b):\n"
            "    try:\n"
            "        while data := a.recv(65536): b.sendall(data)\n"
            "    finally: b.close()\n"
            "server = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
            "while True:\n"
            "    near, far = server.accept()[0], socket.create_connection(('127.0.0.1', int(sys.argv[2])))\n"
            "    for pair in ((near, far), (far, near)):\n"
            "        threading.Thread(target=pump, args=pair, daemon=True).start()\n"
        )
        self._relay = subprocess.Popen([sys.executable, "-c", code, str(self.port), str(self.target)])

    def close(self) -> None:
        if self._relay:
            self._relay.kill()
            self._relay.wait()
