"""Metric analyses: what one response of Graphite means, and what several mean together. Standard library only.

A measurement reads one or two targets, reduces each to a number over time and compares the result with conditions.
Missing data never passes a ring: no points, only nulls or a zero denominator are inconclusive.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from math import isfinite
from operator import ge, gt, le, lt
from typing import Any, NamedTuple

from app.deployments.rules.problems import PlanProblem

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
REDUCERS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "last": lambda values: values[-1],
    "avg": lambda values: sum(values) / len(values),
    "max": max,
    "sum": sum,
}
"""From many points to one number. Several series must be combined by Graphite (`sumSeries`, `averageSeries`, ...)."""

MOST_ANALYSES = 10
"""In one ring."""
LONGEST_TARGET = 1_000
SHORTEST_RANGE, LONGEST_RANGE = 10, 24 * 3_600
SHORTEST_INTERVAL = 10
MOST_MEASUREMENTS = 1_000
LARGEST_VALUE = 1e15
"""The largest value of a condition. A larger one is a typo, and the database would write it differently."""
_NAME = re.compile(r"[a-z0-9_]{1,40}")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")

Point = tuple[float | None, int]
"""A value, None where nothing was written, and the epoch second at which its bucket begins."""
SeriesPoints = Sequence[Sequence[Point]]
"""The points of each series that Graphite returned for a target."""


class Phase(StrEnum):
    """The result of one measurement."""

    SUCCESS = "success"
    FAILURE = "failure"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"


@dataclass(frozen=True)
class Condition:
    """A comparison with a value: `<`, `<=`, `>` or `>=`."""

    op: str
    value: float

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Condition:
        """The condition in a snapshot; -0.0 becomes 0.0, as it does in the database."""
        return cls(value["op"], value["value"] + 0.0)

    def is_met_by(self, value: float) -> bool:
        """Whether `value` meets the condition."""
        return OPERATORS[self.op](value, self.value)

    def __str__(self) -> str:
        return f"{self.op} {self.value:g}"


@dataclass(frozen=True)
class Analysis:
    """What a ring reads from Graphite, how often, and which values pass; the range is in seconds before now."""

    name: str
    numerator: str
    success: Condition
    denominator: str | None = None
    failure: Condition | None = None
    """Unset: every value that is not a success is a failure. Set: a value that is neither is inconclusive."""
    from_seconds: int = 300
    until_seconds: int = 0
    interval_seconds: int = 60
    reducer: str = "last"
    failure_limit: int = 0
    """How many failures are tolerated."""
    error_limit: int = 3
    """How many consecutive errors are tolerated."""
    measurements: int = 1
    """How many successes are needed to pass."""
    required: bool = True
    """Whether the ring waits until the analysis passes. If not, the analysis can only stop the ring."""

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Analysis:
        """The analysis in a snapshot. Missing fields have their defaults; unknown fields are ignored."""
        values = {each.name: value[each.name] for each in fields(cls) if each.name in value}
        values["success"] = Condition.from_json(values["success"])
        if values.get("failure") is not None:
            values["failure"] = Condition.from_json(values["failure"])
        return cls(**values)


@dataclass(frozen=True)
class AnalysisResults:
    """What an analysis has measured in its ring so far."""

    name: str
    successes: int
    failures: int
    consecutive_errors: int
    """Errors since the last measurement that could be read."""
    measured: int
    latest: float | None
    """The newest measurement's value."""
    detail: str
    """The newest measurement's sentence."""

    @classmethod
    def none(cls, name: str) -> AnalysisResults:
        """The results of an analysis before its first measurement."""
        return cls(name, 0, 0, 0, 0, None, "not measured yet")


class Reading(NamedTuple):
    """One measurement: its result, the value, and a sentence for people."""

    phase: Phase
    value: float | None
    detail: str


def breached(analysis: Analysis, results: AnalysisResults) -> bool:
    """Whether the analysis failed more often than is tolerated, which fails the ring."""
    return results.failures > analysis.failure_limit


def unreadable(analysis: Analysis, results: AnalysisResults) -> bool:
    """Whether there are more consecutive errors than are tolerated, which neither passes nor fails the ring."""
    return results.consecutive_errors > analysis.error_limit


def passed(analysis: Analysis, results: AnalysisResults) -> bool:
    """Whether the analysis succeeded often enough and can still be read."""
    return results.successes >= max(analysis.measurements, 1) and not unreadable(analysis, results)


def measure(numerator: SeriesPoints, denominator: SeriesPoints | None, analysis: Analysis) -> Reading:
    """The measurement of a response of Graphite; `denominator` is None exactly if the analysis has none."""
    for target, series in (("numerator", numerator), ("denominator", denominator)):
        if series is not None and len(series) > 1:
            return Reading(
                Phase.ERROR,
                None,
                f"the {target} returned {len(series)} series; combine them into one, for example with sumSeries()",
            )
    above = _values(numerator)
    below = None if denominator is None else _values(denominator)
    if below is not None and analysis.reducer == "last":
        # The last points of the two may be minutes apart, so the last points of the same time are compared.
        common = above.keys() & below.keys()
        above, below = ({at: each[at] for at in sorted(common)} for each in (above, below))
    if not above or (below is not None and not below):
        return Reading(Phase.INCONCLUSIVE, None, f"no data within {analysis.from_seconds - analysis.until_seconds} s")
    if not all(map(isfinite, (*above.values(), *(below or {}).values()))):
        return Reading(Phase.ERROR, None, "a point is not a finite number")
    reducer = REDUCERS[analysis.reducer]
    value = reducer(list(above.values()))
    points = f"{analysis.reducer} of {len(above)} points"
    if below is not None:
        divisor = reducer(list(below.values()))
        if divisor == 0:
            return Reading(Phase.INCONCLUSIVE, None, f"the denominator is 0 ({points})")
        value /= divisor
    if not isfinite(value):
        return Reading(Phase.ERROR, None, f"the value is not a finite number ({points})")
    return _compared(value, points, analysis)


