"""Each objective of `app/metrics/objectives/slos.py`: what is promised and kept, its error budget, its burn rate."""

from __future__ import annotations

from app.metrics.objectives.slos import SLOS, Slo
from ops.grafana import graphite as g, panels as p
from ops.grafana.board import Board, Row, Tile

FAST, SLOW = "1h", "6h"
BURNS: p.Steps = ((1, p.WARN), (6, p.WORSE), (14.4, p.BAD))
"""1: the budget lasts exactly as long as the period it is for. 14.4: a fiftieth of thirty days' budget in one hour."""
LEFT: p.Steps = ((0, p.WORSE), (0.25, p.WARN), (0.5, p.GOOD))


def _ratio(slo: Slo) -> str:
    return g.complement(g.share(slo.bad, slo.total))


def _burn_rates(slo: Slo) -> list[str]:
    return [g.alias(g.burn(slo, window), window) for window in (FAST, SLOW)]


def _all_budgets() -> p.Panel:
    left = (g.alias(g.budget_left(slo), slo.title) for slo in SLOS)
    return p.totals(
        "Error budget left",
        "Of what may go wrong in a range like this one: the share that has not gone wrong yet. Nothing left: stop "
        "taking risks with it.",
        *left,
        unit="percentunit",
        steps=LEFT,
        below=p.BAD,
        most=1,
    )


def _all_burns() -> p.Panel:
    fast = (g.alias(g.burn(slo, FAST), slo.title) for slo in SLOS)
    return p.lines(
        f"Burn rates over {FAST}",
        "How many times faster than allowed each budget was spent in the hour before. A gap: nothing to count.",
        *fast,
        unit="none",
        steps=BURNS,
        decimals=1,
    )


def _kept(slo: Slo) -> p.Panel:
    return p.figures(
        slo.title,
        f"{slo.help} Promised: {slo.objective:.4g} of them; over the range.",
        g.alias(_ratio(slo), "kept"),
        unit="percentunit",
        steps=((slo.objective - slo.budget, p.WARN), (slo.objective, p.GOOD)),
        below=p.BAD,
        decimals=2,
    )


def _left(slo: Slo) -> p.Panel:
    return p.figures(
        f"{slo.title}: budget left",
        f"Of the {slo.budget:.3g} of the range that may go wrong; below 0: more than that did.",
        g.alias(g.budget_left(slo), "left"),
        unit="percentunit",
        steps=LEFT,
        below=p.BAD,
        decimals=0,
    )


def _burning(slo: Slo) -> p.Panel:
    return p.figures(
        f"{slo.title}: burn rate",
        f"How many times faster than allowed the budget was spent in the last {FAST} and the last {SLOW}.",
        *_burn_rates(slo),
        unit="none",
        steps=BURNS,
        decimals=1,
    )


def _burnt(slo: Slo) -> p.Panel:
    return p.lines(
        f"{slo.title}: burn over time",
        f"The burn rate over {FAST} and {SLOW} that end at each point; 1 spends the budget exactly.",
        *_burn_rates(slo),
        unit="none",
        steps=BURNS,
        decimals=1,
    )


def _spent(slo: Slo) -> p.Panel:
    panel = p.lines(
        f"{slo.title}: budget over time",
        "The share of the range's error budget that was left at each point, counted from the range's start.",
        g.alias(g.budget_left_so_far(slo), "left"),
        unit="percentunit",
        steps=((0, p.BAD),),
        calcs=("lastNotNull", "min"),
    )
    return panel.max(1)


BOARD = Board(
    uid="eucora-slos",
    title="EUCORA objectives",
    description="What the service promises, how much of it was kept, how much may still go wrong and how fast "
    "that is used up.",
    rows=(
        Row("All objectives", [Tile(_all_budgets(), width=10), Tile(_all_burns(), width=14)]),
        *(
            Row(
                f"{slo.title}: {slo.objective:.4g}",
                [
                    Tile(_kept(slo), width=4, height=6),
                    Tile(_left(slo), width=4, height=6),
                    Tile(_burning(slo), width=4, height=6),
                    Tile(_burnt(slo), width=6, height=6),
                    Tile(_spent(slo), width=6, height=6),
                ],
            )
            for slo in SLOS
        ),
    ),
    shows="now-24h",
    refresh="1m",
)
