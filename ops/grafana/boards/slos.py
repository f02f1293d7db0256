"""Objectives: each one of `app/metrics/objectives/slos.py` with its attainment, its error budget and its burn rate."""

from __future__ import annotations

from app.metrics.objectives.slos import SLOS, Slo
from ops.grafana import graphite as g, panels as p
from ops.grafana.board import Board, Row, Tile

FAST, SLOW = "1h", "6h"
BURNS: p.Steps = ((1, p.WARN), (6, p.WORSE), (14.4, p.BAD))
"""At 1 the budget lasts exactly for its period; at 14.4 one hour spends 2 % of the budget for 30 days."""
TOO_FEW = "too few to judge"
LEFT: p.Steps = ((0, p.WORSE), (0.25, p.WARN), (0.5, p.GOOD))


def _ratio(slo: Slo) -> str:
    return g.complement(g.share(slo.bad, slo.total, at_least=slo.at_least))


def _percent(share: float) -> str:
    return f"{share * 100:.4g} %"


def _burn_rates(slo: Slo) -> list[str]:
    return [g.alias(g.burn(slo, window), window) for window in (FAST, SLOW)]


def _all_budgets() -> p.Panel:
    left = (g.alias(g.budget_left(slo), slo.title) for slo in SLOS)
    return p.totals(
        "Error budget left",
        "The share of this range's error budget that is not spent. When nothing is left, stop taking risks with this "
        "objective.",
        *left,
        unit="percentunit",
        steps=LEFT,
        below=p.BAD,
        most=1,
        none=TOO_FEW,
    )


def _all_burns() -> p.Panel:
    fast = (g.alias(g.burn(slo, FAST), slo.title) for slo in SLOS)
    return p.lines(
        f"Burn rates over {FAST}",
        "How many times faster than allowed each error budget was spent in the preceding hour. A gap means that "
        "nothing was counted, or too few to judge.",
        *fast,
        unit="none",
        steps=BURNS,
        decimals=1,
        none=TOO_FEW,
    )


def _kept(slo: Slo) -> p.Panel:
    return p.figures(
        slo.title,
        f"{slo.help} The objective is {_percent(slo.objective)}; the figure is for this range, "
        f"and there is none for fewer than {slo.at_least}.",
        g.alias(_ratio(slo), "kept"),
        unit="percentunit",
        steps=((slo.objective - slo.budget, p.WARN), (slo.objective, p.GOOD)),
        below=p.BAD,
        decimals=2,
        none=TOO_FEW,
    )


def _counted(slo: Slo) -> p.Panel:
    return p.figures(
        f"{slo.title}: counted",
        "How many there were in this range, and how many of them were good.",
        g.alias(g.rest(slo.bad, slo.total), "good"),
        g.alias(g.total(slo.total, slo.total), "of"),
        unit="locale",
    )


def _left(slo: Slo) -> p.Panel:
    return p.figures(
        f"{slo.title}: budget left",
        f"The share of this range's error budget ({_percent(slo.budget)} of the total) that is left; negative if "
        f"overspent. There is none for fewer than {slo.one_bad}, of which a single bad one would overspend it.",
        g.alias(g.budget_left(slo), "left"),
        unit="percentunit",
        steps=LEFT,
        below=p.BAD,
        decimals=0,
        none=TOO_FEW,
    )


def _burning(slo: Slo) -> p.Panel:
    return p.figures(
        f"{slo.title}: burn rate",
        f"How many times faster than allowed the error budget was spent in the last {FAST} and in the last {SLOW}.",
        *_burn_rates(slo),
        unit="none",
        steps=BURNS,
        decimals=1,
        none=TOO_FEW,
    )


def _burnt(slo: Slo) -> p.Panel:
    return p.lines(
        f"{slo.title}: burn over time",
        f"The burn rate over the {FAST} and the {SLOW} that end at each point. 1 spends the budget exactly.",
        *_burn_rates(slo),
        unit="none",
        steps=BURNS,
        decimals=1,
        none=TOO_FEW,
    )


def _spent(slo: Slo) -> p.Panel:
    panel = p.lines(
        f"{slo.title}: budget over time",
        "The share of this range's error budget that is left at each point, counted from the start of the range.",
        g.alias(g.budget_left_so_far(slo), "left"),
        unit="percentunit",
        steps=((0, p.BAD),),
        calcs=("lastNotNull", "min"),
        below_zero=True,
        none=TOO_FEW,
    )
    return panel.max(1)


BOARD = Board(
    uid="eucora-slos",
    title="EUCORA objectives",
    description="What the service promises, how well it kept the promise, how much error budget is left and how fast "
    "it burns.",
    rows=(
        Row("All objectives", [Tile(_all_budgets(), width=10), Tile(_all_burns(), width=14)]),
        *(
            Row(
                f"{slo.title}: {_percent(slo.objective)}",
                [
                    *(Tile(make(slo), width=6, height=4) for make in (_kept, _counted, _left, _burning)),
                    *(Tile(make(slo), height=7) for make in (_burnt, _spent)),
                ],
            )
            for slo in SLOS
        ),
    ),
    since="now-24h",
    refresh="1m",
)
