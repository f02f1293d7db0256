"""What Grafana's pages ask of graphite-web (GRAFANA.md §3 to §5), and points for every series there may be."""

from __future__ import annotations

import math
import re
import socket
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any
from urllib.parse import quote

import httpx

from app.metrics import catalogue as m
from app.metrics.foreign import FOREIGN

Points = Sequence[float]
Answer = Mapping[str, Mapping[str, Points]]
"""refId → series name → its points that are not null."""
ALL = {"ring": "*", "connector": "*", "application": "*", "site_class": "*"}
HOUR = 3600


class Browser:
    """Asks graphite-web as Grafana's pages do."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=30)

    def render(self, panel: Mapping[str, Any], seconds: int, values: Mapping[str, str] = ALL) -> Answer:
        """Load a panel that shows the last `seconds`, with variables of these values."""
        now = time.time()
        start, until = math.floor(now - seconds), math.floor(now)
        fields = []
        for target in panel["targets"]:
            text = re.sub(r"'(\d+)m'", r"'\1min'", _interpolated(target["target"], values))
            wrapped = f'aliasSub({text}, "(^.*$)", "\\1 {target["refId"]}")'
            fields.append("target=" + quote(wrapped, safe="!~*'()"))
        fields += [
            f"from={start - 1 if start % 60 else start}",
            f"until={until + 1 if until % 60 else until}",
            "format=json",
            f"maxDataPoints={panel['maxDataPoints']}",
        ]
        answered: dict[str, dict[str, Points]] = defaultdict(dict)
        for series in self._post("/render", "&".join(fields)):
            name, ref_id = series["target"].rsplit(" ", 1)
            assert name not in answered[ref_id], f"two series are named {name}"
            answered[ref_id][name] = [value for value, _ in series["datapoints"] if value is not None]
        return answered

    def find(self, variable: Mapping[str, Any]) -> list[str]:
        """Load the values of a template variable."""
        now = int(time.time())
        query = _interpolated(variable["query"]["target"], ALL)
        found = self._post(f"/metrics/find?from={now - HOUR}&until={now}", f"query={query}")
        return sorted(node["text"] for node in found)

    def marks(self, annotation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Load an annotation of the last hour."""
        asked = {"from": "-1h", "until": "now", "tags": " ".join(annotation["target"]["tags"])}
        answer = self._client.get("/events/get_data", params=asked).raise_for_status()
        found: list[Mapping[str, Any]] = answer.json()
        return found

    def _post(self, path: str, body: str) -> list[dict[str, Any]]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._client.post(path, content=body, headers=headers)
        assert answer.status_code == 200, f"{answer.status_code}: {answer.text[:500]}\n{body}"
        found: list[dict[str, Any]] = answer.json()
        return found


def _interpolated(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda found: values[found[1]], text)


# -- points for everything

ASPECTS = {
    m.Kind.COUNTER: ["count"],
    m.Kind.GAUGE: [""],
    m.Kind.TIMER: ["count", "sum", "mean", "upper", "upper_50", "upper_95", "upper_99"],
}
"""The series that StatsD makes of a metric, as ops/statsd/config.js has it."""
STANDING_IN = {"ring": ("lab", "canary"), "source": ("lab",), "target": ("canary",), "method": ("GET",)}
"""Of labels with many values, those that stand for all; where values are not listed, one made up."""
MADE_UP = "made_up"


ENOUGH = {
    m.HTTP_REQUEST.series("count", endpoint=MADE_UP, method="GET", status_class="2xx"): 400,
    m.APPLICATION_DEPLOYMENTS.series("count", app=MADE_UP, status="completed"): 20,
}
"""Counts that objectives need to be judged; all other points are 1."""


def every_series() -> Iterator[str]:
    """A series for each metric, each value of each label, each aspect and bin; and the pipeline's own."""
    for metric in m.METRICS:
        bins = [f"histogram.bin_{bound}" for bound in (*metric.bins, "inf")] if metric.bins else []
        values = [STANDING_IN.get(name, tuple(listed) or (MADE_UP,)) for name, listed in metric.labels.items()]
        for chosen in product(*values):
            labels = dict(zip(metric.labels, chosen, strict=True))
            yield from (metric.series(aspect, **labels) for aspect in (*ASPECTS[metric.kind], *bins))
    for it in FOREIGN:
        yield it.series.replace("stats*", "stats").replace("*", MADE_UP)


PREFIXES = ("stats", "stats_b")
"""Of two StatsD instances."""


def feed(carbon: int) -> None:
    """Give carbon points of the last minutes for every series, from two StatsD instances."""
    now = int(time.time())
    every = [(series, re.sub("^stats(?=\\.)", prefix, series)) for series in every_series() for prefix in PREFIXES]
    lines = (
        f"{name} {ENOUGH.get(series, 1)} {now - ago}\n"
        for name, series in {name: series for series, name in every}.items()
        for ago in (240, 180, 120, 60, 20, 10)
    )
    with socket.create_connection(("127.0.0.1", carbon), timeout=10) as connection:
        connection.sendall("".join(lines).encode())
