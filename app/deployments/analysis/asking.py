"""Graphite asked what an analysis wants to know: bounded in time, series and points, and never an exception."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isfinite
from typing import Any, NamedTuple

import httpx
import structlog

from app.deployments.rules.analysis import Analysis, Phase, Reading, SeriesPoints, measure
from app.metrics.reading.graphite import Graphite, GraphiteUnavailable, Series
from app.settings import load_settings

log = structlog.get_logger()

TIMEOUT_SECONDS = 5.0
MOST_SERIES = 20
"""Graphite answers a target with no more than these."""
MOST_POINTS = 600
"""Of one series; where there are more, Graphite makes fewer of them in the way the analysis reduces them."""
LONGEST_NAME = 200
LONGEST_DETAIL = 500
CONSOLIDATE = {"last": "last", "avg": "average", "max": "max", "sum": "sum"}
UNREADABLE = (GraphiteUnavailable, httpx.InvalidURL, LookupError, TypeError, ValueError, ArithmeticError)
"""What asking can raise: Graphite is away, refuses, or answers with something that is no list of series."""

Points = dict[str, Any]
"""What a measurement keeps: `from`, `until` and the answered series of `numerator` and `denominator`."""


class Measured(NamedTuple):
    """An analysis, what it read, and the points that follows from."""

    analysis: Analysis
    reading: Reading
    points: Points


def ask(analyses: Sequence[Analysis], names: Mapping[str, str], now: datetime) -> list[Measured]:
    """Measure each; in targets the keys of `names` stand for their values. A Graphite that is away is asked once."""
    measured: list[Measured] = []
    away: str | None = None
    for analysis in analyses:
        end = int(now.timestamp())
        points: Points = {"from": end - analysis.from_seconds, "until": end - analysis.until_seconds}
        if away is None:
            try:
                points |= _series(analysis, names, points["from"], points["until"])
                measured.append(Measured(analysis, again(analysis, points), points))
                continue
            except UNREADABLE as error:
                log.warning("analysis was not measured", analysis=analysis.name, error=str(error))
                points = {"from": points["from"], "until": points["until"]}
                detail = f"Graphite's response cannot be read: {error}"[:LONGEST_DETAIL]
                if isinstance(error.__cause__, httpx.TransportError):
                    away = detail
        else:
            detail = away
        measured.append(Measured(analysis, Reading(Phase.ERROR, None, detail), points))
    return measured


def again(analysis: Analysis, points: Mapping[str, Any]) -> Reading:
    """What follows from kept points. Raises KeyError if there are none, because Graphite did not answer."""
    denominator = points["denominator"]
    return measure(
        _series_points(points["numerator"]), None if denominator is None else _series_points(denominator), analysis
    )


def _series(analysis: Analysis, names: Mapping[str, str], start: int, end: int) -> Points:
    """The answered series, as they are kept. Raises GraphiteUnavailable."""
    graphite = Graphite(load_settings().graphite_url, TIMEOUT_SECONDS)

    def render(target: str) -> list[Points]:
        for placeholder, name in names.items():
            target = target.replace(placeholder, name)
        bounded = f"limit(consolidateBy({target},'{CONSOLIDATE[analysis.reducer]}'),{MOST_SERIES})"
        return _stored(graphite.render([bounded], start, end, maxDataPoints=MOST_POINTS))

    denominator = analysis.denominator
    return {
        "numerator": render(analysis.numerator),
        "denominator": None if denominator is None else render(denominator),
    }


def _stored(series: Sequence[Series]) -> list[Points]:
    """Series as they are stored; of several, which are an error, the names only."""
    alone = len(series) == 1
    return [
        {
            "name": each.name[:LONGEST_NAME],
            "points": [[_plain(value), at] for value, at in each.points] if alone else [],
        }
        for each in series
    ]


def _plain(value: float | None) -> float | str | None:
    """A value that JSON can spell."""
    return value if value is None or isfinite(value) else str(value)


def _series_points(stored: Sequence[Mapping[str, Any]]) -> SeriesPoints:
    return [[(None if value is None else float(value), at) for value, at in series["points"]] for series in stored]
