"""Metrics, dashboards and health."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from client.types.values import MetricKind, Service


class MetricLabel(TypedDict):
    """A label's values, or null and what bounds them."""

    values: list[str] | None
    bounded_by: str | None


class MetricSeries(TypedDict):
    """One series: gauges have `value` and `at`, counters and timers `total` and `rate`, timers quantiles too."""

    labels: dict[str, str]
    graphite: str
    value: NotRequired[float | None]
    at: NotRequired[str | None]
    total: NotRequired[int | None]
    rate: NotRequired[float | None]
    p50: NotRequired[float | None]
    p95: NotRequired[float | None]
    p99: NotRequired[float | None]
    database_total: NotRequired[int]


class Metric(TypedDict):
    """A metric of the catalogue with its declaration and its series."""

    name: str
    path: str
    kind: MetricKind
    origin: str
    unit: str
    help: str
    by: str
    labels: dict[str, MetricLabel]
    aspects: list[str]
    series: list[MetricSeries]
    truncated: bool


class CountedEvents(TypedDict):
    """The last event that `database_total` includes, and the number of events after it."""

    counted_to: int
    behind: int


class Metrics(TypedDict):
    """The metrics with their current values; if Graphite did not answer they are `stale`, and `reason` says why."""

    at: str
    window_seconds: int
    stale: bool
    reason: str | None
    events: CountedEvents
    items: list[Metric]


class ListedDashboard(TypedDict):
    """A committed dashboard, without its panels."""

    uid: str
    title: str
    description: str
    tags: list[str]


class PanelSeries(TypedDict):
    """A series of a panel; each point is [epoch seconds, value or null]."""

    ref_id: str
    name: str
    points: list[list[float | None]]


PanelData = TypedDict("PanelData", {"from": int, "until": int, "series": list[PanelSeries]})
"""The data of a panel in a range of epoch seconds."""


class VariableValues(TypedDict):
    """The values that a dashboard's variable has."""

    values: list[str]


class Annotation(TypedDict):
    """A moment that a dashboard marks; `time` is in epoch seconds."""

    name: str
    color: str
    title: str
    text: str
    tags: list[str]
    time: int


class Health(TypedDict):
    """Liveness: the process answers."""

    status: str


class Readiness(TypedDict):
    """The services the API requires (database, Redis) and optional ones (StatsD, Graphite): `ok`, or the problem."""

    status: str
    database: str
    redis: Service
    statsd: Service
    graphite: Service
