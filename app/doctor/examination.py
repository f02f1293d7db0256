"""Every check, side by side, each with a limit of its own; and the table that is printed."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.doctor import pipeline, reading, services
from app.doctor.finding import Check, Finding, Place, State, short
from app.settings import Settings

LIMIT = 20.0
"""Seconds after which a check that has not answered is a fault itself."""
CHECKS: dict[str, Check] = {
    "settings": services.settings,
    "database": services.database,
    "migrations": services.migrations,
    "redis": services.redis,
    "workers": services.workers,
    "scheduler": services.scheduler,
    "sweep": services.sweep,
    "udp path": pipeline.udp_path,
    "external port": pipeline.external_port,
    "statsd": pipeline.statsd,
    "statsd losses": pipeline.statsd_losses,
    "carbon": pipeline.carbon,
    "carbon losses": pipeline.carbon_losses,
    "graphite render": reading.render,
    "graphite find": reading.find,
    "graphite functions": reading.functions,
    "datasource": reading.datasource,
    "dashboards": reading.dashboards,
    "clocks": reading.clocks,
    "rmem_max": pipeline.rmem_max,
}
COLOURS = {State.OK: "green", State.WARN: "yellow", State.FAIL: "bold red"}


def examine(place: Place, limit: float = LIMIT) -> list[Finding]:
    """What every check finds, in the order of the way."""
    found: dict[str, Finding] = {}

    def run(name: str, check: Check) -> None:
        try:
            finding = check(place)
        except Exception as error:
            # A check that breaks must not hide what the others find.
            detail = f"{type(error).__name__}: {short(error)}"
            finding = Finding(name, State.FAIL, detail, "This check itself broke: please report it, with this row.")
        found.setdefault(name, finding)

    # Daemons: one that never returns must not keep the command from ending.
    threads = [threading.Thread(target=run, args=one, daemon=True) for one in CHECKS.items()]
    until = time.monotonic() + limit
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    late = "It hangs, which is worse than a refusal: look at the process, and at firewalls on the way."
    for name in CHECKS:
        found.setdefault(name, Finding(name, State.FAIL, f"no answer within {limit:g} s", late))
    return [found[name] for name in CHECKS]


def table(findings: Sequence[Finding]) -> Table:
    """One row for each finding; what to do is below the fault."""
    made = Table(show_lines=False, expand=False)
    made.add_column("check", no_wrap=True)
    made.add_column("state", no_wrap=True)
    made.add_column("what was seen, and what to do", overflow="fold")
    for one in findings:
        text = f"{one.detail}\n→ {one.fix}" if one.fix and one.state is not State.OK else one.detail
        made.add_row(one.check, f"[{COLOURS[one.state]}]{one.state.value}[/]", escape(text))
    return made


def conclude(console: Console, findings: Sequence[Finding]) -> int:
    """Print the table and a sentence; return the exit code, 1 if there is a fault. Warnings are none."""
    console.print(table(findings))
    faults, warnings = (sum(one.state is state for one in findings) for state in (State.FAIL, State.WARN))
    console.print(f"{len(findings)} checks, {faults} faults, {warnings} warnings.")
    return 1 if faults else 0


def unread_settings(error: ValidationError) -> list[Finding]:
    """One row for each setting that is missing or wrong; nothing else can be looked at without them."""
    fix = "Set it in the environment or in .local/env, which `make up` writes; docs/operations.md lists them all."
    return [
        Finding("settings", State.FAIL, f"EUCORA_{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}", fix)
        for one in error.errors()
    ]


def main(console: Console) -> int:
    """Read the settings and look at everything; return the exit code."""
    try:
        settings = Settings()
    except ValidationError as error:
        return conclude(console, unread_settings(error))
    return conclude(console, examine(Place(settings)))
