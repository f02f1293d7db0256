"""An alert rule, and its form in Grafana's provisioning files (`apiVersion: 1`).

A rule has one Graphite query, or two that must both exceed a value. Graphite does all the computing: a query returns
one point for each series, so neither a reducer nor consolidation can change the result. The point is null if there was
too little to judge; it then counts as `neutral`, a value that never fires.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum
from typing import Any

from app.metrics.metric import everywhere

EVERY_SECONDS = 60
"""Time between two evaluations of a rule."""
MAX_POINTS = 43_200
"""Grafana's default for alert rules. It has no effect here, because a query returns one point for each series."""
RUNBOOK = os.environ.get("EUCORA_RUNBOOK_URL", "/public/runbook.md")
"""The address of docs/runbook.md for readers of an alert. Grafana does not expand environment variables in annotations,
so it is set when the files are generated. The default is the copy that Grafana serves in docker-compose.yml."""
SOURCE = {"type": "graphite", "uid": "graphite"}
EXPRESSION = {"type": "__expr__", "uid": "__expr__"}
CONDITION = "C"


class Severity(StrEnum):
    """How urgent an alert is: wake someone up (critical), look today (warning), for information (info)."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class OnFailure(StrEnum):
    """The state of a rule when its query returns no series, or fails."""

    OK = "OK"
    KEEP = "KeepLast"
    ALERTING = "Alerting"


@dataclass(frozen=True)
class Query:
    """A Graphite query over the last `seconds`."""

    target: str
    _: KW_ONLY
    seconds: int
    above: float | None = None
    """The value that the result must exceed; only for a rule with two queries."""


@dataclass(frozen=True)
class Limit:
    """The values that fire, as Grafana's threshold expression."""

    kind: str
    params: tuple[float, ...]


def above(value: float) -> Limit:
    """Fires above `value`."""
    return Limit("gt", (value,))


def below(value: float) -> Limit:
    """Fires below `value`."""
    return Limit("lt", (value,))


def between(low: float, high: float) -> Limit:
    """Fires between `low` and `high`, both excluded."""
    return Limit("within_range", (low, high))


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One alert rule. Its title is the heading of its section in docs/runbook.md."""

    uid: str
    title: str
    severity: Severity
    queries: tuple[Query, ...]
    limit: Limit
    summary: str
    """A Grafana template: `$labels.name` is the series' name, `$values.RA.Value` the result of the first query."""
    description: str
    panel: tuple[str, str]
    """Dashboard uid and title of the panel that the alert links to."""
    minutes: int = 0
    """How long the condition must hold before the rule fires."""
    neutral: float = 0
    """What a null counts as."""
    no_data: OnFailure = OnFailure.OK
    on_error: OnFailure = OnFailure.KEEP
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels besides `severity` and `area`."""

    @property
    def anchor(self) -> str:
        """The anchor of its section in docs/runbook.md."""
        return anchor(self.title)

    def provisioned(self, group: str, panel_id: int) -> dict[str, Any]:
        """The rule as a provisioning file has it."""
        texts = {
            "summary": self.summary,
            "description": self.description,
            "runbook_url": f"{RUNBOOK}#{self.anchor}",
        }
        # Grafana expands environment variables everywhere except in annotations and models.
        assert "$" not in self.uid + self.title
        return {
            "uid": self.uid,
            "title": self.title,
            "condition": CONDITION,
            "for": f"{self.minutes}m",
            "noDataState": self.no_data.value,
            "execErrState": self.on_error.value,
            "isPaused": False,
            "dashboardUid": self.panel[0],
            "panelId": panel_id,
            "labels": {"severity": self.severity.value, "area": group, **self.labels},
            "annotations": texts,
            "data": self._nodes(),
        }

    def _nodes(self) -> list[dict[str, Any]]:
        names = [chr(ord("A") + index) for index in range(len(self.queries))]
        queries = [_query(name, query) for name, query in zip(names, self.queries, strict=True)]
        reductions = [self._reduction(name) for name in names]
        judged = f"R{names[0]}"
        both = []
        if len(self.queries) > 1:
            judged = "BOTH"
            terms = (f"($R{name} > {query.above!r})" for name, query in zip(names, self.queries, strict=True))
            both = [_expression(judged, type="math", expression=" && ".join(terms))]
        evaluator = {"type": self.limit.kind, "params": list(self.limit.params)}
        condition = _expression(CONDITION, type="threshold", expression=judged, conditions=[{"evaluator": evaluator}])
        return [*queries, *reductions, *both, condition]

    def _reduction(self, name: str) -> dict[str, Any]:
        settings = {"mode": "replaceNN", "replaceWithValue": self.neutral}
        return _expression(f"R{name}", type="reduce", expression=name, reducer="last", settings=settings)


def anchor(heading: str) -> str:
    """The anchor of a Markdown heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _query(name: str, query: Query) -> dict[str, Any]:
    return {
        "refId": name,
        "datasourceUid": SOURCE["uid"],
        "relativeTimeRange": {"from": query.seconds, "to": 0},
        "model": {
            "refId": name,
            "datasource": SOURCE,
            "target": everywhere(query.target),
            "textEditor": True,
            "intervalMs": 1000,
            "maxDataPoints": MAX_POINTS,
        },
    }


def _expression(name: str, **model: Any) -> dict[str, Any]:
    return {
        "refId": name,
        "datasourceUid": EXPRESSION["uid"],
        "relativeTimeRange": {"from": 0, "to": 0},
        "model": {"refId": name, "datasource": EXPRESSION, **model},
    }
