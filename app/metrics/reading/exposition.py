"""The event-derived counters in Prometheus' formats, from `event_totals`: exact, and never decreasing.

The registry is built for each request; the process has none of its own. Event-derived timers are exposed as `_count`
only, because sums of durations are not stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric as Family
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.openmetrics import exposition as openmetrics
from werkzeug.datastructures import MIMEAccept

from app.metrics.catalogue import PREFIX, Kind, Metric, Origin
from app.metrics.following import totals
from app.metrics.following.totals import CountedTotals
from app.metrics.naming import parse_series
from app.metrics.reading.schemas import MetricQuery

FROM_ZERO = 64
"""A metric with at most this many combinations of labels is exposed from 0 on, so that its first increase is seen."""
JSON = "application/json"

LabelValues = tuple[str, ...]


@dataclass(frozen=True)
class TextFormat:
    """One of Prometheus' text formats."""

    content_type: str
    write: Callable[[CollectorRegistry], bytes]

    def of(self, query: MetricQuery) -> bytes:
        """The exposition of the requested metrics, caught up with the event log."""
        registry = CollectorRegistry()
        registry.register(_TotalsCollector(query.metrics(), totals.up_to_date()))
        return self.write(registry)


FORMATS: Mapping[str, TextFormat] = {
    "text/plain": TextFormat(CONTENT_TYPE_PLAIN_0_0_4, generate_latest),
    "application/openmetrics-text": TextFormat(openmetrics.CONTENT_TYPE_LATEST, openmetrics.generate_latest),
}


def negotiated(accept: MIMEAccept) -> TextFormat | None:
    """The text format that a client prefers; None for JSON, which is also the default."""
    # Parameters other than q (version, escaping) make no difference here.
    bare = MIMEAccept([(value.partition(";")[0].strip(), quality) for value, quality in accept])
    return FORMATS.get(bare.best_match([JSON, *FORMATS], default=JSON))


@dataclass(frozen=True, eq=False)
class _TotalsCollector:
    """A collector of Prometheus' library."""

    metrics: Iterable[Metric]
    counted: CountedTotals

    def collect(self) -> Iterator[Family]:
        """Families in the order of the catalogue, then the progress of the totals."""
        sums: dict[Metric, dict[LabelValues, int]] = defaultdict(dict)
        for series, total in self.counted.totals.items():
            parsed = parse_series(series)
            if parsed is not None:
                sums[parsed.metric][parsed.labels] = total
        for metric in self.metrics:
            if metric.origin is Origin.EVENT:
                yield _family(metric, _with_zeros(metric, sums[metric]))
        last = "The newest event that these totals include."
        yield GaugeMetricFamily(f"{PREFIX}_event_totals_last_id", last, value=self.counted.event_id)
        behind = "Committed events that these totals do not include yet; above 0 only while a long backlog is counted."
        yield GaugeMetricFamily(f"{PREFIX}_event_totals_behind", behind, value=self.counted.behind)


def _family(metric: Metric, sums: Mapping[LabelValues, int]) -> Family:
    name, labels = f"{PREFIX}_{metric.name}", tuple(metric.labels)
    if metric.kind is Kind.COUNTER:
        family = CounterMetricFamily(name, metric.help, labels=labels)
        for values in sorted(sums):
            family.add_metric(values, sums[values])
        return family
    # The library's own summary family requires a sum.
    summary = Family(name, metric.help, "summary")
    for values in sorted(sums):
        summary.add_sample(f"{name}_count", dict(zip(labels, values, strict=True)), sums[values])
    return summary


def _with_zeros(metric: Metric, sums: Mapping[LabelValues, int]) -> Mapping[LabelValues, int]:
    """The sums, with 0 for combinations of labels that were not counted yet, if there are few of them."""
    # A bounded label has no values here, so its metric has no combinations.
    if prod(map(len, metric.labels.values())) > FROM_ZERO:
        return sums
    return {**dict.fromkeys(product(*metric.labels.values()), 0), **sums}
