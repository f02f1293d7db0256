"""Points for the real carbon, as old as a test wants them."""

from __future__ import annotations

import socket
from collections import defaultdict
from collections.abc import Callable, Iterable

from app.metrics.reading.graphite import Graphite, GraphiteUnavailable
from tests.support.waiting import eventually

Point = tuple[str, float, int]
"""(series, value, epoch seconds)"""
Feed = Callable[[Iterable[Point]], None]
"""Store points of the last hour and return once Graphite shows each of them."""
AT_ONCE = 50
"""Series that one question to Graphite names."""


def send(port: int, points: Iterable[Point]) -> None:
    """Give points to carbon, which stores them in its own time."""
    with socket.create_connection(("127.0.0.1", port)) as carbon:
        carbon.sendall("".join(f"{series} {value} {at}\n" for series, value, at in points).encode())


def feed(port: int, graphite: Graphite, points: Iterable[Point]) -> None:
    """Give points of the last hour to carbon and return once Graphite shows each of them."""
    points = list(points)
    send(port, points)
    missing: dict[str, dict[int, float]] = defaultdict(dict)
    for series, value, at in points:
        missing[series][at] = value

    def all_are_shown() -> bool:
        for series in _shown(graphite, missing):
            del missing[series]
        return not missing

    eventually(all_are_shown, lambda: f"Graphite does not show {list(missing)[:5]}")


def _shown(graphite: Graphite, wanted: dict[str, dict[int, float]]) -> list[str]:
    """Those of the first series of which every point is shown."""
    asked = list(wanted)[:AT_ONCE]
    times = [at for series in asked for at in wanted[series]]
    try:
        answered = graphite.render(asked, min(times) - 1, max(times))
    except GraphiteUnavailable:
        return []  # it looked at a file that carbon was just making
    shown = {series.name: {at: value for value, at in series.points} for series in answered}
    return [name for name in asked if wanted[name].items() <= shown.get(name, {}).items()]
