"""Commands of `flask` with other settings, in this process: a process of its own takes seconds to load the program."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from traceback import format_exception

import pytest
from click.testing import Result

from app.db import db
from app.factory import create_app
from app.settings import load_settings


def flask(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of an application with these EUCORA_ variables, as a process of its own would."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        load_settings.cache_clear()
        try:
            with ThreadPoolExecutor(1) as apart:
                done = apart.submit(_run, arguments).result()
        finally:
            patch.undo()
            load_settings.cache_clear()
    raised = done.exception if not isinstance(done.exception, SystemExit) else None
    trace = "".join(format_exception(raised)) if raised else ""
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr + trace)


def _run(arguments: Sequence[str]) -> Result:
    """Run a command in a thread of its own: where an application's context is, `flask` would use that application."""
    app = create_app()
    done = app.test_cli_runner().invoke(args=list(arguments))
    with app.app_context():
        db.engine.dispose()
    return done