def _values(series: SeriesPoints) -> dict[int, float]:
    """Values by time, without nulls and without the newest bucket, which is still being filled."""
    points = series[0] if series else ()
    return {at: value for value, at in points[:-1] if value is not None}


def _compared(value: float, points: str, analysis: Analysis) -> Reading:
    success, failure = analysis.success, analysis.failure
    if failure is not None and failure.is_met_by(value):
        return Reading(Phase.FAILURE, value, f"{value:.6g} is {failure}, the failure condition ({points})")
    if success.is_met_by(value):
        return Reading(Phase.SUCCESS, value, f"{value:.6g} is {success} ({points})")
    if failure is None:
        return Reading(Phase.FAILURE, value, f"{value:.6g} is not {success} ({points})")
    return Reading(Phase.INCONCLUSIVE, value, f"{value:.6g} is neither {success} nor {failure} ({points})")


def problems(analysis: Analysis) -> list[PlanProblem]:
    """The invalid fields of an analysis. Each rule states what must be true, so a NaN violates it."""
    return [*_range_problems(analysis), *_target_problems(analysis), *_condition_problems(analysis)]


def _range_problems(analysis: Analysis) -> Iterator[PlanProblem]:
    range_seconds = analysis.from_seconds - analysis.until_seconds
    rules = (
        ("name", bool(_NAME.fullmatch(analysis.name)), "must be 1 to 40 lower-case letters, digits and `_`"),
        ("until_seconds", 0 <= analysis.until_seconds <= LONGEST_RANGE, f"must be 0 to {LONGEST_RANGE}"),
        (
            "from_seconds",
            SHORTEST_RANGE <= range_seconds <= LONGEST_RANGE,
            f"must be {SHORTEST_RANGE} to {LONGEST_RANGE} more than until_seconds",
        ),
        (
            "interval_seconds",
            SHORTEST_INTERVAL <= analysis.interval_seconds <= LONGEST_RANGE,
            f"must be {SHORTEST_INTERVAL} to {LONGEST_RANGE}",
        ),
        ("reducer", analysis.reducer in REDUCERS, f"must be one of {', '.join(REDUCERS)}"),
        ("failure_limit", 0 <= analysis.failure_limit <= MOST_MEASUREMENTS, f"must be 0 to {MOST_MEASUREMENTS}"),
        ("error_limit", 0 <= analysis.error_limit <= MOST_MEASUREMENTS, f"must be 0 to {MOST_MEASUREMENTS}"),
        ("measurements", 1 <= analysis.measurements <= MOST_MEASUREMENTS, f"must be 1 to {MOST_MEASUREMENTS}"),
    )
    yield from ((place, message) for place, is_met, message in rules if not is_met)


def _target_problems(analysis: Analysis) -> Iterator[PlanProblem]:
    for place, target in (("numerator", analysis.numerator), ("denominator", analysis.denominator)):
        if target is None:
            continue
        if not 1 <= len(target.strip()) <= len(target) <= LONGEST_TARGET or not target.isprintable():
            yield place, f"must be a Graphite target of 1 to {LONGEST_TARGET} printable characters"
        elif not _balanced(target):
            # Graphite returns an empty list for such a target, as if there were no data.
            yield place, "must close every bracket and quotation mark that it opens"


def _balanced(target: str) -> bool:
    rest = _QUOTED.sub("", target)
    open_: list[str] = []
    for character in rest:
        if character in "({[":
            open_.append(character)
        elif character in ")}]" and (not open_ or open_.pop() + character not in ("()", "{}", "[]")):
            return False
    return not open_ and not {"'", '"'} & set(rest)


def _condition_problems(analysis: Analysis) -> Iterator[PlanProblem]:
    conditions = [("success", analysis.success), ("failure", analysis.failure)]
    usable = True
    for place, condition in conditions:
        if condition is None:
            continue
        if condition.op not in OPERATORS:
            usable = False
            yield f"{place}.op", f"must be one of {', '.join(OPERATORS)}"
        if not abs(condition.value) <= LARGEST_VALUE:
            usable = False
            yield f"{place}.value", f"must be {-LARGEST_VALUE:.0f} to {LARGEST_VALUE:.0f}"
    if usable and analysis.failure is not None and _overlap(analysis.success, analysis.failure):
        yield "failure", "must not match a value that is a success"


def _overlap(first: Condition, second: Condition) -> bool:
    """Whether some value meets both conditions."""
    if first.op[0] == second.op[0]:
        return True
    if first.value == second.value:
        return first.is_met_by(second.value) and second.is_met_by(first.value)
    return first.is_met_by(second.value)
