"""The class of metrics, and the values that their labels can have. Standard library only.

Calling a metric with its labels returns its path: `DEPLOYMENT_TOTAL(ring="lab", status="passed")`. A missing, extra or
unknown label raises. Timers are milliseconds. In Graphite, a path follows `stats.<kind>.eucora.`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from unicodedata import combining, normalize

from app.spelling import spelled
from app.vocabulary import RING_KEYS, DriftKind, Severity, SiteClass

PREFIX = "eucora"
"""The client's prefix, before every path."""


SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
"""In milliseconds."""


class Kind(StrEnum):
    """How StatsD aggregates a measure; the value is part of the series in Graphite."""

    COUNTER = "counters"
    TIMER = "timers"
    GAUGE = "gauges"


class Origin(StrEnum):
    """Who emits a metric: the projection of events, an instrumented seam, the sampling of gauges, StatsD itself."""

    EVENT = "event"
    SEAM = "seam"
    SAMPLE = "sample"
    STATSD = "statsd"


class Bounded(tuple[str, ...]):
    """A label whose values are not listed but bounded; `by` says what bounds them. It is empty, so it is false."""

    by: str

    def __new__(cls, by: str) -> Bounded:
        """An empty tuple with `by`."""
        bounded = super().__new__(cls)
        bounded.by = by
        return bounded


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
HOLDS = ("approval", "breaker", "freeze", "window", "emergency_stop", "rate", "scheduled", "stalled")
SEVERITIES = tuple(severity.value for severity in Severity)
DRIFT_KINDS = tuple(kind.value for kind in DriftKind)
QUEUES = ("control", "bulk", "drift")
OTHER = "_other"
SITE_CLASSES = tuple(site_class.value for site_class in SiteClass)
APPLICATIONS = Bounded("`EUCORA_METRIC_APPLICATIONS`, else `_other`")
CONNECTORS = Bounded("the registered connectors")
ENDPOINTS = Bounded("the API's endpoints, else `_unmatched`")
JOBS = Bounded("the jobs of `app/queue.py`")

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
_OF_ONE_STATSD = re.compile(r"\bstats\.(?=(?:counters|timers|gauges)\.)")
_NODE = r"(?:\$?\{[^{}]*\}|[\w*$\[\]-])+"
_GAUGE = re.compile(rf"\bstats\.gauges(?:\.{_NODE})+")
_MAX_LABEL = 64
_DIGEST = 8


@cache
def label(value: str) -> str:
    """A label's value as one node of a path: characters other than letters, digits, `_` and `-` become `_`.

    Accents are dropped. If other letters are left, a hash of the whole keeps different names apart.
    """
    if not value.isascii():
        letters = "".join(character for character in normalize("NFKD", value) if not combining(character))
        if not letters.isascii():
            digest = hashlib.sha256(value.encode()).hexdigest()[:_DIGEST]
            return f"{_UNSAFE.sub('_', letters)[: _MAX_LABEL - _DIGEST - 1]}_{digest}"
        value = letters
    return _UNSAFE.sub("_", value)[:_MAX_LABEL] or "_"


def under_any_prefix(path: str) -> str:
    """A glob for the same path, or beginning of one, of all StatsD instances, each of which has its own prefix."""
    return _OF_ONE_STATSD.sub("stats*.", path)


def everywhere(expression: str) -> str:
    """The same expression of series for all StatsD instances, as Graphite computes it.

    Counts of several instances are several series, to be summed. A gauge stays one series with its own name: a new
    owner sends it to another instance, and for a while the former one repeats its last value.
    """
    return under_any_prefix(_GAUGE.sub(_one_gauge, expression))


def _one_gauge(found: re.Match[str]) -> str:
    nodes = ",".join(str(number) for number in range(1, len(re.findall(_NODE, found[0]))))
    return f"aliasSub(groupByNodes({found[0]},'max',{nodes}),'^','stats.')"


@dataclass(frozen=True, eq=False)
class Metric:
    """One declared metric; `name` is its name in Prometheus."""

    name: str
    path: str
    kind: Kind
    origin: Origin
    help: str
    by: str
    """Who emits it and when; for an event-derived metric, the types of its events, separated by commas."""
    unit: str = "1"
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    bins: tuple[int, ...] = ()
    """Upper bounds of the histogram's bins, in the timer's unit."""
    _paths: dict[tuple[str, ...], str] = field(init=False, repr=False, default_factory=dict)
    """A cache of paths by the names and values of labels: every measure needs one, and there are few."""

    def __post_init__(self) -> None:
        placeholders = re.findall(r"{(\w+)}", self.path)
        if sorted(placeholders) != sorted(self.labels):
            raise ValueError(f"{self.name}: the path names {placeholders}, the labels are {sorted(self.labels)}")

    def __call__(self, **labels: str) -> str:
        """The path for these labels. Raises ValueError unless they are exactly the declared ones."""
        key = (*labels, *labels.values())
        try:
            return self._paths[key]
        except KeyError:
            path = self._paths[key] = self._path(labels)
            return path

    def _path(self, values: Mapping[str, str]) -> str:
        if values.keys() != self.labels.keys():
            raise ValueError(f"{self.name} takes the labels {sorted(self.labels)}, not {sorted(values)}")
        for name, allowed in self.labels.items():
            if allowed and values[name] not in allowed:
                raise ValueError(f"{self.name}: {name} is one of {', '.join(allowed)}, not {values[name]!r}")
        return self.path.format(**{name: label(value) for name, value in values.items()})

    def series(self, aspect: str, **labels: str) -> str:
        """The Graphite series of an aspect (`count`, `upper_95`; empty for a gauge); labels left out become `*`."""
        unknown = set(labels) - set(self.labels)
        if unknown:
            raise ValueError(f"{self.name} has no label {sorted(unknown)}")
        path = self.path.format(**{name: labels.get(name, "*") for name in self.labels})
        return ".".join(part for part in ("stats", self.kind.value, PREFIX, path, aspect) if part)

    def node(self, name: str) -> int:
        """The position of a label in its series, as Graphite's aliasByNode counts nodes."""
        return 3 + self.path.split(".").index("{" + name + "}")

    @property
    def stem(self) -> str:
        """The part of the path before the first label."""
        return self.path.split(".{", 1)[0]


def application_label(name: str, configured: Iterable[str]) -> str:
    """The application's name as a label if it is configured to have its own metrics, else `_other`."""
    return label(name) if name in {spelled(each) for each in configured} else OTHER


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
    """Declare a metric; `catalogue.METRICS` lists it."""
    metric = Metric(name, path, kind, origin, help, by, unit, MappingProxyType(labels), tuple(bins))
    declared.append(metric)
    return metric
