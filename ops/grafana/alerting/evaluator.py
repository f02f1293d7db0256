"""Evaluates provisioned alert rules as Grafana would, at any moment of the past: for tests, no replacement for Grafana.

It reads the provisioning files, sends each query as Grafana's backend does (one POST to `/render` for each, keys in
order, absolute seconds, no `aliasSub`), and computes the expressions. What it cannot do:

- of expressions it knows `reduce` with the reducer `last`, `math` made of comparisons with `>` joined by `&&`, and
  `threshold` with the kinds `gt`, `lt` and `within_range`; anything else raises Unsupported, so that no rule passes by
  being misread;
- two sides of a `math` are joined if they have equal labels, or if each has exactly one series; Grafana also joins
  labels that contain each other;
- an instance that is gone is forgotten at once (Grafana keeps it for two evaluations), there is no `keepFiringFor`,
  no hysteresis, no Recovering; templates in annotations are not filled in;
- nothing is notified: contact points, policies and silences are not read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlencode

import httpx
import yaml  # type: ignore[import-untyped]  # its stubs are no dependency of ours

Labels: TypeAlias = frozenset[tuple[str, str]]
Answer: TypeAlias = dict[Labels, list[float]]
"""What a node holds for each series: its points (NaN for null), or after a reduction one number."""
GRAPHITE, EXPRESSION = "graphite", "__expr__"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_COMPARISON = re.compile(r"\(\$(\w+) > ([\d.e-]+)\)")


class Unsupported(ValueError):
    """The rule uses what this evaluator does not know."""


class QueryFailed(Exception):
    """Graphite did not answer, refused, or answered two series with the same labels."""


class State(StrEnum):
    """What Grafana shows of an instance."""

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
    """When it began to fire or to be pending, in epoch seconds; otherwise when it was evaluated."""
    labels: Mapping[str, str]
    values: Mapping[str, float]
    """The number of each expression, by refId; the condition itself is 1 or 0."""


@dataclass
class RuleState:
    """A provisioned rule and what its instances were at its last evaluation."""

    rule: Mapping[str, Any]
    instances: dict[Labels, Instance] = field(default_factory=dict)


def load(folder: Path) -> dict[str, Mapping[str, Any]]:
    """Every rule of the provisioning files of a folder, by uid; `interval`, in seconds, is its group's."""
    found: dict[str, Mapping[str, Any]] = {}
    for file in sorted(folder.glob("*.yaml")):
        for group in yaml.safe_load(file.read_text()).get("groups", []):
            for rule in group["rules"]:
                assert rule["uid"] not in found, f"two rules have the uid {rule['uid']}"
                found[rule["uid"]] = {**rule, "interval": seconds(group["interval"])}
    return found


def seconds(duration: str) -> int:
    """A duration of one unit, such as `90s` or `5m`."""
    return int(duration[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400}[duration[-1]]


def body(target: str, *, start: int, until: int, max_points: int) -> str:
    """The form that Grafana's backend sends."""
    written = re.sub(r"'(\d+)m'", r"'\1min'", re.sub(r"'(\d+)M'", r"'\1mon'", target))
    return urlencode(
        [("format", "json"), ("from", start), ("maxDataPoints", max_points), ("target", written), ("until", until)]
    )


class Evaluator:
    """Evaluates rules on one graphite-web."""

    def __init__(self, url: str, timeout: float = 20) -> None:
        self._client = httpx.Client(base_url=url.rstrip("/"), timeout=timeout)

    def evaluate(self, state: RuleState, now: int) -> list[Instance]:
        """Evaluate a rule once, at `now`; its state is that of the evaluation before, and becomes this one's."""
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
        """Evaluate a rule at its group's interval, so that the last time is `last`; returns that time's instances."""
        state = RuleState(rule)
        interval = int(rule["interval"])
        found: list[Instance] = []
        for now in range(last - (last - first) // interval * interval, last + 1, interval):
            found = self.evaluate(state, now)
        return found

    def _nodes(self, data: Iterable[Mapping[str, Any]], now: int) -> dict[str, Answer]:
        nodes: dict[str, Answer] = {}
        for node in data:
            if node["datasourceUid"] == GRAPHITE:
                nodes[node["refId"]] = self._asked(node, now)
            elif node["datasourceUid"] == EXPRESSION:
                nodes[node["refId"]] = _computed(node["model"], nodes)
            else:
                raise Unsupported(f"datasource {node['datasourceUid']}")
        return nodes

    def _asked(self, node: Mapping[str, Any], now: int) -> Answer:
        window, model = node["relativeTimeRange"], node["model"]
        form = body(
            model["target"],
            start=now - window["from"],
            until=now - window["to"],
            max_points=model["maxDataPoints"],
        )
        try:
            answer = self._client.post("/render", content=form, headers=FORM)
        except httpx.HTTPError as error:
            raise QueryFailed(f"graphite-web does not answer: {error}") from error
        if not answer.is_success:
            raise QueryFailed(f"graphite-web: {answer.status_code} {answer.text[:300]}")
        found: Answer = {}
        for series in answer.json():
            tags = {**series.get("tags", {}), "name": series["target"]}
            labels = frozenset((str(name), str(value)) for name, value in tags.items())
            if labels in found:
                raise QueryFailed(f"duplicate results with labels {tags}")
            found[labels] = [math.nan if value is None else float(value) for value, _ in series["datapoints"]]
        return found


# -- expressions


def _computed(model: Mapping[str, Any], nodes: Mapping[str, Answer]) -> Answer:
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
            kept = [float(settings["replaceWithValue"]) if math.isnan(point) else point for point in points]
        case "dropNN":
            kept = [point for point in points if not math.isnan(point)]
        case "":
            kept = points
        case mode:
            raise Unsupported(f"mode {mode}")
    return kept[-1] if kept else math.nan


def _math(expression: str, nodes: Mapping[str, Answer]) -> Answer:
    terms = expression.split(" && ")
    parsed = [_COMPARISON.fullmatch(term) for term in terms]
    joined: Answer | None = None
    for term, found in zip(terms, parsed, strict=True):
        if found is None:
            raise Unsupported(f"math {term}")
        bound = float(found[2])
        side = {labels: [float(value > bound)] for labels, (value,) in nodes[found[1]].items()}
        joined = side if joined is None else _both(joined, side)
    return joined or {}


def _both(left: Answer, right: Answer) -> Answer:
    if len(left) == len(right) == 1:
        ((labels, (one,)),), ((other,),) = left.items(), right.values()
        return {labels: [one * other]}
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


def _judged(state: RuleState, series: Labels, nodes: Mapping[str, Answer], now: int) -> Instance:
    """One series' instance after the expressions were computed."""
    values = {
        ref_id: answer[series][0]
        for ref_id, answer in nodes.items()
        if series in answer and len(answer[series]) == 1 and not math.isnan(answer[series][0])
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
