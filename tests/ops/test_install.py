"""An installation that is interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from ops.local import processes
from ops.local.paths import CHECKOUT

BEGUN = "installing python"


def interrupted(home: Path) -> subprocess.CompletedProcess[str]:
    """Install into `home` and interrupt it, as Ctrl-C does, when the first step has begun."""
    script = (
        "import sys; from pathlib import Path; from ops.local import paths; paths.HOME = Path(sys.argv.pop()); "
        "from ops.local import install; sys.exit(install.main())"
    )
    output = home.with_suffix(".log")
    with output.open("w") as stream:
        child = subprocess.Popen(
            [sys.executable, "-c", script, str(home)],
            cwd=CHECKOUT,
            env={name: value for name, value in os.environ.items() if name != "HOME"},  # as in a bare container
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        assert processes.wait_until(lambda: BEGUN in output.read_text(), 60)
        assert processes.wait_until(lambda: (home / "venv" / "bin" / "python").exists(), 60)
        os.killpg(child.pid, signal.SIGINT)
        code = child.wait(60)
    return subprocess.CompletedProcess(child.args, code, output.read_text())


def test_ctrl_c_leaves_no_traceback_and_the_half_made_step_runs_again(tmp_path: Path) -> None:
    home = tmp_path / "local"
    for _ in range(2):
        done = interrupted(home)
        assert done.returncode == 130, done.stdout
        assert "Traceback" not in done.stdout
        assert "Run the same command again" in done.stdout
        assert not (home / "stamps" / "python").exists()
