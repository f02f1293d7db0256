"""The commands behind the Makefile: `python -m ops.local up|down|status|demo|clean`."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
from types import FrameType

from ops.local.paths import CHECKOUT, HOME, Layout
from ops.local.stack import APPLICATION, INFRASTRUCTURE, Ports, Stack, StackError, remove_abandoned

FLASK = (str(Layout(HOME).python), "-m", "flask", "--app", "wsgi")
TOKEN = HOME / "token"
CACHES = (".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", ".hypothesis")
# Addresses of servers of one's own, in place of the embedded ones.
REPLACES = {"EUCORA_DATABASE_URL": "postgres", "EUCORA_REDIS_URL": "redis"}
PASSED_ON = (*REPLACES, "EUCORA_MIGRATION_DATABASE_URL", "EUCORA_EVENT_KEY", "EUCORA_SIMULATION")


def default_stack() -> Stack:
    """Return the stack in .local/, as the environment moves it."""
    replaced = {program for name, program in REPLACES.items() if os.environ.get(name)}
    names = tuple(name for name in INFRASTRUCTURE + APPLICATION if name not in replaced)
    overrides = {name: os.environ[name] for name in PASSED_ON if os.environ.get(name)}
    return Stack(HOME, Ports.default(os.environ), names, overrides=overrides)


def admin_token() -> str:
    """Return the first admin token; it is created once and kept, for the database keeps its hash only."""
    if TOKEN.exists():
        return TOKEN.read_text().strip()
    command = [*FLASK, "tokens", "create", "--subject", "admin", "--role", "admin"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StackError(f"The first admin token could not be created:\n{done.stderr.rstrip()}")
    with os.fdopen(os.open(TOKEN, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(done.stdout.strip() + "\n")
    return done.stdout.strip()


def up(stack: Stack) -> None:
    """Start the stack and say where it is."""
    print("  starting …", flush=True)
    stack.start()
    try:
        token = admin_token()
    except BaseException:
        stack.stop()
        raise
    ports = stack.ports
    print(f"API         http://127.0.0.1:{ports.api}/docs")
    print(f"Dashboards  http://127.0.0.1:{ports.api}/dashboards#token={token}")
    print(f"Graphite    http://127.0.0.1:{ports.graphite}")
    print(f"StatsD      127.0.0.1:{ports.statsd}/udp; for other programs 127.0.0.1:{ports.statsd_external}/udp")
    print(f"logs        {stack.layout.log}")
    print(f"token: {token}", flush=True)


def demo(stack: Stack) -> int:
    """Run the demonstration on the running stack, or on one that lives as long as it does."""
    ours = not stack.is_running()
    if ours:
        up(stack)
    past = os.environ.get("DEMO_HISTORY", "")
    if past:
        subprocess.run([*FLASK, "demo", "--history", past], cwd=CHECKOUT, check=False)
    child = subprocess.Popen([*FLASK, "demo"], cwd=CHECKOUT)

    def pass_on(number: int, _frame: FrameType | None) -> None:
        child.send_signal(number)

    # Ctrl-C reaches the child too: both wait for it to end by itself.
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN), signal.signal(signal.SIGTERM, pass_on)
    try:
        code = child.wait()
    finally:
        signal.signal(signal.SIGINT, previous[0])
        signal.signal(signal.SIGTERM, previous[1])
        if ours:
            stack.stop()
    return code if code >= 0 else 128 - code


def status(stack: Stack) -> int:
    """Print each program's process id; the exit code is 0 if all run."""
    if not stack.is_running():
        print("The stack is not running.")
        return 1
    pids = {name: stack.pid(name) for name in stack.names}
    for name, pid in pids.items():
        print(f"{name:16} {pid or 'not running'}")
    return 0 if all(pids.values()) else 1


def clean(stack: Stack) -> None:
    """Stop everything and delete what was installed and stored."""
    remove_abandoned(HOME)
    stack.remove()
    for name in CACHES:
        shutil.rmtree(CHECKOUT / name, ignore_errors=True)


def main() -> int:
    """Run one command; a StackError becomes its sentence and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m ops.local", description=__doc__)
    parser.add_argument("command", choices=("up", "down", "status", "demo", "clean"))
    command = parser.parse_args().command
    os.chdir(CHECKOUT)
    try:
        stack = default_stack()
        if command == "up":
            up(stack)
        elif command == "down":
            stack.stop()
        elif command == "status":
            return status(stack)
        elif command == "demo":
            return demo(stack)
        else:
            clean(stack)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
