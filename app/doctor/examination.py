"""Runs every check at the same time, with a time limit, and prints the table of results."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.doctor import addresses, logins, pipeline, reading, services, storage
from app.doctor.check import Check, CheckContext, CheckResult, CheckState, short
from app.settings import Settings, setting_of

LIMIT = 20.0
"""Seconds; a check that takes longer is a fault itself."""
CHECKS: dict[str, Check] = {
    "settings": services.settings,
    "addresses": addresses.addresses,
    "logins": logins.logins,
    "database": services.database,
    "migrations": services.migrations,
    "event log": storage.event_log,
    "old rows": storage.old_rows,
    "event archives": storage.event_archives,
    "artifacts": storage.artifacts,
    "redis": services.redis,
    "workers": services.workers,
    "queues": services.queues,
    "scheduler": services.scheduler,
    "sweep": services.sweep,
    "udp path": pipeline.udp_path,
    "external port": pipeline.external_port,
    "statsd": pipeline.statsd,
    "statsd losses": pipeline.statsd_losses,
    "carbon": pipeline.carbon,
    "carbon losses": pipeline.carbon_losses,
    "whisper files": storage.whisper_files,
    "disk space": storage.disk_space,
    "graphite render": reading.render,
    "graphite find": reading.find,
    "graphite functions": reading.functions,
    "datasource": reading.datasource,
    "dashboards": reading.dashboards,
    "clocks": reading.clocks,
    "rmem_max": pipeline.rmem_max,
}
COLOURS = {CheckState.OK: "green", CheckState.WARN: "yellow", CheckState.FAIL: "bold red"}


def examine(context: CheckContext, limit: float = LIMIT) -> list[CheckResult]:
    """The result of every check, in the order of `CHECKS`."""
    results: dict[str, CheckResult] = {}

    def run(name: str, check: Check) -> None:
        try:
            result = check(context)
        except Exception as error:
            # A check that crashes must not hide the results of the others.
            detail = f"{type(error).__name__}: {short(error)}"
            result = CheckResult(name, CheckState.FAIL, detail, "The check itself crashed: please report this row.")
        results.setdefault(name, result)

    # Daemon threads: a check that never returns must not keep the command from ending.
    threads = [threading.Thread(target=run, args=item, daemon=True) for item in CHECKS.items()]
    until = time.monotonic() + limit
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    fix = "It hangs instead of refusing the connection: check the process, and firewalls in between."
    for name in CHECKS:
        results.setdefault(name, CheckResult(name, CheckState.FAIL, f"no answer within {limit:g} s", fix))
    return [results[name] for name in CHECKS]


def table(results: Sequence[CheckResult]) -> Table:
    """One row for each result, with the fix below a fault."""
    made = Table(show_lines=False, expand=False)
    made.add_column("check", no_wrap=True)
    made.add_column("state", no_wrap=True)
    made.add_column("result and fix", overflow="fold")
    for result in results:
        is_fixable = result.fix and result.state is not CheckState.OK
        text = f"{result.detail}\n→ {result.fix}" if is_fixable else result.detail
        made.add_row(result.check, f"[{COLOURS[result.state]}]{result.state.value}[/]", escape(text))
    return made


def conclude(console: Console, results: Sequence[CheckResult]) -> int:
    """Print the table and a summary; returns the exit code: 1 if there is a fault, 0 if there are only warnings."""
    console.print(table(results))
    faults, warnings = (sum(it.state is state for it in results) for state in (CheckState.FAIL, CheckState.WARN))
    console.print(f"{len(results)} checks, {faults} faults, {warnings} warnings.")
    return 1 if faults else 0


def invalid_settings(error: ValidationError) -> list[CheckResult]:
    """One row for each setting that is missing or invalid; without settings nothing else can be checked."""
    fix = "Set it in the environment or in .local/env, which `make up` writes; docs/operations.md lists all settings."
    return [
        CheckResult("settings", CheckState.FAIL, f"{setting_of(it['loc'])}: {it['msg']}", fix) for it in error.errors()
    ]


def main(console: Console) -> int:
    """Read the settings and run every check; returns the exit code."""
    try:
        settings = Settings()
    except ValidationError as error:
        return conclude(console, invalid_settings(error))
    return conclude(console, examine(CheckContext(settings)))
