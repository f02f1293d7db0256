"""The dashboards after real rollouts: what Grafana sends for each panel must come back as named series with data.

One stack serves all boards: a release goes through three rings and back, another is held by a freeze, a third is paused
and aborted, devices fail, an incident opens. What happened is read first; then every series there may be gets points,
and no panel may be without data.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from app.metrics import catalogue as m
from app.metrics.following.annotations import PROGRESS, ROLLBACKS, TROUBLE, VERDICTS
from app.metrics.objectives.slos import SLOS as OBJECTIVES
from ops.grafana import build
from ops.grafana.boards import BOARDS
from ops.local.paths import CHECKOUT
from ops.local.stack import INFRASTRUCTURE, Stack
from tests.ops.browser import ALL, HOUR, MADE_UP, PREFIXES, Answer, Browser, Points, feed
from tests.ops.conftest import StackMaker
from tests.support.api import deployment as body

DEVICES, LAB_DEVICES = 120, 10
RINGS = ("lab", "canary", "pilot")
TEN_MINUTES = 600
ENOUGH = max(slo.at_least for slo in OBJECTIVES if slo.title == "API availability")
"""Requests that the objective needs to be judged; a slow machine makes fewer while it waits."""
DASHBOARDS: dict[str, dict[str, Any]] = {board.uid: build.committed(board.uid) for board in BOARDS}
PANELS = [(uid, panel) for uid, board in DASHBOARDS.items() for panel in board["panels"] if panel["type"] != "row"]
TITLES = [f"{uid.removeprefix('eucora-')}: {panel['title']}" for uid, panel in PANELS]
Seen = Mapping[tuple[str, str], Answer]

GATE = {
    "target": 0.7,
    "min_reported": 5,
    "min_coverage": 0.9,
    "soak_seconds": 1,
    "error_ceiling": 0.5,
    "compliant_within": {"online": 60, "intermittent": 60, "air_gapped": 60},
}
PLAN = {
    "rings": [
        {"name": "lab", "tag": "lab", "gate": GATE | {"validates_rollback": True}},
        {"name": "canary", "share": 40, "gate": GATE},
        {"name": "pilot", "gate": GATE},
    ]
}


# -- the run


def _wait(what: str, seconds: float, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.3)


def _token(stack: Stack) -> str:
    command = ("flask", "--app", "wsgi", "tokens", "create", "--subject", "test", "--role", "admin")
    made = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=CHECKOUT,
        env=os.environ | stack.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stdout.strip()


class Operator:
    """Somebody at work with the API."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def look(self, deployment: int) -> None:
        self._client.get(f"/deployments/{deployment}").raise_for_status()

    def post(self, path: str, body: Any = None) -> dict[str, Any]:
        answer = self._client.post(path, json={} if body is None else body)
        assert answer.is_success, f"{path}: {answer.text}"
        found: dict[str, Any] = answer.json()
        return found

    def put(self, path: str, body: Any) -> None:
        self._client.put(path, json=body).raise_for_status()

    def deploy(self, application: str) -> int:
        return int(self.post("/deployments", body(application=application, plan="small"))["id"])

    def until(self, deployment: int, *states: str) -> None:
        def there() -> bool:
            shown = self._client.get(f"/deployments/{deployment}").raise_for_status().json()
            assert shown["state"] in ("planning", "running", *states), shown
            return bool(shown["state"] in states)

        _wait(f"deployment {deployment}", 180, there)


def _happen(operator: Operator) -> None:
    operator.put("/ring-plans/small", PLAN)
    sites = ("online", "intermittent", "air_gapped")
    devices = [
        {
            "external_id": f"device-{number:05}",
            "platform": "windows",
            "connector": "simulated",
            "site_class": sites[number % 3],
            "tags": ["lab"] if number < LAB_DEVICES else [],
        }
        for number in range(DEVICES)
    ]
    operator.post("/devices", devices)
    operator.post("/incidents", {"severity": "P3", "title": "A printer is slow"})
    operator.deploy("held")
    operator.post("/freezes", {"reason": "The end of the quarter", "application": "held"})
    stopped = operator.deploy("stopped")
    rolled_out = operator.deploy("editor")
    operator.until(stopped, "running")
    operator.post(f"/deployments/{stopped}/pause", {"reason": "to look at it"})
    operator.post(f"/deployments/{stopped}/abort", {"reason": "not wanted"})
    operator.until(rolled_out, "completed")
    back = operator.post(f"/deployments/{rolled_out}/rollback", {"reason": "second thoughts"})
    operator.until(int(back["id"]), "completed")
    for _ in range(ENOUGH):
        operator.look(rolled_out)


