"""What a metric is, and the words its labels take. Standard library only.

A metric is called with its labels and answers with its path: `DEPLOYMENT_TOTAL(ring="lab", status="passed")`. A
missing, extra or unknown label raises. Timers are milliseconds. Paths are those after StatsD's `stats.<kind>.eucora.`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from app.vocabulary import RING_KEYS, DriftKind, Severity, SiteClass

PREFIX = "eucora"
"""The client's prefix, before every path."""


SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
"""In milliseconds."""


class Kind(StrEnum):
    """How StatsD treats a measure; the value is the folder of its series in Graphite."""

    COUNTER = "counters"
    TIMER = "timers"
    GAUGE = "gauges"


class Origin(StrEnum):
    """Where a metric is born: an event's projection, a seam that is measured, the scheduler's sample, StatsD itself."""

    EVENT = "event"
    SEAM = "seam"
    SAMPLE = "sample"
    STATSD = "statsd"


class Bounded(tuple[str, ...]):
    """A label whose values are not listed here but bounded elsewhere; `by` says where. Empty, so false."""

    by: str

    def __new__(cls, by: str) -> Bounded:
        """No values, but what bounds them."""
        made = super().__new__(cls)
        made.by = by
        return made


RINGS = RING_KEYS
OUTCOMES = (
    "installing",
    "deferred",
    "succeeded",
    "already_compliant",
    "failed",
    "not_applicable",
    "unreachable",
    "expired",
    "cancelled",
    "superseded",
    "retired",
)
HOLDS = ("approval", "breaker", "freeze", "window", "emergency_stop", "rate", "stalled")
SEVERITIES = tuple(severity.value for severity in Severity)
DRIFT_KINDS = tuple(kind.value for kind in DriftKind)
OTHER = "_other"
SITE_CLASSES = tuple(site_class.value for site_class in SiteClass)
APPLICATIONS = Bounded("`EUCORA_METRIC_APPLICATIONS`, else `_other`")
CONNECTORS = Bounded("the registered connectors")
ENDPOINTS = Bounded("the API's endpoints, else `_unmatched`")
JOBS = Bounded("the jobs of `app/queue.py`")

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
_OF_ONE_STATSD = re.compile(r"\bstats\.(?=(?:counters|timers|gauges)\.)")
_MAX_LABEL = 64


@cache
def label(value: str) -> str:
    """A label's value as one node of a path: what is not a letter, digit, `_` or `-` becomes `_`."""
    return _UNSAFE.sub("_", value)[:_MAX_LABEL] or "_"


def everywhere(expression: str) -> str:
    """The same series, or an expression of them, of every StatsD: each flushes under a prefix of its own."""
    return _OF_ONE_STATSD.sub("stats*.", expression)


@dataclass(frozen=True, eq=False)
class Metric:
    """One declared metric; `name` is the one the Prometheus world knows it by."""

    name: str
    path: str
    kind: Kind
    origin: Origin
    help: str
    by: str
    """Who emits it and when; for one that is born of events their types, separated by commas."""
    unit: str = "1"
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    bins: tuple[int, ...] = ()
    """Upper bounds of the histogram's bins, in the timer's unit, which is milliseconds but for counts and points."""
    _paths: dict[tuple[tuple[str, str], ...], str] = field(init=False, repr=False, default_factory=dict)
    """The paths that were asked for: every measure asks, and there are few."""

    def __post_init__(self) -> None:
        placeholders = re.findall(r"{(\w+)}", self.path)
        if sorted(placeholders) != sorted(self.labels):
            raise ValueError(f"{self.name}: the path names {placeholders}, the labels are {sorted(self.labels)}")

    def __call__(self, **labels: str) -> str:
        """The path for these labels. Raises ValueError unless they are exactly the declared ones."""
        key = tuple(labels.items())
        path = self._paths.get(key)
        if path is None:
            path = self._paths[key] = self._path(labels)
        return path

    def _path(self, given: Mapping[str, str]) -> str:
        if given.keys() != self.labels.keys():
            raise ValueError(f"{self.name} takes the labels {sorted(self.labels)}, not {sorted(given)}")
        for name, allowed in self.labels.items():
            if allowed and given[name] not in allowed:
                raise ValueError(f"{self.name}: {name} is one of {', '.join(allowed)}, not {given[name]!r}")
        return self.path.format(**{name: label(value) for name, value in given.items()})

    def series(self, aspect: str, **labels: str) -> str:
        """The Graphite series of one aspect (`count`, `upper_95`; empty for a gauge); a label left out is `*`."""
        unknown = set(labels) - set(self.labels)
        if unknown:
            raise ValueError(f"{self.name} has no label {sorted(unknown)}")
        path = self.path.format(**{name: labels.get(name, "*") for name in self.labels})
        return ".".join(part for part in ("stats", self.kind.value, PREFIX, path, aspect) if part)

    def node(self, name: str) -> int:
        """The position of a label in its series' path, as Graphite's aliasByNode counts."""
        return 3 + self.path.split(".").index("{" + name + "}")

    @property
    def stem(self) -> str:
        """The part of the path before the first label."""
        return self.path.split(".{", 1)[0]


def application_label(name: str, configured: Iterable[str]) -> str:
    """An application's own name if it is configured to have metrics, else `_other`."""
    return label(name) if name in set(configured) else OTHER


declared: list[Metric] = []


def declare(
    *,
    name: str,
    path: str,
    kind: Kind,
    origin: Origin,
    help: str,
    by: str,
    unit: str = "1",
    bins: Sequence[int] = (),
    **labels: tuple[str, ...],
) -> Metric:
    """Make a metric that `catalogue.METRICS` lists."""
    metric = Metric(name, path, kind, origin, help, by, unit, MappingProxyType(labels), tuple(bins))
    declared.append(metric)
    return metric
