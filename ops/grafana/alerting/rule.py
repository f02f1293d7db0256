"""What an alert rule is, and how Grafana wants it provisioned (its `apiVersion: 1` files).

A rule asks Graphite one question, or two that must both hold. Whatever can be computed there is: a question's answer
has one point for each series, so that no reducer and no consolidation can change it. That point may be null, when there
was too little to judge; it then counts as `neutral`, a value that never fires.
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
"""Between two evaluations of a rule."""
MAX_POINTS = 43_200
"""What Grafana asks for in alert rules; a minute's worth would do, for each answer has one point."""
RUNBOOK = os.environ.get("EUCORA_RUNBOOK_URL", "/public/runbook.md")
"""Where docs/runbook.md is read. Annotations take no variables of the environment, so it is chosen when the files are
written; the default is the copy that docker-compose.yml lets Grafana itself serve."""
SOURCE = {"type": "graphite", "uid": "graphite"}
EXPRESSION = {"type": "__expr__", "uid": "__expr__"}
CONDITION = "C"


class Severity(StrEnum):
    """Whom it concerns: wake someone, look today, know."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class OnFailure(StrEnum):
    """What a rule becomes when Graphite has nothing for it, or does not answer."""

    OK = "OK"
    KEEP = "KeepLast"
    ALERTING = "Alerting"


@dataclass(frozen=True)
class Query:
    """One question to Graphite about the last `seconds`."""

    target: str
    _: KW_ONLY
    seconds: int
    above: float | None = None
    """Only where a rule has two: what the answer must exceed."""


@dataclass(frozen=True)
class Limit:
    """When a value fires: Grafana's threshold expression."""

    kind: str
    params: tuple[float, ...]


def above(value: float) -> Limit:
    """Fires above `value`."""
    return Limit("gt", (value,))


def below(value: float) -> Limit:
    """Fires below `value`."""
    return Limit("lt", (value,))


def between(low: float, high: float) -> Limit:
    """Fires between the two, which themselves do not."""
    return Limit("within_range", (low, high))


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One alert rule. Its title is also the heading of its section in docs/runbook.md."""

    uid: str
    title: str
    severity: Severity
    queries: tuple[Query, ...]
    limit: Limit
    summary: str
    """A template of Grafana's: `$labels.name` is the series, `$values.RA.Value` the answer to the first question."""
    description: str
    panel: tuple[str, str]
    """Dashboard uid and title of the panel that shows it."""
    minutes: int = 0
    """How long it must hold before it fires."""
    neutral: float = 0
    no_data: OnFailure = OnFailure.OK
    on_error: OnFailure = OnFailure.KEEP
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def anchor(self) -> str:
        """Its section in docs/runbook.md."""
        return anchor(self.title)

    def provisioned(self, group: str, panel_id: int) -> dict[str, Any]:
        """As it stands in a provisioning file."""
        texts = {
            "summary": self.summary,
            "description": self.description,
            "runbook_url": f"{RUNBOOK}#{self.anchor}",
        }
        # Everything but annotations and models goes through Grafana's expansion of environment variables.
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
        questions = [_question(name, query) for name, query in zip(names, self.queries, strict=True)]
        reduced = [self._reduced(name) for name in names]
        judged = f"R{names[0]}"
        both = []
        if len(self.queries) > 1:
            judged = "BOTH"
            terms = (f"($R{name} > {query.above!r})" for name, query in zip(names, self.queries, strict=True))
            both = [_expression(judged, type="math", expression=" && ".join(terms))]
        evaluator = {"type": self.limit.kind, "params": list(self.limit.params)}
        last = _expression(CONDITION, type="threshold", expression=judged, conditions=[{"evaluator": evaluator}])
        return [*questions, *reduced, *both, last]

    def _reduced(self, name: str) -> dict[str, Any]:
        settings = {"mode": "replaceNN", "replaceWithValue": self.neutral}
        return _expression(f"R{name}", type="reduce", expression=name, reducer="last", settings=settings)


def anchor(heading: str) -> str:
    """A Markdown heading's anchor, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _question(name: str, query: Query) -> dict[str, Any]:
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