@pytest.fixture(scope="module")
def stack(make_stack: StackMaker) -> Stack:
    """Everything a deployment needs, running; one device in ten fails."""
    stack = make_stack(*INFRASTRUCTURE, "control-worker", "bulk-worker-1", "scheduler", "api")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EUCORA_SIMULATED_PROFILE", '{"silent": 0, "failure": 0.1, "slowest_seconds": 1}')
        patch.setenv("EUCORA_METRIC_APPLICATIONS", "editor,held,stopped")
        stack.start()
    return stack


@pytest.fixture(scope="module")
def browser(stack: Stack) -> Browser:
    """A browser in front of graphite-web, after what happened has come there."""
    base = f"http://127.0.0.1:{stack.ports.api}/api/v1"
    with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {_token(stack)}"}, timeout=30) as client:
        _happen(Operator(client))
    browser = Browser(stack.environment()["EUCORA_GRAPHITE_URL"])
    back = _panel("eucora-rollouts", "Rollback results")
    _wait(
        "the last event in Graphite",
        10,
        lambda: "rollbacks completed" in browser.render(back, TEN_MINUTES)["A"],
    )
    time.sleep(1.2)  # the rings' own counters are in the same flush or the next one
    return browser


@pytest.fixture(scope="module")
def seen(browser: Browser) -> Seen:
    """Every panel as it is after what happened, before any point is made up."""
    return {(uid, panel["title"]): browser.render(panel, TEN_MINUTES) for uid, panel in PANELS}


@pytest.fixture(scope="module")
def fed(stack: Stack, browser: Browser, seen: Seen) -> Browser:
    """The browser, now that every series there may be has points; they stay on record."""
    feed(stack.ports.carbon)
    canary = _panel("eucora-pipeline", "StatsD receives")
    _wait("carbon", 10, lambda: max(browser.render(canary, TEN_MINUTES)["C"].get("canaries", [0])) > 0)
    return browser


def _panel(uid: str, title: str) -> dict[str, Any]:
    return build.panel(uid, title)


# -- what happened shows

Check = Callable[[Points], bool]


def _some() -> Check:
    return lambda points: max(points) > 0


def _always(value: float) -> Check:
    return lambda points: set(points) == {value}


def _within(low: float, high: float) -> Check:
    return lambda points: all(low < value <= high for value in points)


def _ends_at(value: float) -> Check:
    return lambda points: points[-1] == value


