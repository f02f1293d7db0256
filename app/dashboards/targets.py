"""The queries of a panel: its committed targets, with variables and intervals replaced as Grafana does.

The values of variables are the only part of a query that comes from the caller; `schemas.VariableValue` checks them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DEFAULT_POINTS = 500
"""Points of a panel that does not set a number."""
ALL = "$__all"
Selection = Mapping[str, Sequence[str]]
"""The selected values of each variable; `*` selects all."""

_REFERENCE = re.compile(r"\$(\w+)|\$\{(\w+)(?::(\w+))?\}|\[\[(\w+)(?::(\w+))?\]\]")
_QUERY = re.compile(r"#([A-Z])")
_MINUTES = re.compile(r"'(\d+)m'")
_SPAN = re.compile(r"(\d+)(ms|s|m|h|d|w|M|y)?")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "M": 2592000, "y": 31536000}
# Grafana's table: an interval below the first number of milliseconds is rounded to the second.
_ROUND_MS = (
    (10, 1), (15, 10), (35, 20), (75, 50), (150, 100), (350, 200), (750, 500), (1500, 1000), (3500, 2000),
    (7500, 5000), (12500, 10000), (17500, 15000), (25000, 20000), (45000, 30000), (90000, 60000), (210000, 120000),
    (450000, 300000), (750000, 600000), (1050000, 900000), (1500000, 1200000), (2700000, 1800000), (5400000, 3600000),
    (9000000, 7200000), (16200000, 10800000), (32400000, 21600000), (86400000, 43200000), (604800000, 86400000),
    (1814400000, 604800000), (3628800000, 2592000000),
)  # fmt: skip
_LONGEST_MS = 31536000000


@dataclass(frozen=True)
class Range:
    """A time range in epoch seconds."""

    start: int
    until: int

    @property
    def seconds(self) -> int:
        """Its length."""
        return self.until - self.start


@dataclass(frozen=True)
class Target:
    """One query of a panel, with nothing left to replace."""

    ref_id: str
    expression: str


def seconds(span: str) -> float:
    """The length of a span such as `10s` or `>1m`; 0 for any other text."""
    match = _SPAN.fullmatch(span.lstrip(">").strip())
    return int(match[1]) * _SECONDS[match[2] or "s"] if match else 0


def interval_ms(time_range: Range, points: int, least: str = "") -> int:
    """Milliseconds between so many points, rounded by Grafana's table, and no less than `least`."""
    exact = time_range.seconds * 1000 / max(points, 1)
    rounded = next((value for below, value in _ROUND_MS if exact < below), _LONGEST_MS)
    return max(rounded, round(seconds(least) * 1000))


def as_span(milliseconds: int) -> str:
    """An interval as Grafana writes it: in the largest unit that fits, rounded down."""
    for unit, length in (("y", 31536000000), ("d", 86400000), ("h", 3600000), ("m", 60000), ("s", 1000)):
        if milliseconds >= length:
            return f"{milliseconds // length}{unit}"
    return f"{milliseconds}ms"


def selected(variables: Mapping[str, Mapping[str, Any]], given: Selection) -> dict[str, list[str]]:
    """The values of each variable: those given, else those saved in the dashboard, else all."""
    return {name: list(given.get(name) or _saved(variable)) for name, variable in variables.items()}


def _saved(variable: Mapping[str, Any]) -> list[str]:
    saved = (variable.get("current") or {}).get("value")
    values = saved if isinstance(saved, list) else [saved] if saved else []
    all_values = variable.get("allValue") or "*"
    return [all_values if value == ALL else str(value) for value in values] or [all_values]


def interpolated(text: str, values: Selection, time_range: Range, points: int, least: str = "") -> str:
    """`text` with the values of its variables; as in Grafana, unknown variables stay as they are."""
    step = interval_ms(time_range, points, least)
    built_in = {
        "__interval": as_span(step),
        "__interval_ms": str(step),
        "__range": f"{time_range.seconds}s",
        "__range_s": str(time_range.seconds),
        "__range_ms": str(time_range.seconds * 1000),
        "__from": str(time_range.start * 1000),
        "__to": str(time_range.until * 1000),
        "__searchFilter": "*",
    }

    def value(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2] or reference[4]
        if name in values:
            return _formatted(values[name], reference[3] or reference[5] or "glob")
        return built_in.get(name, reference[0])

    # Graphite has no unit `m`; Grafana's frontend rewrites it too.
    return _MINUTES.sub(r"'\1min'", _REFERENCE.sub(value, text))


def _formatted(values: Sequence[str], form: str) -> str:
    if len(values) == 1:
        return values[0]
    separators = {"csv": ",", "raw": ",", "pipe": "|", "regex": "|"}
    if form in separators:
        joined = separators[form].join(values)
        return f"({joined})" if form == "regex" else joined
    return "{" + ",".join(values) + "}"


def targets(
    panel: Mapping[str, Any], values: Selection, time_range: Range, max_points: int | None = None
) -> list[Target]:
    """The visible queries of a panel, in which references such as `#A` are replaced by the query they name."""
    points = points_of(panel, max_points)
    texts = {str(target["refId"]): str(target.get("target", "")) for target in panel.get("targets", ())}

    def expanded(ref_id: str, outer: frozenset[str] = frozenset()) -> str:
        """A query with its references replaced; one that leads back to itself stays."""
        path = outer | {ref_id}
        allowed = texts.keys() - path
        return _QUERY.sub(lambda match: expanded(match[1], path) if match[1] in allowed else match[0], texts[ref_id])

    return [
        Target(ref_id, interpolated(expanded(ref_id), values, time_range, points, str(panel.get("interval") or "")))
        for target in panel.get("targets", ())
        if not target.get("hide") and (ref_id := str(target["refId"])) and texts[ref_id]
    ]


def points_of(panel: Mapping[str, Any], max_points: int | None = None) -> int:
    """The number of points of a panel: the caller's, else the panel's, else the default."""
    return int(max_points or panel.get("maxDataPoints") or DEFAULT_POINTS)
