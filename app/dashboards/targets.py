"""What a panel asks Graphite: its committed targets, with variables and intervals put in as Grafana does.

Values come from the caller and are checked before they come here (`schemas.Value`); nothing else of a target does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DEFAULT_POINTS = 500
"""Points of a panel that does not say how many."""
ALL = "$__all"
Values = Mapping[str, Sequence[str]]
"""What is chosen of each variable; `*` is everything."""

_REFERENCE = re.compile(r"\$(\w+)|\$\{(\w+)(?::(\w+))?\}|\[\[(\w+)(?::(\w+))?\]\]")
_QUERY = re.compile(r"#([A-Z])")
_MINUTES = re.compile(r"'(\d+)m'")
_SPAN = re.compile(r"(\d+)(ms|s|m|h|d|w|M|y)?")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "M": 2592000, "y": 31536000}
# Grafana's table: below the first number of milliseconds, the second.
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
    """From when to when, in epoch seconds."""

    start: int
    until: int

    @property
    def seconds(self) -> int:
        """How long it is."""
        return self.until - self.start


@dataclass(frozen=True)
class Target:
    """One query of a panel, ready to be asked."""

    ref_id: str
    expression: str


def seconds(span: str) -> float:
    """The length of a span such as `10s` or `>1m`; 0 if it is none."""
    found = _SPAN.fullmatch(span.lstrip(">").strip())
    return int(found[1]) * _SECONDS[found[2] or "s"] if found else 0


def interval_ms(shown: Range, points: int, least: str = "") -> int:
    """Milliseconds between points, if there are as many as asked for: by Grafana's table, and no less than `least`."""
    exact = shown.seconds * 1000 / max(points, 1)
    rounded = next((value for below, value in _ROUND_MS if exact < below), _LONGEST_MS)
    return max(rounded, round(seconds(least) * 1000))


def as_span(milliseconds: int) -> str:
    """An interval as Grafana writes it: in the largest unit that fits, the rest dropped."""
    for unit, length in (("y", 31536000000), ("d", 86400000), ("h", 3600000), ("m", 60000), ("s", 1000)):
        if milliseconds >= length:
            return f"{milliseconds // length}{unit}"
    return f"{milliseconds}ms"


def chosen(variables: Mapping[str, Mapping[str, Any]], given: Values) -> dict[str, list[str]]:
    """A value or several for each variable: what was given, else what the dashboard has saved, else everything."""
    return {name: list(given.get(name) or _saved(variable)) for name, variable in variables.items()}


def _saved(variable: Mapping[str, Any]) -> list[str]:
    saved = (variable.get("current") or {}).get("value")
    values = saved if isinstance(saved, list) else [saved] if saved else []
    everything = variable.get("allValue") or "*"
    return [everything if value == ALL else str(value) for value in values] or [everything]


def interpolated(text: str, values: Values, shown: Range, points: int, least: str = "") -> str:
    """`text` with its variables' values; names that are not known stay, as in Grafana."""
    step = interval_ms(shown, points, least)
    own = {
        "__interval": as_span(step),
        "__interval_ms": str(step),
        "__range": f"{shown.seconds}s",
        "__range_s": str(shown.seconds),
        "__range_ms": str(shown.seconds * 1000),
        "__from": str(shown.start * 1000),
        "__to": str(shown.until * 1000),
        "__searchFilter": "*",
    }

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2] or found[4]
        if name in values:
            return _formatted(values[name], found[3] or found[5] or "glob")
        return own.get(name, found[0])

    # Graphite knows no unit `m`: Grafana's browser part rewrites it too.
    return _MINUTES.sub(r"'\1min'", _REFERENCE.sub(value, text))


def _formatted(values: Sequence[str], how: str) -> str:
    if len(values) == 1:
        return values[0]
    joined = {"csv": ",", "raw": ",", "pipe": "|", "regex": "|"}
    if how in joined:
        both = joined[how].join(values)
        return f"({both})" if how == "regex" else both
    return "{" + ",".join(values) + "}"


def targets(panel: Mapping[str, Any], values: Values, shown: Range, max_points: int | None = None) -> list[Target]:
    """The queries of a panel that are not hidden, with `#A` and the like in place of other queries."""
    points = points_of(panel, max_points)
    texts = {str(one["refId"]): str(one.get("target", "")) for one in panel.get("targets", ())}

    def whole(ref_id: str, above: frozenset[str] = frozenset()) -> str:
        inside = above | {ref_id}
        known = texts.keys() - inside
        return _QUERY.sub(lambda found: whole(found[1], inside) if found[1] in known else found[0], texts[ref_id])

    return [
        Target(ref_id, interpolated(whole(ref_id), values, shown, points, str(panel.get("interval") or "")))
        for one in panel.get("targets", ())
        if not one.get("hide") and (ref_id := str(one["refId"])) and texts[ref_id]
    ]


def points_of(panel: Mapping[str, Any], max_points: int | None = None) -> int:
    """How many points a panel asks for: what the caller wants, else what the panel says."""
    return int(max_points or panel.get("maxDataPoints") or DEFAULT_POINTS)