ZERO, SHARE, SOME = _always(0), _within(0, 1), _some()
OPERATIONS, ROLLOUTS, SLOS = "eucora-operations", "eucora-rollouts", "eucora-slos"
JOBS, PIPELINE, CAPACITY, CONNECTORS = "eucora-jobs", "eucora-pipeline", "eucora-capacity", "eucora-connectors"
HAPPENED: Mapping[tuple[str, str, str], Mapping[str, Check]] = {
    (OPERATIONS, "Live deployments", "A"): {"running": SOME},
    (OPERATIONS, "Stalled", "A"): {"stalled": ZERO},
    (OPERATIONS, "Open incidents", "A"): {"open": _ends_at(1)},
    (OPERATIONS, "Breakers not closed", "A"): {"not closed": ZERO},
    (OPERATIONS, "Heartbeat age", "A"): {"age": lambda points: points[-1] < 30},
    (OPERATIONS, "API errors", "A"): {"5xx": ZERO},
    (OPERATIONS, "Active holds", "A"): {"freeze": _ends_at(1), "stalled": ZERO},
    (OPERATIONS, "Incidents by severity", "A"): {"P3": _ends_at(1), "P0": ZERO},
    (OPERATIONS, "Incidents and controls", "A"): {"incidents opened P3": _always(1)},
    (OPERATIONS, "Incidents and controls", "B"): {"freeze declared": _always(1)},
    (OPERATIONS, "Deployment rate", "A"): {
        "deployments created": lambda points: sum(points) == 3,
        "deployments completed": lambda points: sum(points) == 1,
        "deployments aborted": lambda points: sum(points) == 1,
    },
    (OPERATIONS, "Deployment rate", "B"): {"rings passed": lambda points: sum(points) == len(RINGS)},
    (OPERATIONS, "Connector health", "A"): {"simulated": _always(1)},
    (OPERATIONS, "Circuit breaker state", "A"): {"simulated": ZERO},
    (OPERATIONS, "Deployment and promotion success rates", "A"): {"deployments completed": _ends_at(0.5)},
    (OPERATIONS, "Deployment and promotion success rates", "B"): {"rings passed": _ends_at(1)},
    (OPERATIONS, "Deployment and promotion success rates", "C"): {"promotions not blocked": _ends_at(1)},
    (OPERATIONS, "Deployment and promotion success rates", "D"): {"devices in lab": SHARE},
    (OPERATIONS, "Deployment duration p95 / p99", "A"): {f"p95 {ring} passed": _within(0, 60_000) for ring in RINGS},
    (OPERATIONS, "API latency p50 / p95 / p99", "C"): {"p99 of the slowest endpoint": _within(0, 30_000)},
    (OPERATIONS, "Job time p95", "A"): {job: _within(0, 60_000) for job in ("sweep", "plan", "advance", "collect")},
    (OPERATIONS, "System error rates", "A"): {"HTTP 5xx": ZERO},
    (OPERATIONS, "System error rates", "C"): {"connector calls failed": ZERO},
    (OPERATIONS, "System error rates", "D"): {"metrics dropped": ZERO},
    (ROLLOUTS, "Deployments created", "A"): {"created": _always(3)},
    (ROLLOUTS, "Completed", "A"): {"completed": _always(1)},
    (ROLLOUTS, "Failed or aborted", "A"): {"failed or aborted": _always(1)},
    (ROLLOUTS, "Rolled back", "A"): {"rollbacks": _always(1)},
    (ROLLOUTS, "Rings passed", "A"): {"passed": _always(1)},
    (ROLLOUTS, "Devices succeeded", "A"): {"succeeded": _within(0.7, 0.999)},
    (ROLLOUTS, "Compliant in time", "A"): {"in time": _always(1)},
    (ROLLOUTS, "Results by ring", "A"): {f"{ring} passed": _always(1) for ring in RINGS},
    (ROLLOUTS, "Promotions", "A"): {f"{ring} auto": _always(1) for ring in RINGS[:-1]},
    (ROLLOUTS, "Gate verdicts", "A"): {"pass": SOME},
    (ROLLOUTS, "Verdicts by ring", "A"): {f"{ring} pass": SOME for ring in RINGS},
    (ROLLOUTS, "Holds started", "A"): {"freeze": SOME},
    (ROLLOUTS, "Compliant in time by ring", "A"): {ring: _always(1) for ring in RINGS},
    (ROLLOUTS, "Outcomes by connector", "A"): {"simulated failed": SOME, "simulated succeeded": SOME},
    (ROLLOUTS, "Rollback rehearsals", "A"): {"lab passed": _always(1)},
    (ROLLOUTS, "Rollback results", "A"): {"rollbacks completed": _always(1)},
    (ROLLOUTS, "Rollback results", "B"): {"rings passed": SOME},
    (ROLLOUTS, "Devices rolled back", "A"): {"dispatched": SOME},
    (SLOS, "API availability", "A"): {"kept": _always(1)},
    (SLOS, "API availability: counted", "A"): {"good": SOME},
    (SLOS, "API availability: counted", "B"): {"of": SOME},
    (SLOS, "API availability: burn rate", "A"): {"1h": ZERO},
    (SLOS, "API availability: burn rate", "B"): {"6h": ZERO},
    (SLOS, "Deployment success: counted", "A"): {"good": _always(1)},
    (SLOS, "Deployment success: counted", "B"): {"of": _always(1)},
    (SLOS, "Compliance in time", "A"): {"kept": _always(1)},
    (CONNECTORS, "Health", "A"): {"simulated": _always(1)},
    (CONNECTORS, "Failed calls", "A"): {"simulated": ZERO},
    (CONNECTORS, "Calls by operation", "A"): {"publish": SOME, "health": SOME},
    (JOBS, "Workers alive", "A"): {"alive": _ends_at(2)},
    (JOBS, "Time-outs", "A"): {"time-outs": ZERO},
    (JOBS, "Failure rate by job", "A"): {"sweep": ZERO},
    (JOBS, "Runs by job", "A"): {"sweep ok": SOME},
    (JOBS, "Sweeps", "A"): {"sweeps": SOME},
    (PIPELINE, "Heartbeat", "A"): {"age": lambda points: points[-1] < 30},
    (PIPELINE, "Lost in processes", "A"): {"lost": ZERO},
    (PIPELINE, "StatsD receives", "A"): {"datagrams": SOME},
    (PIPELINE, "Metrics per flush", "A"): {"metrics": SOME},
    (PIPELINE, "carbon's throughput", "A"): {"received": SOME},
    (CAPACITY, "Requests", "A"): {"requests": SOME},
    (CAPACITY, "Pool in use", "A"): {"in use": SHARE},
    (CAPACITY, "Database", "A"): {"size": SOME},
    (CAPACITY, "Events", "A"): {"events": SOME},
    (CAPACITY, "Devices registered and retired", "A"): {"simulated created": _always(DEVICES)},
}


@pytest.mark.parametrize("place", HAPPENED, ids=lambda place: ": ".join(place))
def test_what_happened_shows(seen: Seen, place: tuple[str, str, str]) -> None:
    uid, title, ref_id = place
    series = seen[uid, title][ref_id]
    for name, check in HAPPENED[place].items():
        assert series.get(name), f"{name} has no point; there are {sorted(series)}"
        assert check(series[name]), f"{name}: {series[name]}"


