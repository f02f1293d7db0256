"""Evaluates provisioned alert rules as Grafana does, at any past moment. It serves tests and does not replace Grafana.

It reads the provisioning files, sends each query as Grafana's backend does (one POST to `/render` each, keys in
alphabetical order, absolute seconds, no `aliasSub`), and computes the expressions. Its limits:

- it supports the expressions `reduce` with the reducer `last`, `math` made of comparisons with `>` joined by `&&`, and
  `threshold` with `gt`, `lt` and `within_range`; anything else raises Unsupported, so no rule passes because it was
  misread;
- it joins the two sides of a `math` if their labels are equal, or if each has exactly one series; Grafana also joins
  sides of which one's labels contain the other's;
- it drops an instance as soon as its series is gone (Grafana keeps it for two evaluations); it has no `keepFiringFor`,
  no hysteresis and no Recovering, and does not fill in templates in annotations;
- it notifies nobody: it does not read contact points, policies and silences.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlencode

import httpx
import yaml  # type: ignore[import-untyped]  # its stubs are not among our dependencies

Labels: TypeAlias = frozenset[tuple[str, str]]
Values: TypeAlias = dict[Labels, list[float]]
"""The values of a node by series: points (NaN for null), or a single number after a reduction."""
GRAPHITE, EXPRESSION = "graphite", "__expr__"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_COMPARISON = re.compile(r"\(\$(\w+) > ([\d.e-]+)\)")


class Unsupported(ValueError):
    """The rule uses something this evaluator does not implement."""


class QueryFailed(Exception):
    """Graphite did not respond, responded with an error, or returned two series with the same labels."""


class State(StrEnum):
    """The state of an instance, by Grafana's name."""

    NORMAL = "Normal"
    PENDING = "Pending"
    ALERTING = "Alerting"
    NO_DATA = "NoData"
    ERROR = "Error"


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One series of a rule after an evaluation."""

    state: State
    since: int
    """When the condition began to hold, in epoch seconds; the time of evaluation if it does not hold."""
    labels: Mapping[str, str]
    values: Mapping[str, float]
    """The number of each expression, by refId; the condition is 1 or 0."""


@dataclass
class RuleState:
    """A provisioned rule and its instances after the last evaluation."""

    rule: Mapping[str, Any]
    instances: dict[Labels, Instance] = field(default_factory=dict)


def load(folder: Path) -> dict[str, Mapping[str, Any]]:
    """Every rule of a folder's provisioning files, by uid, with its group's `interval` in seconds."""
    rules: dict[str, Mapping[str, Any]] = {}
    for file in sorted(folder.glob("*.yaml")):
        for group in yaml.safe_load(file.read_text()).get("groups", []):
            for rule in group["rules"]:
                assert rule["uid"] not in rules, f"two rules have the uid {rule['uid']}"
                rules[rule["uid"]] = {**rule, "interval": seconds(group["interval"])}
    return rules


def seconds(duration: str) -> int:
    """The seconds of a duration with a single unit, such as `90s` or `5m`."""
    return int(duration[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400}[duration[-1]]


def body(target: str, *, start: int, until: int, max_points: int) -> str:
    """The form that Grafana's backend sends."""
    target = re.sub(r"'(\d+)m'", r"'\1min'", re.sub(r"'(\d+)M'", r"'\1mon'", target))
    return urlencode(
        [("format", "json"), ("from", start), ("maxDataPoints", max_points), ("target", target), ("until", until)]
    )


