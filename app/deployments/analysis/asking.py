"""Measuring analyses in Graphite: bounded in time, series and points, and without raising."""

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
"""The most series that Graphite returns for a target."""
MOST_POINTS = 600
"""The most points of a series. Graphite consolidates more points with the analysis's reducer."""
LONGEST_NAME = 200
LONGEST_DETAIL = 500
CONSOLIDATE = {"last": "last", "avg": "average", "max": "max", "sum": "sum"}
UNREADABLE = (GraphiteUnavailable, httpx.InvalidURL, LookupError, TypeError, ValueError, ArithmeticError)
"""What reading can raise: Graphite does not respond, rejects the target, or returns something else than series."""

Points = dict[str, Any]
"""What a measurement stores: `from`, `until`, and the series of `numerator` and `denominator`."""


class Measured(NamedTuple):
    """An analysis, its reading, and the points behind it."""

    analysis: Analysis
    reading: Reading
    points: Points


def ask(analyses: Sequence[Analysis], names: Mapping[str, str], now: datetime) -> list[Measured]:
    """Measure each analysis; `names` has the placeholders of targets with their values.

    If Graphite does not respond, the remaining analyses are not asked for: they get the same error.
    """
    measured: list[Measured] = []
    no_response: str | None = None
    for analysis in analyses:
        end = int(now.timestamp())
        points: Points = {"from": end - analysis.from_seconds, "until": end - analysis.until_seconds}
        if no_response is None:
            try:
                points |= _series(analysis, names, points["from"], points["until"])
                measured.append(Measured(analysis, again(analysis, points), points))
                continue
            except UNREADABLE as error:
                log.warning("analysis was not measured", analysis=analysis.name, error=str(error))
                points = {"from": points["from"], "until": points["until"]}
                detail = f"Graphite's response cannot be read: {error}"[:LONGEST_DETAIL]
                if isinstance(error.__cause__, httpx.TransportError):
                    no_response = detail
        else:
            detail = no_response
        measured.append(Measured(analysis, Reading(Phase.ERROR, None, detail), points))
    return measured


def again(analysis: Analysis, points: Mapping[str, Any]) -> Reading:
    """The reading of stored points. Raises KeyError if there are none because Graphite did not respond."""
    denominator = points["denominator"]
    return measure(
        _series_points(points["numerator"]), None if denominator is None else _series_points(denominator), analysis
    )


def _series(analysis: Analysis, names: Mapping[str, str], start: int, end: int) -> Points:
    """The series from Graphite, as they are stored. Raises GraphiteUnavailable."""
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
    """Series as they are stored; several series, which are an error, only by name."""
    alone = len(series) == 1
    return [
        {
            "name": each.name[:LONGEST_NAME],
            "points": [[_plain(value), at] for value, at in each.points] if alone else [],
        }
        for each in series
    ]


def _plain(value: float | None) -> float | str | None:
    """A value that JSON can represent."""
    return value if value is None or isfinite(value) else str(value)


def _series_points(stored: Sequence[Mapping[str, Any]]) -> SeriesPoints:
    return [[(None if value is None else float(value), at) for value, at in series["points"]] for series in stored]
