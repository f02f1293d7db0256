"""What a ring plan says of a metric analysis; `rules.analysis.problems` says which values can be used."""

from __future__ import annotations

from app.http.fields import Body, Number, Whole


class ConditionIn(Body):
    """What a value is held against."""

    op: str
    value: Number


class AnalysisIn(Body):
    """Targets of Graphite with their window, and what must be so of their value."""

    name: str
    numerator: str
    denominator: str | None = None
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
