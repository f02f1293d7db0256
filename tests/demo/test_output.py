"""What the demo ends with, and that it can be run again."""

from __future__ import annotations

import io
import re
from typing import Any, cast

import httpx
import pytest
from flask import Flask
from rich.console import Console

from app.demo import rollout, run
from app.demo.proof import SeriesTotals
from client import Client
from client.types import Deployment
from tests.client.support import isolated
from tests.support.api import Api, make_token
from tests.support.jobs import Work

EQUAL = SeriesTotals("stats.counters.eucora.report.received.count", 10_000, 10_000)
DIFFERENT = SeriesTotals("stats.counters.eucora.report.late.count", 3, 2)
COUNTS = {"eligible": 93, "succeeded": 89, "failed": 2, "silent": 1, "pending": 1}


def printed(*totals: SeriesTotals, width: int = 80, every_total: bool = False) -> list[str]:
    ring: dict[str, Any] = {"name": "department", "state": "passed", "verdict_code": "passed", **COUNTS}
    deployment = cast(Deployment, {"id": 7, "state": "completed", "rings": [ring]})
    result = run.Result(deployment, {"created": 93}, 12.0, list(totals), [0.5], [3.0])
    output = io.StringIO()
    run.show(Console(file=output, width=width), result, every_total=every_total)
    return [line.rstrip() for line in output.getvalue().splitlines()]


def test_it_ends_with_the_rings_and_one_line_of_totals() -> None:
    lines = printed(EQUAL, EQUAL)
    (ring,) = [line for line in lines if line.startswith("department")]
    assert [int(number) for number in re.findall(r"\d+", ring)] == list(COUNTS.values())
    assert sum(list(COUNTS.values())[1:]) == COUNTS["eligible"]
    assert lines[-1].startswith("2 of 2 totals equal")
    assert not [line for line in lines if "report.received" in line]


def test_a_narrow_terminal_shows_every_heading() -> None:
    (heading,) = [line for line in printed(EQUAL) if line.startswith("ring")]
    assert heading.split() == ["ring", "state", "reported", *COUNTS, "gate"]


def test_a_total_that_differs_is_shown_and_the_others_on_request() -> None:
    def series(lines: list[str]) -> list[str]:
        return [name for name in ("report.received", "report.late") if any(name in line for line in lines)]

    few = printed(EQUAL, DIFFERENT)
    assert series(few) == ["report.late"]
    assert few[-1].startswith("1 of 2 totals equal")
    assert series(printed(EQUAL, DIFFERENT, every_total=True)) == ["report.received", "report.late"]


@pytest.fixture
def client(database: Flask) -> Client:
    return Client("http://eucora.test", make_token("demo"), transport=httpx.WSGITransport(isolated(database)))


def test_every_run_deploys_the_next_version_and_reports_duplicates(client: Client, api: Api, work: Work) -> None:
    device, *_ = api.register(50)
    statuses, versions = [], []
    for _ in range(2):
        version = rollout.next_version(client, run.APPLICATION)
        versions.append(version)
        # The first rollout is still live when the second one begins, as after Ctrl-C.
        number = rollout.begin(client, run.APPLICATION, version, run.ARTIFACT)
        work()
        statuses.append([rollout.report_success(client, number, device) for _ in range(3)])
    assert versions == ["1.0.0", "1.1.0"]
    assert statuses == [["received", "duplicate", "duplicate"]] * 2
