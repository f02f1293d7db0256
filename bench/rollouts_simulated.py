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
HEALTHY, BAD = 0.005, 0.1
"""The share of devices on which a release fails."""
SMALLEST_STOPPED = 500
Table = tuple[Sequence[str], Sequence[Sequence[str]]]
Cells = dict[int, dict[int, list[Outcome]]]
"""Outcomes by the number of devices and by the size of the lab."""


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
                _show(_returned(simulated))
                draws = {size: max(round(options.draws * SHARES[size]), 1) for size in options.sizes}
                _show(_stopped(_outcomes(simulated, options.seed, "bad", BAD, draws)))
                _show(_completed(_outcomes(simulated, options.seed, "healthy", HEALTHY, draws)))
        finally:
            stack.remove()


def _outcomes(simulated: World, seed: str, kind: str, failure: float, draws: dict[int, int]) -> Cells:
    cells: Cells = {}
    for size, number in draws.items():
        if kind == "bad" and size < SMALLEST_STOPPED:
            continue
        cells[size] = {}
        for lab in LABS:
            fleets = (Fleet.drawn(f"{seed}-{kind}-{size}-{lab}-{n}", size, lab) for n in range(number))
            cells[size][lab] = [
                roll_out(simulated, fleet, failure, SILENT[n % len(SILENT)]) for n, fleet in enumerate(fleets)
            ]
            print(f"{kind}: {size:,} devices, lab of {lab}: {_ends(cells[size][lab])}", file=sys.stderr, flush=True)
    return cells


def _completed(cells: Cells) -> Table:
    headings = ("devices", "rollouts", "completed", "proven", *(f"lab of {lab}" for lab in LABS), "median days")
    rows = []
    for size, of_labs in cells.items():
        share = _share(of_labs, lambda outcome: outcome.completed)
        days = statistics.median(outcome.after.days for outcome in _all(of_labs))
        rows.append((f"{size:,}", *share, f"{days:.0f}"))
    return headings, rows


def _stopped(cells: Cells) -> Table:
    headings = ("devices", "rollouts", "stopped", "proven", *(f"lab of {lab}" for lab in LABS), "stopped in")
    rows = []
    for size, of_labs in cells.items():
        share = _share(of_labs, lambda outcome: outcome.stopped_early)
        rings = Counter(outcome.current.key for outcome in _all(of_labs) if outcome.stopped_early)
        stopped_in = ", ".join(f"{ring} {rings[ring]}" for ring in RING_KEYS if rings[ring])
        rows.append((f"{size:,}", *share, stopped_in))
    return headings, rows


def _returned(simulated: World) -> Table:
    result = roll_back(simulated)
    slowest = max(result.returned.values())
    figure = f"{len(result.returned)} of {result.reachable} back, the slowest {slowest.total_seconds():.0f} s"
    what = f"rollback of {DEVICES} devices of which {FAILING} fail to return and {OFF} are switched off"
    goal = f"{result.reachable} within one poll, {POLL.total_seconds():.0f} s"
    return ("what", "measured", "goal"), [(what, figure, goal)]


def _share(of_labs: dict[int, list[Outcome]], counts: Callable[[Outcome], bool]) -> list[str]:
    """How many draws there were, the share of them that counts, what that proves, and the shares by lab."""
    outcomes = _all(of_labs)
    good = sum(map(counts, outcomes))
    by_lab = (f"{sum(map(counts, its))} of {len(its)}" for its in of_labs.values())
    least = proven(len(outcomes) - good, len(outcomes))
    return [f"{len(outcomes):,}", f"{good / len(outcomes):.1%}", f"≥ {least:.1%}", *by_lab]


def _all(of_labs: dict[int, list[Outcome]]) -> list[Outcome]:
    return [outcome for outcomes in of_labs.values() for outcome in outcomes]


def _ends(outcomes: Sequence[Outcome]) -> str:
    ends = Counter(f"{outcome.reason or outcome.state} ({outcome.current.verdict})" for outcome in outcomes)
    return ", ".join(f"{count} {end}" for end, count in ends.most_common())


def _show(table: Table) -> None:
    headings, rows = table
    for cells in (headings, ["---"] * len(headings), *rows):
        print(f"| {' | '.join(cells)} |", flush=True)
    print(flush=True)


if __name__ == "__main__":
    main()
