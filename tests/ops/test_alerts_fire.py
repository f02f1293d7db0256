"""Every alert rule, as provisioned, on real carbon and graphite-web: it fires at what it is for, and at nothing else.

Each case has series under two prefixes of its own, of the StatsD instances of two hosts, which took turns. So all are
fed at once and none sees another's. Rules are evaluated at past instants; nothing waits for time to pass.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import cycle
from typing import Any

import pytest

from ops.grafana.alerting.__main__ import FOLDER
from ops.grafana.alerting.evaluator import Evaluator, Instance, RuleState, State, load, seconds
from ops.local.stack import Stack
from tests.ops.alerts import CASES, HEALTHY, MALFORMED, Once, Series, Stopped
from tests.ops.conftest import StackMaker

RULES = load(FOLDER)
HEARTBEAT = "eucora-heartbeat-missing"
POINTS = 60
LONG_AGO = 9 * 86_400
NOW = int(time.time()) // 10 * 10 - 10
"""The last evaluation of every rule."""


def name(uid: str, what: str) -> str:
    return f"{uid.removeprefix('eucora-')}_{what}"


def moved(text: str, case: str, host: str = "[ab]") -> str:
    """Series, or a target, with the case's prefixes in place of StatsD's, and its name in place of carbon's host."""
    prefixed = re.sub(r"\bstats\*?(?=\.|')", f"stats_{case}_{host}", text)
    return prefixed.replace("carbon.agents.*.", f"carbon.agents.{case}.")


def of_case(uid: str, case: str) -> Mapping[str, Any]:
    """The provisioned rule, asking for a case's series."""
    rule = RULES[uid]
    data = [
        {**node, "model": {**node["model"], "target": moved(node["model"]["target"], case)}}
        if "target" in node["model"]
        else node
        for node in rule["data"]
    ]
    return {**rule, "data": data}


def waits(uid: str) -> int:
    return seconds(RULES[uid]["for"])


