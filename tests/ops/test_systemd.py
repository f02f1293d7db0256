"""The systemd units start what the local stack starts, with the same arguments, and systemd understands them."""

from __future__ import annotations

import configparser
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ops.local.paths import CHECKOUT, Layout
from ops.local.ports import Ports
from ops.local.programs import APPLICATION, DRIFT_WORKER, Program, build

UNITS = CHECKOUT / "ops" / "systemd"
INSTALLED = "/opt/eucora"
PROGRAMS = {
    "eucora-api.service": "api",
    "eucora-control-worker.service": "control-worker",
    "eucora-drift-worker.service": DRIFT_WORKER,
    "eucora-scheduler.service": "scheduler",
    "eucora-worker@.service": "bulk-worker-2",
}


def unit(name: str) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[method-assign,assignment]  # systemd's names have capitals
    parser.read_string((UNITS / name).read_text())
    return parser["Service" if name.endswith(".service") else "Socket"]


def program(name: str, tmp_path: Path) -> Program:
    return build(Layout(tmp_path), Ports(), APPLICATION, durable=True, redis_url="")[name]


def test_every_program_has_a_unit() -> None:
    assert {file.name for file in UNITS.iterdir()} == {*PROGRAMS, "eucora-api.socket"}
    assert set(APPLICATION) - set(PROGRAMS.values()) == {"bulk-worker-3"}  # an instance of the same unit


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_unit_starts_its_program_as_the_supervisor_does(name: str, tmp_path: Path) -> None:
    service, local = unit(name), program(PROGRAMS[name], tmp_path)
    executable, *arguments = shlex.split(service["ExecStart"])
    module = ["-m", "gunicorn"] if Path(executable).name == "gunicorn" else []
    assert str(Path(executable).parent) == f"{INSTALLED}/venv/bin"
    assert [*module, *arguments] == list(local.argv)[-len([*module, *arguments]) :]
    assert service["WorkingDirectory"] == INSTALLED
    assert int(service["TimeoutStopSec"]) == 30
    assert service["KillMode"] == "mixed"  # a work-horse, or a worker of gunicorn, is stopped by its parent


def test_the_socket_has_the_defaults_of_the_settings() -> None:
    from app.settings import Settings
    from ops.hold import BACKLOG

    fields = Settings.model_fields
    assert unit("eucora-api.socket")["ListenStream"] == f"{fields['api_host'].default}:{fields['api_port'].default}"
    assert int(unit("eucora-api.socket")["Backlog"]) == BACKLOG


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_them(tmp_path: Path) -> None:
    """With the paths of this checkout, where everything is installed."""
    for file in UNITS.iterdir():
        text = file.read_text().replace(f"{INSTALLED}/venv/bin", str(Path(sys.executable).parent))
        (tmp_path / file.name).write_text(text.replace(INSTALLED, str(CHECKOUT)))
    units = [str(tmp_path / file.name) for file in UNITS.iterdir()]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
