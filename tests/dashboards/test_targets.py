"""What a committed target becomes before Graphite is asked."""

from __future__ import annotations

from typing import Any

import pytest

from app.dashboards.targets import Range, as_span, interpolated, interval_ms, selected, targets

HOUR = Range(0, 3600)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.$ring.b", "a.lab.b"),
        ("a.${ring}X", "a.labX"),
        ("a.[[ring]].b", "a.lab.b"),
        ("a.$ringX.b", "a.$ringX.b"),
        ("a.${several}", "a.{x,y}"),
        ("a.${several:csv}", "a.x,y"),
        ("a.${several:regex}", "a.(x|y)"),
        ("a.${several:pipe}", "a.x|y"),
        ("summarize(a,'$__interval','sum')", "summarize(a,'5s','sum')"),
        ("summarize(a,'${__interval}','sum')", "summarize(a,'5s','sum')"),
        ("movingSum(a,'5m')", "movingSum(a,'5min')"),
        ("a.$__interval_ms.$__range_s", "a.5000.3600"),
        ("a.$unknown", "a.$unknown"),
    ],
)
def test_variables_are_put_in_as_grafana_does(text: str, expected: str) -> None:
    assert interpolated(text, {"ring": ["lab"], "several": ["x", "y"]}, HOUR, 1000) == expected


@pytest.mark.parametrize(
    ("seconds", "points", "least", "expected"),
    [(3600, 1000, "", "5s"), (3600, 1000, "1s", "5s"), (60, 1000, "1s", "1s"), (60, 1000, "", "50ms"),
     (86400, 1000, "", "1m"), (7 * 86400, 500, "", "20m"), (3600, 1000, ">10s", "10s"), (63_000_000, 100, "", "7d"),
     (5_400, 1, "", "2h")],
)  # fmt: skip
def test_intervals_are_grafanas(seconds: int, points: int, least: str, expected: str) -> None:
    assert as_span(interval_ms(Range(0, seconds), points, least)) == expected


def test_queries_refer_to_each_other_and_hidden_ones_are_not_asked() -> None:
    panel = {
        "targets": [
            {"refId": "A", "target": "sum(a.$ring)", "hide": True},
            {"refId": "B", "target": "scale(#A,2)"},
            {"refId": "C", "target": "alias(#B,'#Z')"},
            {"refId": "D", "target": "loop(#D)"},
        ]
    }
    asked = [(one.ref_id, one.expression) for one in targets(panel, {"ring": ["lab"]}, HOUR)]
    assert asked == [("B", "scale(sum(a.lab),2)"), ("C", "alias(scale(sum(a.lab),2),'#Z')"), ("D", "loop(#D)")]


def test_what_is_not_selected_is_what_the_dashboard_has_saved() -> None:
    variables: dict[str, dict[str, Any]] = {
        "all": {"current": {"value": ["$__all"]}, "allValue": "*"},
        "some": {"current": {"value": ["a", "b"]}},
        "one": {"current": {"value": "c"}},
        "none": {},
    }
    assert selected(variables, {"one": ["d"]}) == {"all": ["*"], "some": ["a", "b"], "one": ["d"], "none": ["*"]}
