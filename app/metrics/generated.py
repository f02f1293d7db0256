"""Generates two files from the catalogue: a block of StatsD's configuration, and docs/metrics.md.

`python -m app.metrics.generated` writes both; `--check` only names the stale ones and exits with 1.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from app.clock import SAMPLE_SECONDS
from app.metrics.catalogue import METRICS, PREFIX, Bounded, Kind, Metric, Origin
from app.metrics.foreign import FOREIGN

STATSD_CONFIG = Path("ops/statsd/config.js")
METRICS_PAGE = Path("docs/metrics.md")
BEGIN, END = "    /* >>> generated", "    /* <<< generated */"


def statsd_block() -> str:
    """The generated block of StatsD's configuration: the lifetime of gauges and the bins of timers."""
    lines = [
        f"{BEGIN} from app/metrics/catalogue.py by `make docs`; do not edit by hand */",
        "    // In flushes (seconds): four times the interval at which gauges are sampled.",
        f"    gaugesMaxTTL: {4 * SAMPLE_SECONDS},",
        "    // The first entry whose `metric` is part of a timer's name gives that timer its bins, in its unit.",
        "    histogram: [",
        *(
            f"      {{ metric: '{PREFIX}.{metric.stem}', bins: [{_bounds(metric, ', ')}, 'inf'] }},"
            for metric in METRICS
            if metric.bins
        ),
        "    ],",
        END,
    ]
    return "\n".join(lines)


def metrics_page() -> str:
    """docs/metrics.md: every metric with its path, kind, unit, labels and emitter."""
    lines = [
        "# Metrics",
        "",
        "Generated from `app/metrics/catalogue.py` by `make docs`; do not edit by hand.",
        "",
        f"In Graphite, a counter is `stats.counters.{PREFIX}.<path>.count`, a gauge `stats.gauges.{PREFIX}.<path>`,",
        f"and a timer `stats.timers.{PREFIX}.<path>.<aspect>`, with the aspects `count`, `sum`, `mean`, `upper`,",
        "`upper_50`, `upper_95`, `upper_99` and `histogram.bin_*`.",
        "",
        "A ring has its key in a path; the [API](api.md#names-and-keys-of-rings) shows it beside the name in the plan.",
        "",
        "Timers and bins are in milliseconds unless the table shows another unit. Event-derived metrics, listed with",
        "the types of their events, are emitted after the commit; their counts equal the `events` table exactly.",
        "",
    ]
    for kind in Kind:
        lines += [
            f"## {kind.value.capitalize()}",
            "",
            "| path | what | unit | who emits it, when |",
            "| --- | --- | --- | --- |",
        ]
        lines += [
            f"| `{metric.path}` | {metric.help} | {metric.unit} | {_emitted(metric)} |"
            for metric in METRICS
            if metric.kind is kind
        ]
        lines.append("")
    lines += ["## Labels", "", "| path | label | values |", "| --- | --- | --- |"]
    lines += [
        f"| `{metric.path}` | {label} | {_values(values)} |"
        for metric in METRICS
        for label, values in metric.labels.items()
    ]
    lines += ["", *_bins(), "", *_foreign(), ""]
    return "\n".join(lines)


def _emitted(metric: Metric) -> str:
    if metric.origin is not Origin.EVENT:
        return metric.by
    return ", ".join(f"`{type}`" for type in metric.by.split(", "))


def _values(values: Sequence[str]) -> str:
    return f"bounded by {values.by}" if isinstance(values, Bounded) else ", ".join(values)


def _bins() -> list[str]:
    rows = (f"| `{metric.path}` | {_bounds(metric, ' ')} inf | {metric.unit} |" for metric in METRICS if metric.bins)
    return ["## Bins", "", "| timer | upper bounds | unit |", "| --- | --- | --- |", *rows]


def _foreign() -> list[str]:
    return [
        "## Metrics of the pipeline itself",
        "",
        "StatsD and carbon emit these about themselves (`app/metrics/foreign.py`). `*` is StatsD's prefix, or carbon's",
        "host.",
        "",
        "| series | what | unit | who emits it, when |",
        "| --- | --- | --- | --- |",
        *(f"| `{metric.series}` | {metric.help} | {metric.unit} | {metric.by} |" for metric in FOREIGN),
    ]


def _bounds(metric: Metric, separator: str) -> str:
    return separator.join(str(bound) for bound in metric.bins)


def statsd_config(present: str) -> str:
    """StatsD's configuration with its generated block replaced."""
    before, _, rest = present.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + statsd_block() + after


def main(arguments: Sequence[str]) -> int:
    """Write or check both files."""
    generated = {STATSD_CONFIG: statsd_config(STATSD_CONFIG.read_text()), METRICS_PAGE: metrics_page()}
    stale = [path for path, text in generated.items() if not path.exists() or path.read_text() != text]
    if "--check" in arguments:
        for path in stale:
            print(f"{path} is stale: run `make docs`.", file=sys.stderr)  # noqa: T201  # a command's output
        return 1 if stale else 0
    for path in stale:
        path.write_text(generated[path])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
