"""Analyses of a gate's plan, and the types of the fixtures that have them measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Written = Callable[[Mapping[str, Sequence[float | None]]], str]
"""Write series, one value a second, the last one a second ago; the folder they are in."""
MakeRing = Callable[..., int]
"""Make a live deployment whose only ring has these analyses; the ring's id."""
Beat = Callable[..., list[str]]
"""Enqueue what is due and carry it out, without the ticks that follow; the jobs' names."""


def analysis(numerator: str, name: str = "errors", **fields: Any) -> dict[str, Any]:
    """One analysis as a ring plan has it: good while its figure is below 1."""
    below = {"success": {"op": "<", "value": 1.0}, "interval_seconds": 60}
    return {"name": name, "numerator": numerator, **below, **fields}
