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
from app.doctor.examination import CHECKS, conclude, examine
from app.doctor.finding import Finding, Place, State
from ops.local.stack import Stack


def told(findings: list[Finding]) -> tuple[int, str]:
    console = Console(file=io.StringIO(), width=160)
    code = conclude(console, findings)
    return code, console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO from above


def test_a_fault_is_the_exit_code_and_a_warning_is_not() -> None:
    well, warning = Finding("a", State.OK, "fine"), Finding("b", State.WARN, "odd [1]", "look at it")
    code, text = told([well, warning])
    assert code == 0
    assert "odd [1]" in text
    assert "→ look at it" in text
    assert "2 checks, 0 faults, 1 warnings." in text
    assert told([well, warning, Finding("c", State.FAIL, "broken", "mend it")])[0] == 1


def test_everything_is_looked_at_in_order(app: Flask, place: Callable[..., Place]) -> None:
    findings = examine(place(patience=10.0))
    assert [one.check for one in findings] == list(CHECKS)
    states = {one.check: one.state for one in findings}
    nobody = {"workers", "scheduler", "sweep"}  # of a stack without an application
    assert {check for check, state in states.items() if state is State.FAIL} <= nobody, findings


def test_everything_down_is_told_of_everything(place: Callable[..., Place], closed: int) -> None:
    nowhere = place(
        database_url=f"postgresql+psycopg://nobody@127.0.0.1:{closed}/none",
        redis_url=f"redis://127.0.0.1:{closed}/0",
        graphite_url=f"http://127.0.0.1:{closed}",
        **dict.fromkeys(("statsd_port", "statsd_external_port", "statsd_admin_port", "carbon_port"), closed),
    )
    findings = examine(nowhere)
    code, text = told(findings)
    assert code == 1
    assert "broke" not in text
    fine = {one.check for one in findings if one.state is State.OK}
    assert fine <= {"settings", "datasource", "dashboards", "rmem_max"}


def test_a_check_that_hangs_or_breaks_hides_no_other(
    place: Callable[..., Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()

    def hang(_place: Place) -> Finding:
        ended.wait()
        return Finding("hang", State.OK, "")

    def crash(_place: Place) -> Finding:
        raise RuntimeError("out of order")

    checks = {"hang": hang, "crash": crash, "fine": lambda _place: Finding("fine", State.OK, "well")}
    monkeypatch.setattr(examination, "CHECKS", checks)
    hanging, crashed, fine = examine(place(), limit=0.5)
    ended.set()
    assert (hanging.state, hanging.detail) == (State.FAIL, "no answer within 0.5 s")
    assert (crashed.state, crashed.detail) == (State.FAIL, "RuntimeError: out of order")
    assert fine.state is State.OK


def run(*command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        env=os.environ | changes,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_command_on_a_stack_without_workers(app: Flask, stack: Stack) -> None:
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
