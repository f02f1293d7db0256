"""The command: its table, its exit code, and that nothing keeps it from ending."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
from flask import Flask
from rich.console import Console

from app.doctor import examination
from app.doctor.check import CheckContext, CheckResult, CheckState
from app.doctor.examination import CHECKS, conclude, examine
from ops.local.stack import Stack
from tests.support.waiting import PATIENCE


def printed(results: list[CheckResult]) -> tuple[int, str]:
    """The exit code and the text."""
    console = Console(file=io.StringIO(), width=160)
    code = conclude(console, results)
    return code, console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO from above


def test_a_fault_is_the_exit_code_and_a_warning_is_not() -> None:
    well, warning = CheckResult("a", CheckState.OK, "fine"), CheckResult("b", CheckState.WARN, "odd [1]", "look at it")
    code, text = printed([well, warning])
    assert code == 0
    assert "odd [1]" in text
    assert "→ look at it" in text
    assert "2 checks, 0 faults, 1 warnings." in text
    assert printed([well, warning, CheckResult("c", CheckState.FAIL, "broken", "mend it")])[0] == 1


def test_every_check_runs_and_is_listed_in_order(app: Flask, context: Callable[..., CheckContext]) -> None:
    results = examine(context(patience=PATIENCE), limit=PATIENCE)
    assert [result.check for result in results] == list(CHECKS)
    states = {result.check: result.state for result in results}
    absent = {"workers", "scheduler", "sweep"}  # in a stack without an application
    assert {check for check, state in states.items() if state is CheckState.FAIL} <= absent, results


def test_with_everything_down_every_check_reports_it(context: Callable[..., CheckContext], closed: int) -> None:
    nowhere = context(
        database_url=f"postgresql+psycopg://nobody@127.0.0.1:{closed}/none",
        redis_url=f"redis://127.0.0.1:{closed}/0",
        graphite_url=f"http://127.0.0.1:{closed}",
        **dict.fromkeys(("statsd_port", "statsd_external_port", "statsd_admin_port", "carbon_port"), closed),
    )
    results = examine(nowhere)
    code, text = printed(results)
    assert code == 1
    assert "crashed" not in text
    fine = {result.check for result in results if result.state is CheckState.OK}
    local = {"settings", "addresses", "datasource", "dashboards", "rmem_max", "whisper files", "disk space"}
    assert fine <= local | {"logins"}  # these are off


def test_a_check_that_hangs_or_breaks_hides_no_other(
    context: Callable[..., CheckContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()

    def hang(_context: CheckContext) -> CheckResult:
        ended.wait()
        return CheckResult("hang", CheckState.OK, "")

    def crash(_context: CheckContext) -> CheckResult:
        raise RuntimeError("out of order")

    checks = {"hang": hang, "crash": crash, "fine": lambda _context: CheckResult("fine", CheckState.OK, "well")}
    monkeypatch.setattr(examination, "CHECKS", checks)
    hanging, crashed, fine = examine(context(), limit=2)
    ended.set()
    assert (hanging.state, hanging.detail) == (CheckState.FAIL, "no answer within 2 s")
    assert (crashed.state, crashed.detail) == (CheckState.FAIL, "RuntimeError: out of order")
    assert fine.state is CheckState.OK


def run(*command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        env=os.environ | changes,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_command_on_a_stack_without_workers(database: Flask) -> None:
    done = run("flask", "--app", "wsgi", "doctor")
    assert done.returncode == 1
    assert "udp path" in done.stdout
    assert "workers.worker" in done.stdout


@pytest.mark.parametrize("command", [("flask", "--app", "wsgi", "doctor"), ("app.doctor",)])
def test_settings_that_do_not_parse_are_named(stack: Stack, command: tuple[str, ...]) -> None:
    done = run(*command, EUCORA_STATSD_PORT="many")
    assert done.returncode == 1
    assert "EUCORA_STATSD_PORT" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