def _moments(uid: str, value: object) -> Iterable[int]:
    longest = max(node["relativeTimeRange"]["from"] for node in RULES[uid]["data"])
    if isinstance(value, Once):
        return [NOW - waits(uid) - 60]
    step = -(-(longest + waits(uid) + 60) // POINTS // 10) * 10
    ago = value.ago if isinstance(value, Stopped) else 0
    return [at for at in range(NOW, NOW - step * POINTS, -step) if at <= NOW - ago]


def _lines() -> Iterator[tuple[str, float, int]]:
    for uid, case in CASES.items():
        for what, series in {"fires": case.fires, **case.silent}.items():
            yield from _of(uid, name(uid, what), series)
    yield from _of("eucora-statsd-bad-lines", "malformed", MALFORMED)
    for path, value in HEALTHY.items():
        assert isinstance(value, int | float)
        moments = [*range(NOW, NOW - 1800, -10), *range(NOW - 1800, NOW - 3 * 86_400, -1800)]
        for at, host in zip(moments, cycle("ab"), strict=False):
            yield moved(path, "healthy", host), value, at
        yield moved(path, "idle", "a"), value, NOW - LONG_AGO


def _of(uid: str, case: str, series: Series) -> Iterator[tuple[str, float, int]]:
    for path, value in series.items():
        for at, host in zip(_moments(uid, value), cycle("ab"), strict=False):
            yield moved(path, case, host), value if isinstance(value, int | float) else value.value, at


def _feed(stack: Stack, lines: list[tuple[str, float, int]]) -> None:
    """Send lines to carbon and wait until each series has its file; what is not in it yet, carbon's cache answers."""
    lines.append(("fed", 1, NOW))
    with socket.create_connection(("127.0.0.1", stack.ports.carbon)) as carbon:
        carbon.sendall("".join(f"{path} {value} {at}\n" for path, value, at in lines).encode())
    whisper = stack.layout.graphite / "whisper"
    files = {whisper / (path.replace(".", "/") + ".wsp") for path, _, _ in lines}
    deadline = time.monotonic() + 60
    while files := {file for file in files if not file.exists()}:
        assert time.monotonic() < deadline, f"{len(files)} series were not stored, such as {min(files)}"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def grafana(make_stack: StackMaker) -> Evaluator:
    """What evaluates rules on a graphite-web that has the series of every case."""
    stack = make_stack("carbon", "graphite")
    stack.start()
    _feed(stack, list(_lines()))
    return Evaluator(stack.environment()["EUCORA_GRAPHITE_URL"])


def at_last(grafana: Evaluator, rule: Mapping[str, Any]) -> list[Instance]:
    """The instances at the last evaluation of several.

    A condition that does not hold is normal whatever it was before; only without data do earlier evaluations matter.
    """
    instances = grafana.run(rule, NOW, NOW)
    decided = instances and all(it.state is State.NORMAL and rule["condition"] in it.values for it in instances)
    return instances if decided else grafana.run(rule, NOW - waits(rule["uid"]), NOW)


def alerting(instances: Iterable[Instance]) -> set[str]:
    return {it.labels.get("name", "") for it in instances if it.state is State.ALERTING}


def test_every_rule_has_a_case() -> None:
    assert set(CASES) == set(RULES)
    assert all(case.silent for case in CASES.values())


@pytest.mark.parametrize("uid", CASES)
def test_it_fires(grafana: Evaluator, uid: str) -> None:
    rule = of_case(uid, name(uid, "fires"))
    state, early = RuleState(rule), list[Instance]()
    for at in range(NOW - waits(uid) // rule["interval"] * rule["interval"], NOW, rule["interval"]):
        early = grafana.evaluate(state, at)
    instances = grafana.evaluate(state, NOW)
    assert alerting(instances) == CASES[uid].names
    assert {it.state for it in instances} <= {State.ALERTING, State.NORMAL}
    fired = next(it for it in instances if it.state is State.ALERTING)
    assert fired.labels["severity"] in ("critical", "warning", "info")
    assert set(fired.labels) - set(rule["labels"]) <= STABLE
    assert fired.values[rule["condition"]] == 1
    if waits(uid):
        assert {it.state for it in early} <= {State.PENDING, State.NORMAL}
        assert State.PENDING in {it.state for it in early}


STABLE = {"name", "summarize", "summarizeFunction", "aggregatedBy", "transformNull"}
"""Labels that series may bring along: they are the same at every evaluation, so an alert stays the same alert."""


@pytest.mark.parametrize(("uid", "what"), [(uid, what) for uid, case in CASES.items() for what in case.silent])
def test_it_stays_silent(grafana: Evaluator, uid: str, what: str) -> None:
    instances = at_last(grafana, of_case(uid, name(uid, what)))
    assert instances
    assert {it.state for it in instances} == {State.NORMAL}


@pytest.mark.parametrize("uid", CASES)
def test_it_stays_silent_on_a_healthy_system(grafana: Evaluator, uid: str) -> None:
    instances = at_last(grafana, of_case(uid, "healthy"))
    assert instances
    assert {it.state for it in instances} == {State.NORMAL}


@pytest.mark.parametrize("what", ["idle", "nothing"])
@pytest.mark.parametrize("uid", CASES)
def test_only_the_heartbeat_is_missed(grafana: Evaluator, uid: str, what: str) -> None:
    instances = grafana.run(of_case(uid, what), NOW - waits(uid) if uid == HEARTBEAT else NOW, NOW)
    assert {it.state for it in instances} == {State.ALERTING if uid == HEARTBEAT else State.NORMAL}


def test_a_malformed_line_is_one_that_statsd_cannot_read(grafana: Evaluator) -> None:
    uid = "eucora-statsd-bad-lines"
    assert alerting(grafana.run(of_case(uid, "malformed"), NOW, NOW)) == CASES[uid].names


@pytest.mark.parametrize("uid", CASES)
def test_without_graphite_only_the_heartbeat_alarms(uid: str) -> None:
    nobody = Evaluator("http://127.0.0.1:9", timeout=2)
    instances = nobody.run(RULES[uid], NOW - waits(uid), NOW)
    assert {it.state for it in instances} == {State.ALERTING if uid == HEARTBEAT else State.NORMAL}


def test_what_was_firing_goes_on_while_graphite_is_away(grafana: Evaluator) -> None:
    state = RuleState(of_case("eucora-job-timeouts", name("eucora-job-timeouts", "fires")))
    assert alerting(grafana.evaluate(state, NOW)) == {"plan"}
    assert alerting(Evaluator("http://127.0.0.1:9", timeout=2).evaluate(state, NOW + 60)) == {"plan"}
