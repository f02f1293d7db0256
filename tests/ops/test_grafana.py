"""The dashboard after a real rollout: what Grafana sends for each panel must come back as named series with data."""

from __future__ import annotations

import json
import math
import os
import re
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from app.metrics import catalogue as m
from ops.grafana import build
from ops.local.paths import CHECKOUT
from ops.local.stack import INFRASTRUCTURE, Stack
from tests.conftest import HARMLESS
from tests.ops.conftest import StackMaker

DASHBOARD: dict[str, Any] = json.loads(build.FILE.read_text())
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
TARGETS: list[str] = [target["target"] for panel in PANELS for target in panel["targets"]]
VARIABLES: list[dict[str, Any]] = DASHBOARD["templating"]["list"]
ALL = {"ring": "*", "connector": "*"}

DEVICES, LAB_DEVICES = 5_000, 40
"""Enough for the plan's smallest samples with one device in a hundred silent."""
RINGS = ("lab", "canary", "pilot", "department", "global")
HOUR, TEN_MINUTES = 3600, 600
Points = Sequence[float]
Answer = Mapping[str, Mapping[str, Points]]
"""refId → series name → its points that are not null."""


class Browser:
    """Asks graphite-web as Grafana's pages do (GRAFANA.md §3 and §4)."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=20)

    def render(self, panel: Mapping[str, Any], seconds: int, values: Mapping[str, str]) -> Answer:
        """Load a panel that shows the last `seconds`, with variables of these values."""
        now = time.time()
        start, until = math.floor(now - seconds), math.floor(now)
        fields = []
        for target in panel["targets"]:
            text = re.sub(r"'(\d+)m'", r"'\1min'", _interpolated(target["target"], values))
            wrapped = f'aliasSub({text}, "(^.*$)", "\\1 {target["refId"]}")'
            fields.append("target=" + quote(wrapped, safe="!~*'()"))
        fields += [
            f"from={start - 1 if start % 60 else start}",
            f"until={until + 1 if until % 60 else until}",
            "format=json",
            f"maxDataPoints={panel['maxDataPoints']}",
        ]
        answered: dict[str, dict[str, Points]] = defaultdict(dict)
        for series in self._post("/render", "&".join(fields)):
            name, ref_id = series["target"].rsplit(" ", 1)
            assert name not in answered[ref_id], f"two series are named {name}"
            answered[ref_id][name] = [value for value, _ in series["datapoints"] if value is not None]
        return answered

    def find(self, variable: Mapping[str, Any]) -> list[str]:
        """Load the values of a template variable."""
        now = int(time.time())
        query = _interpolated(variable["query"]["target"], ALL)
        found = self._post(f"/metrics/find?from={now - HOUR}&until={now}", f"query={query}")
        return sorted(node["text"] for node in found)

    def _post(self, path: str, body: str) -> list[dict[str, Any]]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._client.post(path, content=body, headers=headers)
        assert answer.status_code == 200, f"{answer.status_code}: {answer.text[:500]}\n{body}"
        found: list[dict[str, Any]] = answer.json()
        return found


def _interpolated(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda found: values[found[1]], text)


def _panel(title: str) -> dict[str, Any]:
    return next(panel for panel in PANELS if panel["title"] == title)


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


def _device(number: int) -> dict[str, object]:
    tags = ["lab"] if number < LAB_DEVICES else []
    return {
        "external_id": f"device-{number:05}",
        "platform": "windows",
        "connector": "simulated",
        "tags": tags,
    }


def _roll_out(api: httpx.Client) -> None:
    devices = [_device(number) for number in range(DEVICES)]
    api.post("/devices", json=devices).raise_for_status()
    release = {
        "application": "editor",
        "version": "1.0",
        "platform": "windows",
        "artifact_hash": "sha256:" + "0" * 64,
        "plan": "demo",
        "risk": HARMLESS,
    }
    created = api.post("/deployments", json=release)
    created.raise_for_status()

    def over() -> bool:
        shown = api.get(f"/deployments/{created.json()['id']}").raise_for_status().json()
        assert shown["state"] in ("planning", "running", "completed"), shown
        return bool(shown["state"] == "completed")

    _wait("the deployment", 90, over)


@pytest.fixture(scope="module")
def stack(make_stack: StackMaker) -> Stack:
    """Everything a deployment needs, running."""
    stack = make_stack(*INFRASTRUCTURE, "control-worker", "bulk-worker-1", "scheduler", "api")
    stack.start()
    return stack


@pytest.fixture(scope="module")
def browser(stack: Stack) -> Browser:
    """A browser in front of graphite-web, after a deployment went through its five rings."""
    base = f"http://127.0.0.1:{stack.ports.api}/api/v1"
    with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {_token(stack)}"}, timeout=30) as api:
        _roll_out(api)
    browser = Browser(stack.environment()["EUCORA_GRAPHITE_URL"])
    rate = _panel("Deployment rate")
    _wait(
        "the last event in Graphite",
        10,
        lambda: "deployments completed" in browser.render(rate, TEN_MINUTES, ALL)["A"],
    )
    return browser


Check = Callable[[Points], bool]


def _some() -> Check:
    return lambda points: max(points) > 0


def _always(value: float) -> Check:
    return lambda points: set(points) == {value}


def _within(low: float, high: float) -> Check:
    return lambda points: all(low < value <= high for value in points)


def _ends_at(value: float) -> Check:
    return lambda points: points[-1] == value


ZERO = _always(0)
EXPECTED: Mapping[tuple[str, str], Mapping[str, Check]] = {
    ("Deployment rate", "A"): {
        "deployments created": _some(),
        "deployments completed": _some(),
    },
    ("Deployment rate", "B"): {"rings passed": _some()},
    ("Connector health", "A"): {"simulated": _always(1)},
    ("Deployment and promotion success rates", "A"): {"deployments completed": _ends_at(1)},
    ("Deployment and promotion success rates", "B"): {"rings passed": _ends_at(1)},
    ("Deployment and promotion success rates", "C"): {"promotions not blocked": _ends_at(1)},
    ("Deployment and promotion success rates", "D"): {"devices in lab": _within(0.9, 1)},
    ("Circuit breaker state", "A"): {"simulated": ZERO},
    ("Deployment duration p95 / p99", "A"): {f"p95 {ring}.passed": _within(0, 60_000) for ring in RINGS},
    ("Deployment duration p95 / p99", "B"): {f"p99 {ring}.passed": _within(0, 60_000) for ring in RINGS},
    ("API latency p50 / p95 / p99", "A"): {"p50 of the slowest endpoint": _within(0, 30_000)},
    ("API latency p50 / p95 / p99", "B"): {"p95 of the slowest endpoint": _within(0, 30_000)},
    ("API latency p50 / p95 / p99", "C"): {"p99 of the slowest endpoint": _within(0, 30_000)},
    ("Job time p95", "A"): {
        job: _within(0, 30_000) for job in ("sweep", "plan", "advance", "deliver", "collect", "sample_gauges")
    },
    ("System error rates", "A"): {"HTTP 5xx": ZERO},
    ("System error rates", "B"): {"jobs failed or killed": ZERO},
    ("System error rates", "C"): {"connector calls failed": ZERO},
    ("System error rates", "D"): {"metrics dropped": ZERO},
}


@pytest.mark.parametrize("seconds", [TEN_MINUTES, HOUR, 24 * HOUR])
@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_every_target_answers_with_named_series_and_data(browser: Browser, panel: dict[str, Any], seconds: int) -> None:
    answer = browser.render(panel, seconds, ALL)
    assert set(answer) == {target["refId"] for target in panel["targets"]}
    for ref_id, series in answer.items():
        expected = EXPECTED[panel["title"], ref_id]
        assert set(expected) <= set(series)
        for name, check in expected.items():
            assert series[name], f"{name} has no point"
            assert check(series[name]), f"{name}: {series[name]}"


@pytest.mark.parametrize("seconds", [TEN_MINUTES, HOUR])
def test_the_deployment_rate_adds_up_to_what_happened(browser: Browser, seconds: int) -> None:
    rate = browser.render(_panel("Deployment rate"), seconds, ALL)
    assert {name: sum(points) for series in rate.values() for name, points in series.items()} == {
        "deployments created": 1,
        "deployments completed": 1,
        "rings passed": len(RINGS),
    }


def test_the_variables_list_rings_and_connectors(browser: Browser) -> None:
    found = {variable["name"]: browser.find(variable) for variable in VARIABLES}
    assert found == {"ring": sorted(RINGS), "connector": ["simulated"]}


def test_chosen_rings_narrow_the_panels(browser: Browser) -> None:
    two = ALL | {"ring": "{lab,canary}"}
    rate = browser.render(_panel("Deployment rate"), HOUR, two)
    assert sum(rate["B"]["rings passed"]) == 2
    duration = browser.render(_panel("Deployment duration p95 / p99"), HOUR, ALL | {"ring": "pilot"})
    assert set(duration["A"]) == {"p95 pilot.passed"}


def test_what_goes_wrong_shows(stack: Stack, browser: Browser) -> None:
    """The last test of this stack: from here on it has faults on record."""
    faults = {
        m.DEPLOYMENT_TOTAL(ring="lab", status="failed"): "1|c",
        m.RING_PROMOTION(source="lab", target="canary", how="blocked"): "1|c",
        m.BREAKER_STATE(connector="other"): "1|g",
        m.CONNECTOR_HEALTH(connector="other"): "0|g",
        m.HTTP_REQUEST(endpoint="any", method="GET", status_class="5xx"): "70000|ms",
        m.JOB_DURATION(job="plan", outcome="killed"): "80000|ms",
        m.CONNECTOR_OPERATION(connector="other", operation="publish", outcome="transient"): "9|ms",
        m.EMITTER_DROPPED(): "3|c",
    }
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for path, value in faults.items():
            client.sendto(f"{m.PREFIX}.{path}:{value}".encode(), ("127.0.0.1", stack.ports.statsd))
    errors = _panel("System error rates")
    _wait("StatsD", 10, lambda: sum(browser.render(errors, HOUR, ALL)["D"]["metrics dropped"]) == 3)

    seen = {panel["title"]: browser.render(panel, HOUR, ALL) for panel in PANELS}
    assert sum(seen["Deployment rate"]["B"]["rings failed"]) == 1
    rates = seen["Deployment and promotion success rates"]
    assert rates["B"]["rings passed"][-1] == pytest.approx(5 / 6)
    assert rates["C"]["promotions not blocked"][-1] == pytest.approx(4 / 5)
    assert set(seen["Circuit breaker state"]["A"]["other"]) == {1}
    assert set(seen["Connector health"]["A"]["other"]) == {0}
    assert {max(line) for part in seen["API latency p50 / p95 / p99"].values() for line in part.values()} == {70_000}
    assert max(seen["Job time p95"]["A"]["plan"]) == 80_000
    assert 0 < max(seen[errors["title"]]["A"]["HTTP 5xx"]) <= 1
    assert 0 < max(seen[errors["title"]]["B"]["jobs failed or killed"]) < 1
    assert sum(seen[errors["title"]]["C"]["connector calls failed"]) == 1


# -- the files


def test_the_committed_dashboard_is_what_the_catalogue_gives() -> None:
    done = subprocess.run([sys.executable, "ops/grafana/build.py", "--check"], cwd=CHECKOUT, check=False)
    assert done.returncode == 0


def test_a_stale_dashboard_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "FILE", tmp_path / "operations.json")
    assert build.main(["--check"]) == 1
    assert build.main([]) == 0
    assert build.main(["--check"]) == 0
    build.FILE.write_text(build.FILE.read_text().replace('"now-1h"', '"now-6h"'))
    assert build.main(["--check"]) == 1
    assert "operations.json is stale" in capsys.readouterr().err


def test_panels_have_the_eight_names_and_ids_of_their_own() -> None:
    assert [panel["title"] for panel in PANELS] == list(dict.fromkeys(title for title, _ in EXPECTED))
    assert [panel["id"] for panel in PANELS] == list(range(1, 9))
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in PANELS]
    assert len(set(places)) == len(PANELS)
    for panel in PANELS:
        assert panel["description"]
        assert panel["maxDataPoints"] == build.MAX_POINTS
        assert panel["options"]["legend"]["showLegend"]
        ref_ids = [target["refId"] for target in panel["targets"]]
        assert len(set(ref_ids)) == len(ref_ids)


def test_the_dashboard_asks_the_provisioned_datasource() -> None:
    provisioned = (CHECKOUT / "ops/grafana/provisioning/datasources/graphite.yaml").read_text()
    assert re.search(r"(?m)^    uid: graphite$", provisioned)
    asked = [target["datasource"] for panel in PANELS for target in panel["targets"]]
    asked += [panel["datasource"] for panel in PANELS] + [variable["datasource"] for variable in VARIABLES]
    assert all(source == {"type": "graphite", "uid": "graphite"} for source in asked)


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_is_written_as_graphite_web_reads_it(target: str) -> None:
    depth = 0
    for character in re.sub(r"'[^']*'", "''", target):
        depth += {"(": 1, ")": -1}.get(character, 0)
        assert depth >= 0, "graphite-web answers 200 and nothing to unbalanced parentheses"
    assert depth == 0
    assert not re.search(r"'\d+[mM]'", target), "graphite-web knows min and mon, not m"
    assert "#" not in target
    assert set(re.findall(r"\$\{?(\w+)", target)) <= {variable["name"] for variable in VARIABLES}


ASPECTS = {
    m.Kind.COUNTER: ["count"],
    m.Kind.GAUGE: [],
    m.Kind.TIMER: ["count", "sum", "mean", "upper", "upper_50", "upper_95", "upper_99"],
}
"""The series that StatsD makes of a metric, as ops/statsd/config.js has it."""


def _pattern(metric: m.Metric) -> re.Pattern[str]:
    """The series a target may name: in a label's place a value of it, several in braces, `*` or a variable."""

    def node(text: str) -> str:
        if not text.startswith("{"):
            return re.escape(text)
        one = "|".join(metric.labels[text.strip("{}")]) or r"[\w-]+"
        return rf"(?:\*|\$\{{(?:ring|connector)\}}|{one}|\{{(?:{one})(?:,(?:{one}))*\}})"

    nodes = [node(text) for text in f"stats.{metric.kind.value}.{m.PREFIX}.{metric.path}".split(".")]
    if ASPECTS[metric.kind]:
        nodes.append("(?:" + "|".join(ASPECTS[metric.kind]) + ")")
    return re.compile(r"\.".join(nodes))


def test_every_path_is_one_of_the_catalogue() -> None:
    patterns = [_pattern(metric) for metric in m.METRICS]
    paths = [path for target in TARGETS for path in re.findall(r"stats\.(?:\{[^}]*\}|[^(),'])*", target)]
    assert len(paths) >= len(TARGETS)
    for path in paths:
        assert any(pattern.fullmatch(path) for pattern in patterns), path
