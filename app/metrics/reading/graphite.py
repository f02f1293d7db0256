"""Reading metrics back from graphite-web."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext
from typing import Any

import httpx

from app.errors import Unavailable
from app.metrics.metric import everywhere

TARGETS_PER_REQUEST = 50


@cache
def authorities() -> SSLContext:
    """Whom TLS trusts; read once in a process, which takes 50 ms of processor time."""
    return httpx.create_ssl_context()


@dataclass(frozen=True)
class Series:
    """One rendered series; `points` are (value or None, epoch seconds)."""

    name: str
    points: tuple[tuple[float | None, int], ...]

    @property
    def total(self) -> float:
        """The sum of its points."""
        return sum(value for value, _ in self.points if value is not None)


@dataclass(frozen=True)
class GraphiteEvent:
    """One event of Graphite's events API; `at` is in epoch seconds."""

    at: int
    what: str
    data: str
    tags: tuple[str, ...]


class GraphiteUnavailable(Unavailable):
    type = "graphite-unavailable"
    title = "Graphite does not respond"


class Graphite:
    """A client of graphite-web. Every method raises GraphiteUnavailable if it does not respond or rejects the query."""

    def __init__(self, url: str, timeout: float = 10.0) -> None:
        self._client = httpx.Client(base_url=url.rstrip("/"), timeout=timeout, verify=authorities())

    def render(self, targets: Iterable[str], start: int, end: int, **options: str | int) -> list[Series]:
        """The series of `targets` between two epoch seconds; graphite-web excludes the start."""
        form: dict[str, Any] = {
            "target": list(targets),
            "from": start,
            "until": end,
            "format": "json",
            **options,
        }
        return [
            Series(series["target"], tuple((value, int(at)) for value, at in series["datapoints"]))
            for series in self._json("POST", "/render", data=form)
        ]

    def find(self, query: str, start: int, end: int) -> list[str]:
        """The last nodes of the paths that match `query` and have points between the two epoch seconds."""
        window = {"from": start, "until": end}
        return [node["text"] for node in self._json("POST", "/metrics/find", params=window, data={"query": query})]

    def expand(self, queries: Iterable[str]) -> list[str]:
        """Every stored series that matches one of the globs, sorted."""
        form = {"query": list(queries), "leavesOnly": 1}
        return [str(name) for name in self._json("POST", "/metrics/expand", data=form)["results"]]

    def events(self, tags: Iterable[str], start: int, end: int) -> list[GraphiteEvent]:
        """The events with these tags (without tags: all events) between two epoch seconds, by time."""
        parameters: dict[str, str | int] = {"from": start, "until": end}
        if joined := " ".join(tags):
            parameters["tags"] = joined
        return [
            GraphiteEvent(int(event["when"]), str(event["what"]), str(event["data"] or ""), tuple(event["tags"]))
            for event in self._json("GET", "/events/get_data", params=parameters)
        ]

    def _json(self, method: str, path: str, **request: Any) -> Any:
        try:
            response = self._client.request(method, path, **request)
            response.raise_for_status()
            body = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise GraphiteUnavailable(
                f"graphite-web: {error}. Rollouts go on; only gates that measure metrics wait for it."
            ) from error
        return body

    def totals(self, series: Iterable[str], start: int, end: int) -> dict[str, float]:
        """The sum of each `.count` series over the window and all StatsD instances; 0 if Graphite does not have it."""
        names = list(series)
        sums = dict.fromkeys(names, 0.0)
        for first in range(0, len(names), TARGETS_PER_REQUEST):
            targets = [
                f"alias(sumSeries({everywhere(it)}),'{it}')" for it in names[first : first + TARGETS_PER_REQUEST]
            ]
            for rendered in self.render(targets, start, end):
                sums[rendered.name] = rendered.total
        return sums

    def answers(self) -> bool:
        """Whether graphite-web can render."""
        try:
            self.render(["constantLine(1)"], 0, 60)
        except GraphiteUnavailable:
            return False
        return True
