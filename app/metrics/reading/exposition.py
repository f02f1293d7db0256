"""The event-born counters as Prometheus reads them, from `event_totals`: exact, and never lower than before.

Everything is made for one request: no registry of the process, no collectors of its own. Timers that are born of
events show their `_count`; sums of durations are not kept.
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
from app.metrics.following.totals import Counted
from app.metrics.naming import named
from app.metrics.reading.schemas import MetricQuery

FROM_ZERO = 64
"""Up to so many combinations of closed labels are shown before they have counted, so that their first step shows."""
JSON = "application/json"

Labels = tuple[str, ...]


@dataclass(frozen=True)
class Form:
    """One of the text forms."""

    content_type: str
    write: Callable[[CollectorRegistry], bytes]

    def of(self, query: MetricQuery) -> bytes:
        """The exposition of the metrics that are asked for, caught up with the log."""
        registry = CollectorRegistry()
        registry.register(_Collected(query.chosen(), totals.up_to_date()))
        return self.write(registry)


FORMS: Mapping[str, Form] = {
    "text/plain": Form(CONTENT_TYPE_PLAIN_0_0_4, generate_latest),
    "application/openmetrics-text": Form(openmetrics.CONTENT_TYPE_LATEST, openmetrics.generate_latest),
}


def wanted(accept: MIMEAccept) -> Form | None:
    """The text form that a client wants most, None if that is JSON; it is JSON for whoever takes anything."""
    # Parameters other than q (version, escaping) ask for nothing that would make a difference here.
    bare = MIMEAccept([(value.partition(";")[0].strip(), quality) for value, quality in accept])
    return FORMS.get(bare.best_match([JSON, *FORMS], default=JSON))


@dataclass(frozen=True, eq=False)
class _Collected:
    """What a registry asks for its families."""

    metrics: Iterable[Metric]
    counted: Counted

    def collect(self) -> Iterator[Family]:
        """Families in the order of the catalogue, then how far they have counted."""
        sums: dict[Metric, dict[Labels, int]] = defaultdict(dict)
        for series, total in self.counted.totals.items():
            found = named(series)
            if found is not None:
                sums[found.metric][found.labels] = total
        for metric in self.metrics:
            if metric.origin is Origin.EVENT:
                yield _family(metric, _with_zeros(metric, sums[metric]))
        last = "The newest event that these totals have counted."
        yield GaugeMetricFamily(f"{PREFIX}_event_totals_last_id", last, value=self.counted.event_id)
        behind = "Committed events that these totals have not counted yet; 0 but for a while after a long backlog."
        yield GaugeMetricFamily(f"{PREFIX}_event_totals_behind", behind, value=self.counted.behind)


def _family(metric: Metric, sums: Mapping[Labels, int]) -> Family:
    name, labels = f"{PREFIX}_{metric.name}", tuple(metric.labels)
    if metric.kind is Kind.COUNTER:
        family = CounterMetricFamily(name, metric.help, labels=labels)
        for values in sorted(sums):
            family.add_metric(values, sums[values])
        return family
    # The library's own summary family insists on a sum.
    summary = Family(name, metric.help, "summary")
    for values in sorted(sums):
        summary.add_sample(f"{name}_count", dict(zip(labels, values, strict=True)), sums[values])
    return summary


def _with_zeros(metric: Metric, sums: Mapping[Labels, int]) -> Mapping[Labels, int]:
    """With the series that have counted nothing, where the labels are closed and few."""
    # An open label has no values here, so there is nothing to combine.
    if prod(map(len, metric.labels.values())) > FROM_ZERO:
        return sums
    return {**dict.fromkeys(product(*metric.labels.values()), 0), **sums}
