"""How many rollouts of the plan `standard` complete, or are stopped, by themselves: simulated through the whole engine.

`python -m bench.rollouts_simulated --draws 2` is quick; the default takes half an hour on one core. Each draw depends
only on `--seed` and its number, so two runs print the same tables.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.deployments.rules.binomial import proven
from app.factory import create_app
from app.vocabulary import RING_KEYS
from bench.rollback_simulated import DEVICES, FAILING, OFF, POLL, roll_back
from bench.simulation import Fleet, Outcome, World, roll_out, world
from ops.local.stack import Ports, Stack

DRAWS = 40
SHARES = {20: 1.0, 50: 1.0, 150: 1.0, 200: 1.0, 500: 0.75, 1_000: 0.5, 5_000: 0.2, 20_000: 0.075}
"""The fleets by their number of devices, and the share of the draws for each: large ones vary less and take longer."""
LABS = (0, 3, 5, 10, 20)
SILENT = (0.01, 0.02, 0.03)
"""In turns."""
Outcomes = dict[int, list[Outcome]]
"""By the size of the lab."""


def main() -> None:
    """Simulate on a separate stack; nobody but this process works on it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--draws", type=int, default=DRAWS, help="rollouts for each size of lab; larger fleets get fewer"
    )
    parser.add_argument("--seed", default="eucora", help="another one draws other fleets")
    parser.add_argument("--sizes", type=int, nargs="+", choices=SHARES, default=[*SHARES], help="only these fleets")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="eucora-") as folder:
        names = ("postgres", "redis", "api")  # the API migrates the database
        stack = Stack(Path(folder, "stack"), Ports.free(), names, durable=False, owner=os.getpid())
        stack.start()
        try:
            os.environ.update(stack.environment(), EUCORA_LOG_LEVEL="WARNING")
            with create_app().app_context(), world() as simulated:
                _returned(simulated)
                draws = {size: max(round(options.draws * SHARES[size]), 1) for size in options.sizes}
                for simulation in (BAD, HEALTHY):
                    _print("devices", "rollouts", simulation.wanted, "proven", *map(_of_lab, LABS), simulation.last)
                    _print(*["---"] * (5 + len(LABS)))
                    for size, number in draws.items():
                        if size >= simulation.smallest:
                            _row(size, simulation, _outcomes(simulated, options.seed, simulation, size, number))
                    print(flush=True)
        finally:
            stack.remove()


def _returned(simulated: World) -> None:
    result = roll_back(simulated)
    slowest = max(result.returned.values())
    what = f"rollback of {DEVICES} devices of which {FAILING} fail to return and {OFF} are switched off"
    figure = f"{len(result.returned)} back, the slowest {slowest.total_seconds():.0f} s after its command"
    goal = f"{DEVICES - FAILING - OFF} within one poll, {POLL.total_seconds():.0f} s"
    _print("what", "measured", "goal")
    _print(*["---"] * 3)
    _print(what, figure, goal)
    print(flush=True)


def _outcomes(simulated: World, seed: str, simulation: Simulation, size: int, draws: int) -> Outcomes:
    outcomes: Outcomes = {}
    for lab in LABS:
        names = (f"{seed}-{simulation.failure}-{size}-{lab}-{number}" for number in range(draws))
        outcomes[lab] = [
            roll_out(simulated, Fleet.drawn(name, size, lab), simulation.failure, SILENT[number % len(SILENT)])
            for number, name in enumerate(names)
        ]
        ends = Counter(f"{outcome.reason or outcome.state} ({outcome.current.verdict})" for outcome in outcomes[lab])
        print(f"{size:,} devices, lab of {lab}: {dict(ends)}", file=sys.stderr, flush=True)
    return outcomes


def _row(size: int, simulation: Simulation, outcomes: Outcomes) -> None:
    """Print how many rollouts there were, the share that ended as wanted, what that proves, and the same by lab."""
    every = [outcome for of_lab in outcomes.values() for outcome in of_lab]
    good = [outcome for outcome in every if simulation.is_wanted(outcome)]
    by_lab = (f"{sum(map(simulation.is_wanted, of_lab))} of {len(of_lab)}" for of_lab in outcomes.values())
    share, least = len(good) / len(every), proven(len(every) - len(good), len(every))
    row = (f"{size:,}", str(len(every)), f"{100 * share:.1f} %", f"≥ {100 * least:.1f} %", *by_lab)
    _print(*row, simulation.sums_up(good))


def _days(outcomes: Sequence[Outcome]) -> str:
    return f"{statistics.median(outcome.after.days for outcome in outcomes):.0f}" if outcomes else ""


def _rings(outcomes: Sequence[Outcome]) -> str:
    rings = Counter(outcome.current.key for outcome in outcomes)
    return ", ".join(f"{ring} {rings[ring]}" for ring in RING_KEYS if rings[ring])


def _of_lab(lab: int) -> str:
    return f"lab of {lab}"


def _print(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


@dataclass(frozen=True)
class Simulation:
    """A kind of release, and how its rollouts should end."""

    failure: float
    """The share of devices on which it fails."""
    wanted: str
    is_wanted: Callable[[Outcome], bool]
    last: str
    """The heading of the last column, and what it says of the rollouts that ended as wanted."""
    sums_up: Callable[[Sequence[Outcome]], str]
    smallest: int = 0
    """The smallest fleet that it is simulated in."""


HEALTHY = Simulation(0.005, "completed", lambda outcome: outcome.completed, "median days", _days)
BAD = Simulation(0.1, "stopped before the last ring", lambda outcome: outcome.stopped_early, "in", _rings, 500)


if __name__ == "__main__":
    main()