def test_the_variables_list_what_there_is(browser: Browser, seen: Seen) -> None:
    listed = [one for one in DASHBOARDS[ROLLOUTS]["templating"]["list"] if one["type"] == "query"]
    assert {one["name"]: set(browser.find(one)) - {MADE_UP} for one in listed} == {
        "application": {"editor", "held", "stopped"},
        "ring": set(RINGS),
        "connector": {"simulated"},
        "site_class": {"online", "intermittent", "air_gapped"},
    }


def test_too_few_are_not_judged(seen: Seen) -> None:
    """One deployment that completed is no 100 %, as one that failed would be no catastrophe."""
    for panel in ("Deployment success", "Deployment success: budget left"):
        assert not any(points for series in seen[SLOS, panel].values() for points in series.values())


def test_what_is_chosen_narrows_the_panels(browser: Browser, seen: Seen) -> None:
    two = browser.render(_panel(ROLLOUTS, "Results by ring"), HOUR, ALL | {"ring": "{lab,pilot}"})
    assert set(two["A"]) == {"lab passed", "pilot passed"}
    one = browser.render(_panel(ROLLOUTS, "Deployments created"), HOUR, ALL | {"application": "held"})
    assert one["A"]["created"] == [1]


def test_deployments_are_marked(browser: Browser) -> None:
    def marks() -> dict[str, set[str]]:
        listed = [one for one in DASHBOARDS[ROLLOUTS]["annotations"]["list"] if not one["builtIn"]]
        return {one["target"]["tags"][0]: {mark["what"] for mark in browser.marks(one)} for one in listed}

    _wait("the last mark", 15, lambda: "rollback completed (editor)" in marks()[ROLLBACKS.tag])
    found = marks()
    assert {"deployment created (editor)", "deployment completed (editor)"} <= found[PROGRESS.tag]
    assert found[TROUBLE.tag] == {"deployment paused (stopped)", "deployment aborted (stopped)"}
    assert "lab: pass (editor)" in found[VERDICTS.tag]


# -- no panel is without data


@pytest.mark.parametrize("seconds", [TEN_MINUTES, 24 * HOUR], ids=["10min", "1d"])
@pytest.mark.parametrize(("uid", "panel"), PANELS, ids=TITLES)
def test_every_target_answers_with_named_series_and_data(
    fed: Browser, uid: str, panel: dict[str, Any], seconds: int
) -> None:
    answer = fed.render(panel, seconds)
    assert set(answer) == {target["refId"] for target in panel["targets"]}
    for ref_id, series in answer.items():
        assert any(points for points in series.values()), f"{ref_id} has no point"
        for name in series:
            assert name
            assert "(" not in name, f"{name} is an expression, no name"
            assert "stats." not in name


def test_what_goes_wrong_shows(fed: Browser) -> None:
    errors = fed.render(_panel(OPERATIONS, "System error rates"), HOUR)
    assert 0 < max(errors["A"]["HTTP 5xx"]) <= 1
    assert 0 < max(errors["B"]["jobs failed or killed"]) <= 1
    assert max(errors["D"]["metrics dropped"]) >= 1
    assert max(fed.render(_panel(OPERATIONS, "Breakers not closed"), HOUR)["A"]["not closed"]) >= 1
    assert 0 < fed.render(_panel(CONNECTORS, "Failed calls"), HOUR)["A"]["made up"][0] < 1
    left = fed.render(_panel(SLOS, "API availability: budget left"), HOUR)["A"]["left"]
    assert left[-1] < 0
    burnt = fed.render(_panel(SLOS, "API availability: burn over time"), HOUR)
    assert min(burnt["A"]["1h"][-1], burnt["B"]["6h"][-1]) > 1


def test_what_is_counted_adds_up(fed: Browser) -> None:
    """A metric of one label has a point a minute for each of its values; as many as both StatsDs sent come back."""
    approvals = fed.render(_panel(ROLLOUTS, "Approvals"), TEN_MINUTES)["A"]
    both = 6 * len(PREFIXES)
    assert {what: sum(points) for what, points in approvals.items()} == dict.fromkeys(m.APPROVAL.labels["what"], both)


def test_a_level_that_two_statsds_have_counts_once(fed: Browser) -> None:
    """A new scheduler sends the gauges to its own StatsD, and the former one's repeats them for a while."""
    assert fed.render(_panel(OPERATIONS, "Open incidents"), TEN_MINUTES)["A"]["open"][-1] <= len(m.SEVERITIES) + 1
    assert fed.render(_panel(JOBS, "Workers alive"), TEN_MINUTES)["A"]["alive"][-1] == 2
