"""The query of `GET /metrics`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from app.http.fields import Body, Digits
from app.metrics.catalogue import METRICS, Kind, Metric

MAX_WINDOW = 3_600
"""Seconds; as long as Graphite keeps a point for every second."""


class MetricKind(StrEnum):
    """The kinds of metrics as the API names them."""

    COUNTER = "counter"
    TIMER = "timer"
    GAUGE = "gauge"

    @classmethod
    def of(cls, kind: Kind) -> MetricKind:
        """The API's name of a kind."""
        return cls(kind.name.lower())


class MetricQuery(Body):
    """Selects metrics by kind and by the start of their name; `window` is the time over which they are read."""

    kind: MetricKind | None = None
    """Only metrics of this kind."""
    prefix: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]*$", max_length=100)] = ""
    """Only metrics whose names start with it."""
    window: Digits = Field(default=300, ge=10, le=MAX_WINDOW, description="Seconds up to now.")

    def metrics(self) -> tuple[Metric, ...]:
        """The selected metrics of the catalogue."""
        return tuple(
            metric
            for metric in METRICS
            if metric.name.startswith(self.prefix) and self.kind in (None, MetricKind.of(metric.kind))
        )
