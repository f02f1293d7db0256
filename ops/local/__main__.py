"""The commands behind the Makefile: `python -m ops.local up|down|status|demo|clean`."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial
from types import FrameType

from app.addresses import authority, own
from ops.local import take_interrupts
from ops.local.paths import CHECKOUT, HOME, Layout
from ops.local.ports import Hosts, Ports, last_ports, named
from ops.local.stack import APPLICATION, INFRASTRUCTURE, Stack, StackError, remove_abandoned

FLASK = (str(Layout(HOME).python), "-m", "flask", "--app", "wsgi")
CACHES = (".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", ".hypothesis")
# If set, the address of your own server, which replaces the embedded one.
REPLACED_BY = {"EUCORA_DATABASE_URL": "postgres", "EUCORA_REDIS_URL": "redis"}
PASSED_ON = (*REPLACED_BY, "EUCORA_MIGRATION_DATABASE_URL", "EUCORA_EVENT_KEY", "EUCORA_SIMULATION")


def default_stack() -> Stack:
    """Return the stack in .local/, with the ports of its last run and the servers that the environment chooses.

    Raises StackError.
    """
    replaced = {program for name, program in REPLACED_BY.items() if os.environ.get(name)}
    names = tuple(name for name in INFRASTRUCTURE + APPLICATION if name not in replaced)
    overrides = {name: os.environ[name] for name in PASSED_ON if os.environ.get(name)}
    ports = Ports.default(os.environ, last_ports(Layout(HOME)))
    return Stack(HOME, ports, names, overrides=overrides, tell=partial(print, flush=True))


def admin_token(stack: Stack) -> str:
    """Return the first admin token. It is created once and kept in a file: the database has only its hash."""
    file = stack.root / "token"
    if file.exists():
        return file.read_text().strip()
    command = [*FLASK, "tokens", "create", "--subject", "admin", "--role", "admin"]
    environment = os.environ | stack.environment()
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StackError(f"Could not create the first admin token:\n{done.stderr.rstrip()}")
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(done.stdout.strip() + "\n")
    return done.stdout.strip()


def up(stack: Stack) -> Stack:
    """Start the stack unless it is running, wait until it is ready, and print its addresses.

    Returns the stack with the ports it has: some may have been taken by other programs.
    """
    if stack.is_running():
        different = stack.ports.difference(last_ports(stack.layout))
        if different:
            raise StackError(f"The stack runs with other addresses ({different}). Run `make down` first.")
        stack.complete()
        print("The stack is running.")
    else:
        stack.stop()  # what a dead supervisor left would occupy the ports
        # Ports are kept from the last run; who can reach the API is chosen at each start.
        before = replace(stack.ports, hosts=Hosts.default(os.environ))
        stack = stack.with_ports(before.avoiding(stack.names, named(os.environ)))
        if stack.ports != before:
            print(f"  Other programs use some ports. These are used instead: {stack.ports.difference(before)}.")
        print("  starting …", flush=True)
        stack.start()
    try:
        token = admin_token(stack)
    except BaseException:
        stack.stop()
        raise
    ports = stack.ports
    api, statsd = authority(own(ports.hosts.api), ports.api), own(ports.hosts.statsd)
    print(f"Dashboards  http://{api}/dashboards#token={token}")
    print(f"API         http://{api}/docs")
    print(f"Graphite    http://127.0.0.1:{ports.graphite}")
    others = authority(statsd, ports.statsd_external)
    print(f"StatsD      {authority(statsd, ports.statsd)}/udp; for other programs, {others}/udp")
    print(f"Logs        {stack.layout.log}")
    print(f"Token       {token}", flush=True)
    return stack


def demo(stack: Stack) -> int:
    """Run the demonstration on the running stack, or else on a stack that is stopped afterwards."""
    started = not stack.is_running()
    stack = up(stack)
    history = os.environ.get("DEMO_HISTORY", "")
    if history:
        subprocess.run([*FLASK, "demo", "--history", history], cwd=CHECKOUT, check=False)
    child = subprocess.Popen([*FLASK, "demo"], cwd=CHECKOUT)

    def pass_on(number: int, _frame: FrameType | None) -> None:
        child.send_signal(number)

    # Ctrl-C reaches the child too, which then ends by itself.
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN), signal.signal(signal.SIGTERM, pass_on)
    try:
        code = child.wait()
    finally:
        signal.signal(signal.SIGINT, previous[0])
        signal.signal(signal.SIGTERM, previous[1])
        if started:
            stack.stop()
    return code if code >= 0 else 128 - code


def status(stack: Stack) -> int:
    """Print each program's process id. The exit code is 0 if all programs run."""
    if left := stack.orphans():
        still = ", ".join(f"{name} ({pid})" for name, pid in left.items())
        print(f"The supervisor is gone, but these still run: {still}. `make up` ends them and starts everything again.")
        return 1
    if not stack.is_running():
        print("The stack is not running. `make up` starts it.")
        return 1
    pids = {name: stack.pid(name) for name in stack.names}
    for name, pid in pids.items():
        print(f"{name:16} {pid or 'not running'}")
    return 0 if all(pids.values()) else 1


def clean(stack: Stack) -> None:
    """Stop everything and delete everything installed and stored."""
    remove_abandoned(HOME)
    stack.remove()
    for name in CACHES:
        shutil.rmtree(CHECKOUT / name, ignore_errors=True)


def main() -> int:
    """Run one command. A StackError is printed and becomes exit code 1."""
    take_interrupts()
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
        print("Stopped.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
