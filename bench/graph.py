"""The picture in the README: devices that succeeded, by ring, drawn from Graphite."""

from __future__ import annotations

from pathlib import Path

import pygal
from pygal.style import CleanStyle

from app.metrics import catalogue as m
from app.metrics.reading.graphite import Graphite

RINGS = m.RINGS[:5]


def draw(graphite: Graphite, start: int, end: int, path: Path) -> None:
    """Write an SVG of the cumulative successes between two epoch seconds."""
    chart = pygal.XY(
        style=CleanStyle(font_family="sans-serif", title_font_size=16, opacity=".15", background="white"),
        title="make demo: devices that have succeeded, per cent of each ring, from Graphite",
        x_title="seconds since the start",
        show_dots=False,
        width=960,
        height=380,
        js=(),
        range=(0, 100),
        legend_at_bottom=True,
        legend_at_bottom_columns=5,
        y_labels=(0, 25, 50, 75, 100),
        fill=True,
    )
    for ring in RINGS:
        target = m.ASSIGNMENT_OUTCOME.series("count", ring=ring, outcome="succeeded")
        summed = f"integral(transformNull(sumSeries({target}),0))"
        series = graphite.render([summed], start, end)
        if not series:
            continue
        total = max(value or 0 for value, _ in series[0].points) or 1
        points = [(at - start, 100 * (value or 0) / total) for value, at in series[0].points]
        chart.add(ring, points, stroke_style={"width": 3})
    path.write_bytes(chart.render())
