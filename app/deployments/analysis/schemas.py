"""Metric analyses in the body of a ring plan. Which values are valid is decided in `rules.analysis.problems`."""

from __future__ import annotations

from typing import Annotated

from app.http.fields import ONE_LINE, Body, Number, Whole

Target = Annotated[str, ONE_LINE]
"""An expression of Graphite."""


class ConditionIn(Body):
    """A comparison with a value: `<`, `<=`, `>` or `>=`."""

    op: str
    value: Number


class AnalysisIn(Body):
    """Graphite targets, their time range, and the conditions for their value."""

    name: str
    numerator: Target
    denominator: Target | None = None
    from_seconds: Whole = 300
    until_seconds: Whole = 0
    interval_seconds: Whole = 60
    reducer: str = "last"
    success: ConditionIn
    failure: ConditionIn | None = None
    failure_limit: Whole = 0
    error_limit: Whole = 3
    measurements: Whole = 1
    required: bool = True