class Evaluator:
    """Evaluates rules on one graphite-web."""

    def __init__(self, url: str, timeout: float = 20) -> None:
        self._client = httpx.Client(base_url=url.rstrip("/"), timeout=timeout)

    def evaluate(self, state: RuleState, now: int) -> list[Instance]:
        """Evaluate a rule once, at `now`, and update its state. Returns the instances. Raises Unsupported."""
        rule = state.rule
        try:
            nodes = self._nodes(rule["data"], now)
        except QueryFailed as failure:
            state.instances = _without(
                state, now=now, becomes=rule["execErrState"], own=State.ERROR, labels={"error": str(failure)}
            )
        else:
            condition = nodes[rule["condition"]]
            if condition:
                state.instances = {series: _judged(state, series, nodes, now) for series in condition}
            else:
                state.instances = _without(state, now=now, becomes=rule["noDataState"], own=State.NO_DATA, labels={})
        return list(state.instances.values())

    def run(self, rule: Mapping[str, Any], first: int, last: int) -> list[Instance]:
        """Evaluate a rule at its group's interval from about `first` to exactly `last`; returns the last instances."""
        state = RuleState(rule)
        interval = int(rule["interval"])
        instances: list[Instance] = []
        for now in range(last - (last - first) // interval * interval, last + 1, interval):
            instances = self.evaluate(state, now)
        return instances

    def _nodes(self, data: Iterable[Mapping[str, Any]], now: int) -> dict[str, Values]:
        nodes: dict[str, Values] = {}
        for node in data:
            if node["datasourceUid"] == GRAPHITE:
                nodes[node["refId"]] = self._query(node, now)
            elif node["datasourceUid"] == EXPRESSION:
                nodes[node["refId"]] = _computed(node["model"], nodes)
            else:
                raise Unsupported(f"datasource {node['datasourceUid']}")
        return nodes

    def _query(self, node: Mapping[str, Any], now: int) -> Values:
        window, model = node["relativeTimeRange"], node["model"]
        form = body(
            model["target"],
            start=now - window["from"],
            until=now - window["to"],
            max_points=model["maxDataPoints"],
        )
        try:
            response = self._client.post("/render", content=form, headers=FORM)
        except httpx.HTTPError as error:
            raise QueryFailed(f"graphite-web does not respond: {error}") from error
        if not response.is_success:
            raise QueryFailed(f"graphite-web: {response.status_code} {response.text[:300]}")
        values: Values = {}
        for series in response.json():
            tags = {**series.get("tags", {}), "name": series["target"]}
            labels = frozenset((str(name), str(value)) for name, value in tags.items())
            if labels in values:
                raise QueryFailed(f"duplicate results with labels {tags}")
            values[labels] = [math.nan if value is None else float(value) for value, _ in series["datapoints"]]
        return values


# -- expressions


def _computed(model: Mapping[str, Any], nodes: Mapping[str, Values]) -> Values:
    match model["type"]:
        case "reduce":
            return {labels: [_reduced(model, points)] for labels, points in nodes[model["expression"]].items()}
        case "math":
            return _math(model["expression"], nodes)
        case "threshold":
            (condition,) = model["conditions"]
            kind, params = condition["evaluator"]["type"], condition["evaluator"]["params"]
            values = nodes[model["expression"]]
            return {labels: [float(_passes(kind, params, value))] for labels, (value,) in values.items()}
    raise Unsupported(f"expression {model['type']}")


def _reduced(model: Mapping[str, Any], points: list[float]) -> float:
    if model["reducer"] != "last":
        raise Unsupported(f"reducer {model['reducer']}")
    settings = model.get("settings", {})
    match settings.get("mode", ""):
        case "replaceNN":
            points = [float(settings["replaceWithValue"]) if math.isnan(point) else point for point in points]
        case "dropNN":
            points = [point for point in points if not math.isnan(point)]
        case "":
            pass
        case mode:
            raise Unsupported(f"mode {mode}")
    return points[-1] if points else math.nan


def _math(expression: str, nodes: Mapping[str, Values]) -> Values:
    sides: list[Values] = []
    for term in expression.split(" && "):
        comparison = _COMPARISON.fullmatch(term)
        if comparison is None:
            raise Unsupported(f"math {term}")
        bound = float(comparison[2])
        sides.append({labels: [float(value > bound)] for labels, (value,) in nodes[comparison[1]].items()})
    return reduce(_both, sides)


def _both(left: Values, right: Values) -> Values:
    if len(left) == len(right) == 1:
        ((labels, (left_value,)),), ((right_value,),) = left.items(), right.values()
        return {labels: [left_value * right_value]}
    return {labels: [left[labels][0] * right[labels][0]] for labels in left if labels in right}


def _passes(kind: str, params: list[float], value: float) -> bool:
    match kind:
        case "gt":
            return value > params[0]
        case "lt":
            return value < params[0]
        case "within_range":
            return params[0] < value < params[1]
    raise Unsupported(f"threshold {kind}")


# -- states


def _judged(state: RuleState, series: Labels, nodes: Mapping[str, Values], now: int) -> Instance:
    """One series' instance after the expressions were computed."""
    values = {
        ref_id: by_series[series][0]
        for ref_id, by_series in nodes.items()
        if len(by_series.get(series, ())) == 1 and not math.isnan(by_series[series][0])
    }
    labels = {**state.rule["labels"], **dict(series)}
    if values.get(state.rule["condition"], 0) == 0:
        return Instance(state=State.NORMAL, since=now, labels=labels, values=values)
    return _firing(state, series, now=now, labels=labels, values=values)


def _firing(
    state: RuleState, series: Labels, *, now: int, labels: Mapping[str, str], values: Mapping[str, float]
) -> Instance:
    """The instance of a series whose condition holds: pending until it has held for the rule's `for`."""
    before = state.instances.get(series)
    going_on = before is not None and before.state in (State.PENDING, State.ALERTING)
    since = before.since if before is not None and going_on else now
    fires = now - since >= seconds(state.rule["for"]) or (before is not None and before.state is State.ALERTING)
    return Instance(state=State.ALERTING if fires else State.PENDING, since=since, labels=labels, values=values)


def _without(
    state: RuleState, *, now: int, becomes: str, own: State, labels: Mapping[str, str]
) -> dict[Labels, Instance]:
    """The instances after an evaluation without data, or one that failed.

    `becomes` is what the rule asks for in that case; then either the former instances stay, or one instance stands for
    the whole rule. `own` is the state it has if the rule asks for the failure itself to show.
    """
    whole: Labels = frozenset()
    labels = {**state.rule["labels"], **labels}
    normal = Instance(state=State.NORMAL, since=now, labels=labels, values={})
    match becomes:
        case "OK":
            return {whole: normal}
        case "Alerting":
            return {whole: _firing(state, whole, now=now, labels=labels, values={})}
        case "KeepLast":
            return dict(state.instances) or {whole: normal}
        case "NoData" | "Error":
            return {whole: Instance(state=own, since=now, labels=labels, values={})}
    raise Unsupported(f"state {becomes}")
