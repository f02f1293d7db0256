"""`/metrics`."""

from __future__ import annotations

from client.session import Subject
from client.types import MetricKind, Metrics as CurrentMetrics

PROMETHEUS = "text/plain"
OPENMETRICS = "application/openmetrics-text"


class Metrics(Subject):
    """The catalogue of metrics with current values."""

    def get(self, *, kind: MetricKind | None = None, prefix: str = "", window: int = 300) -> CurrentMetrics:
        """The metrics of a kind whose names begin with the prefix; sums and rates are of the last `window` seconds."""
        return self._session.get(CurrentMetrics, "/metrics", {"kind": kind, "prefix": prefix, "window": window})

    def exposition(self, *, openmetrics: bool = False, kind: MetricKind | None = None, prefix: str = "") -> str:
        """The event-derived metrics in Prometheus' text format, or as OpenMetrics."""
        accept = OPENMETRICS if openmetrics else PROMETHEUS
        return self._session.text("/metrics", {"kind": kind, "prefix": prefix}, accept)
