"""`make bench`: prints every figure that the README quotes, except simulated rollouts, as a table."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from bench import (
    emitter,
    fleet,
    flood,
    ingest,
    load,
    overhead,
    reading,
    registry,
    remediation,
    snapshots,
    ticks,
    visibility,
    waiting,
)
from bench.stack import new_token, whole_stack
from ops.local.stack import Ports


def main() -> None:
    """Run all benchmarks on this machine, one after the other."""
    table = Table(title="Measured", title_justify="left")
    for heading in ("what", "measured", "goal"):
        table.add_column(heading)
    with whole_stack(visibility.ENVIRONMENT) as stack:
        from bench import rollout  # reads the settings that the stack has just written

        token = new_token()
        for row in (*rollout.measure(token), *visibility.measure(token)):
            table.add_row(*row)
        for row in reading.measure(stack.ports.api, Ports.free().api, token):
            table.add_row(*row)
        for row in waiting.measure(stack.ports.api):
            table.add_row(*row)
    for row in (*ingest.measure(), *fleet.measure(), *ticks.measure(), *emitter.measure(), *registry.measure()):
        table.add_row(*row)
    for row in (*snapshots.measure(), *remediation.measure()):
        table.add_row(*row)
    for row in (*overhead.measure(), *load.measure(), *flood.measure()):
        table.add_row(*row)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
