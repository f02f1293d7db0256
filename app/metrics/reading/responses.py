"""What the API answers about metrics."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.http.responses import NULL, Count, ResponseBody, Time
from app.metrics.metric import Origin
from app.metrics.reading.schemas import MetricKind

MetricOrigin = StrEnum("MetricOrigin", {origin.name: origin.value for origin in Origin})  # type: ignore[misc]  # from the catalogue
Value = Annotated[float, Field(examples=[0.25])]


class MetricLabel(ResponseBody):
    """The values that a label can have, or what bounds them."""

    values: list[Annotated[str, Field(examples=["canary"])]] | None
    bounded_by: Annotated[str | None, NULL]


class MetricSeries(ResponseBody):
    """One series: gauges have `value` and `at`, counters and timers `total` and `rate`, timers quantiles too."""

    labels: dict[str, str]
    graphite: Annotated[str, Field(examples=["stats.eucora.deployment_total.completed.count"])]
    value: Value | None = None
    at: Time | None = None
    total: Count | None = None
    rate: Value | None = None
    p50: Value | None = None
    p95: Value | None = None
    p99: Value | None = None
    database_total: Count = 0
    """The exact total of the event log, of metrics that are counted from it."""


class Metric(ResponseBody):
    """A metric of the catalogue with its declaration and its series."""

    name: Annotated[str, Field(examples=["deployment_total"])]
    path: str
    kind: MetricKind
    origin: MetricOrigin
    unit: Annotated[str, Field(examples=["deployments"])]
    help: str
    by: str
    """Who emits it, and when."""
    labels: dict[str, MetricLabel]
    aspects: list[str]
    series: list[MetricSeries]
    truncated: bool
    """Whether there are more series than are listed."""


class CountedEvents(ResponseBody):
    """The last event that each `database_total` includes, and the number of events after it."""

    counted_to: Count
    behind: Count


class Metrics(ResponseBody):
    """The metrics with their current values."""

    at: Time
    window_seconds: Annotated[int, Field(examples=[300])]
    stale: bool
    """Whether Graphite did not answer, so that there are no current values."""
    reason: Annotated[str | None, NULL]
    """Why it did not."""
    events: CountedEvents
    items: list[Metric]
