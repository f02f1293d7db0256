"""Reading metrics back from graphite-web."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpx

from app.errors import Unavailable
from app.metrics.metric import everywhere

TARGETS_PER_REQUEST = 50


@dataclass(frozen=True)
class Series:
    """One answered series; `points` are (value or None, epoch seconds)."""

    name: str
    points: tuple[tuple[float | None, int], ...]

    @property
    def total(self) -> float:
        """The sum of its points."""
        return sum(value for value, _ in self.points if value is not None)


@dataclass(frozen=True)
class Moment:
    """One event of Graphite's own list; `at` is in epoch seconds."""

    at: int
    what: str
    data: str
    tags: tuple[str, ...]


class GraphiteUnavailable(Unavailable):
    type = "graphite-unavailable"
    title = "Graphite does not answer"


class Graphite:
    """A client of graphite-web's render API."""

    def __init__(self, url: str, timeout: float = 10.0) -> None:
        self._client = httpx.Client(base_url=url.rstrip("/"), timeout=timeout)

    def render(self, targets: Iterable[str], start: int, end: int, **options: str | int) -> list[Series]:
        """The series of `targets` between two epoch seconds (start excluded, as graphite-web counts).

        Raises GraphiteUnavailable when it cannot be reached or refuses the query.
        """
        form: dict[str, Any] = {
            "target": list(targets),
            "from": start,
            "until": end,
            "format": "json",
            **options,
        }
        return [
            Series(series["target"], tuple((value, int(at)) for value, at in series["datapoints"]))
            for series in self._asked("POST", "/render", data=form)
        ]

    def find(self, query: str, start: int, end: int) -> list[str]:
        """The last nodes of the paths that match `query` and had points in the window, by name."""
        window = {"from": start, "until": end}
        return [node["text"] for node in self._asked("POST", "/metrics/find", params=window, data={"query": query})]

    def expand(self, queries: Iterable[str]) -> list[str]:
        """Every stored series that matches one of the globs, sorted."""
        asked = {"query": list(queries), "leavesOnly": 1}
        return [str(name) for name in self._asked("POST", "/metrics/expand", data=asked)["results"]]

    def events(self, tags: Iterable[str], start: int, end: int) -> list[Moment]:
        """The events with these tags (without any: all of them) between two epoch seconds, by time."""
        asked: dict[str, str | int] = {"from": start, "until": end}
        if wanted := " ".join(tags):
            asked["tags"] = wanted
        return [
            Moment(int(event["when"]), str(event["what"]), str(event["data"] or ""), tuple(event["tags"]))
            for event in self._asked("GET", "/events/get_data", params=asked)
        ]

    def _asked(self, method: str, path: str, **request: Any) -> Any:
        try:
            answer = self._client.request(method, path, **request)
            answer.raise_for_status()
            body = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise GraphiteUnavailable(
                f"graphite-web: {error}. Metrics are unread, nothing else is affected."
            ) from error
        return body

    def totals(self, series: Iterable[str], start: int, end: int) -> dict[str, float]:
        """The sum of each named `.count` series over the window and every StatsD; one Graphite does not have is 0."""
        wanted = list(series)
        sums = dict.fromkeys(wanted, 0.0)
        for first in range(0, len(wanted), TARGETS_PER_REQUEST):
            targets = [
                f"alias(sumSeries({everywhere(it)}),'{it}')" for it in wanted[first : first + TARGETS_PER_REQUEST]
            ]
            for answered in self.render(targets, start, end):
                sums[answered.name] = answered.total
        return sums

    def answers(self) -> bool:
        """Whether graphite-web can render."""
        try:
            self.render(["constantLine(1)"], 0, 60)
        except GraphiteUnavailable:
            return False
        return True
