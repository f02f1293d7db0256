"""One stack: a root folder, its ports and its programs under one supervisor."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from ops.hold import FREED_SECONDS
from ops.local import postgres, processes
from ops.local.paths import CHECKOUT, HOME, Layout, StackError, failure, is_root, last_line, outside, own_folder, quoted
from ops.local.patience import Patience, Sighting
from ops.local.ports import Ports
from ops.local.programs import APPLICATION, INFRASTRUCTURE, Program, build, write_configuration
from ops.local.supervisor import IDLE, Supervisor, configuration

__all__ = ["APPLICATION", "INFRASTRUCTURE", "Ports", "Stack", "StackError", "remove_abandoned"]

SUPERVISOR_SECONDS = 120.0
SIGHTING_SECONDS = 1.0
"""The time between two looks at the progress of a program that is starting."""
TELL_SECONDS = 10.0
"""The time between two messages about a program that is waited for."""
SIGNALS = {"TERM": signal.SIGTERM, "INT": signal.SIGINT}


class Stack:
    """Starts, watches and stops the programs of one root folder.

    `durable=False` is for tests: data may be lost in a power failure, and everything is faster. `owner` is a pid; the
    stack stops when that process is gone. `overrides` are EUCORA_ variables that replace those of this stack, such as
    the address of another database. `tell` is called with a message about each program that takes long to start.
    """

    def __init__(
        self,
        root: Path,
        ports: Ports,
        programs: tuple[str, ...] = INFRASTRUCTURE,
        *,
        durable: bool = True,
        owner: int | None = None,
        overrides: Mapping[str, str] | None = None,
        home: Path = HOME,
        tell: Callable[[str], None] = lambda _message: None,
    ) -> None:
        self.root = root.resolve()
        self.ports = ports
        self.names = programs
        self.layout = Layout(self.root, home.resolve())
        self._durable = durable
        self._owner = owner
        self._overrides = dict(overrides or {})
        self._tell = tell
        self._log_starts: dict[str, int] = {}
        self._supervisor = Supervisor(self.layout.run / "supervisor.sock")
        redis_url = self._overrides.get("EUCORA_REDIS_URL") or self.layout.redis_url
        self._programs = build(self.layout, ports, programs, durable, redis_url)

    def with_ports(self, ports: Ports) -> Stack:
        """Return this stack with other ports."""
        return Stack(
            self.root,
            ports,
            self.names,
            durable=self._durable,
            owner=self._owner,
            overrides=self._overrides,
            home=self.layout.home,
            tell=self._tell,
        )

    # -- state

    def environment(self) -> dict[str, str]:
        """Return all EUCORA_ variables that a process needs to use this stack."""
        host = quote(str(self.layout.postgres_socket), safe="")
        values = {
            "EUCORA_DATABASE_URL": f"postgresql+psycopg://eucora_app@/eucora?host={host}",
            "EUCORA_MIGRATION_DATABASE_URL": f"postgresql+psycopg://eucora_owner@/eucora?host={host}",
            "EUCORA_REDIS_URL": self.layout.redis_url,
            "EUCORA_EVENT_KEY": self._event_key(),
            "EUCORA_EVENT_HEADS_FILE": str(self.layout.data / "event-heads.jsonl"),
            "EUCORA_EVENT_ARCHIVE_DIR": str(self.layout.data / "event-archives"),
            "EUCORA_ARTIFACTS_URL": (self.layout.data / "artifacts").as_uri(),
            "EUCORA_WHISPER_DIR": str(self.layout.graphite / "whisper"),
            "EUCORA_POSTGRES_PROGRAMS": str(postgres.programs(self.layout.home)),
            "EUCORA_SIMULATION": "1",
            "EUCORA_GRAPHITE_URL": f"http://127.0.0.1:{self.ports.graphite}",
            **self.ports.environment(),
        }
        if "EUCORA_DATABASE_URL" in self._overrides:
            del values["EUCORA_MIGRATION_DATABASE_URL"]
        return values | self._overrides

    def is_running(self) -> bool:
        """Return whether the supervisor of this root is running."""
        return self._supervisor_pid() is not None

    def orphans(self) -> dict[str, int]:
        """Return the process ids of programs that go on without their supervisor, by name."""
        return {} if self.is_running() else {program.name: pid for program, pid in self._orphans()}

    def pid(self, program: str) -> int:
        """Return a program's process id, 0 if it is not running."""
        return self._supervisor.state(program).pid

    def log(self, program: str) -> Path:
        """Return a program's log file."""
        return self.layout.log / f"{program}.log"

    # -- starting and stopping

    def start(self) -> None:
        """Start all programs and wait until they are ready.

        Raises StackError; then nothing is left running.
        """
        self._check_installed()
        own_folder(self.root, 0o755)
        for folder in (self.layout.run, self.layout.log, self.layout.conf, self.layout.data):
            own_folder(folder, 0o700)
        with self._lock():
            running = self._supervisor_pid()
            if running is not None:
                raise StackError(
                    f"The stack in {self.root} is already running (supervisor {running}). "
                    "Use it, or stop it with `make down`."
                )
            self._await_ports(FREED_SECONDS if self._end_orphans() else 0)
            try:
                self._start()
            except BaseException:
                self._stop()
                raise

    def complete(self) -> None:
        """Start what is missing of a running stack and wait until all of it is ready. Raises StackError."""
        with self._lock():
            known = self._supervisor.programs()
            names = [name for name in self._programs if name in known]
            for name in names:
                if self._supervisor.state(name).name in IDLE:
                    self._begin(name)
            for name in names:
                self._wait_ready(self._programs[name])

    def stop(self) -> None:
        """Stop all programs that are running."""
        if self.layout.run.exists():
            with self._lock():
                self._stop()

    def restart(self, program: str) -> None:
        """Stop one program, start it again and wait until it is ready."""
        self._supervisor.stop(program)
        self._begin(program)
        self._wait_ready(self._programs[program])

    def remove(self) -> None:
        """End all programs without waiting for them to save data, and delete this root's folders."""
        if self.layout.run.exists():
            with self._lock():
                supervisor = self._supervisor_pid()
                if supervisor is not None:
                    processes.send(supervisor, signal.SIGKILL)
                    processes.wait_until(lambda: not processes.is_alive(supervisor), 5)
                self._end_orphans(quickly=True)
        shutil.rmtree(self.layout.run, ignore_errors=True)
        if is_root():
            shutil.rmtree(outside(self.root), ignore_errors=True)
        shutil.rmtree(self.root, ignore_errors=True)

    # -- details

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self.layout.run / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                message = f"Another process is starting or stopping the stack in {self.root}. Wait for it to finish."
                raise StackError(message) from None
            yield

    def _check_installed(self) -> None:
        needed = [self.layout.python]
        if "statsd" in self.names:
            needed += [self.layout.home / "bin" / "node", self.layout.home / "statsd" / "node_modules"]
        if "redis" in self.names:
            needed.append(self.layout.home / "bin" / "redis-server")
        if "carbon" in self.names or "graphite" in self.names:
            needed.append(self.layout.home / "graphite" / "initial.db")
        if "postgres" in self.names:
            needed.append(Path(postgres.program("postgres", self.layout.home)))
        for path in needed:
            if not path.exists():
                raise StackError(f"{path} is missing. Run `make install` first.")

    def _start(self) -> None:
        if "postgres" in self.names:
            postgres.create(self.layout)
        write_configuration(self.layout, self.ports, self.names, self._durable)
        programs = self._programs
        lines = [f"{name}={quoted(value)}\n" for name, value in self.environment().items()]
        self._write(self.layout.env_file, "".join(lines))
        conf = self.layout.conf / "supervisord.conf"
        supervised = list(programs.values()) + ([self._watch(self._owner)] if self._owner else [])
        self._write(conf, configuration(supervised, self.layout))
        self._run("supervisord", "supervisor.supervisord", "-c", str(conf))
        if not processes.wait_until(self._supervisor.answers, SUPERVISOR_SECONDS):
            raise failure("supervisord does not respond.", self.log("supervisord"))
        if self._owner:
            self._supervisor.start("owner")
        self._start_together([name for name in programs if name in INFRASTRUCTURE])
        if "postgres" in programs:
            postgres.create_roles(self.layout)
        application = [name for name in programs if name in APPLICATION]
        if application:
            self._run("migrations", "flask", "--app", "wsgi", "db", "upgrade")
            self._start_together(application)

    def _start_together(self, names: list[str]) -> None:
        for name in names:
            self._begin(name)
        for name in names:
            self._wait_ready(self._programs[name])

    def _begin(self, name: str) -> None:
        self._log_starts[name] = self._log_bytes(name)
        self._supervisor.start(name)

    def _log_bytes(self, name: str) -> int:
        log = self.log(name)
        return log.stat().st_size if log.exists() else 0

    def _wait_ready(self, program: Program) -> None:
        """Wait for a program as long as it makes progress. Raises StackError."""
        patience = Patience(self._sighting(program.name))
        began = looked = told = time.monotonic()
        while True:
            if self._supervisor.state(program.name).name == "RUNNING" and (program.ready is None or program.ready()):
                return
            now = time.monotonic()
            if now - looked >= SIGHTING_SECONDS:
                looked = now
                hopeless = patience.verdict(self._sighting(program.name))
                if hopeless:
                    raise self._with_advice(failure(f"{program.name} {hopeless}.", self.log(program.name)))
            if now - told >= TELL_SECONDS:
                told = now
                line = last_line(self.log(program.name), self._log_starts.get(program.name, 0))
                self._tell(f"  still waiting for {program.name} after {now - began:.0f} s: {line}")
            time.sleep(0.05)

    def _sighting(self, name: str) -> Sighting:
        state = self._supervisor.state(name)
        cpu_seconds = processes.cpu_seconds(state.pid)
        return Sighting(time.monotonic(), state.name, state.pid, self._log_bytes(name), cpu_seconds)

    def _with_advice(self, error: StackError) -> StackError:
        """The error with what to do about it, if its log shows a cause that we know."""
        redis = self.layout.data / "redis"
        files = " and ".join(str(file) for file in sorted(redis.glob("appendonly*"))) or str(redis)
        advice = {
            "append only file": (
                "Redis cannot read its append-only file. It only holds waiting jobs, which the sweep enqueues again: "
                f"delete {files} and run `make up` again."
            ),
            "No space left on device": (
                f"The disk is full. Free some space, for example below {self.layout.root}, and run `make up` again."
            ),
        }
        known = [text for sign, text in advice.items() if sign.lower() in str(error).lower()]
        return StackError("\n".join([str(error), *known]))

    def _run(self, name: str, module: str, *arguments: str) -> None:
        """Run a Python module in the control plane's environment. Raises StackError if it fails."""
        with self.log(name).open("a") as log:
            done = subprocess.run(
                [str(self.layout.python), "-m", module, *arguments],
                cwd=CHECKOUT,
                env=os.environ | self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            raise failure(f"{name} failed.", self.log(name))

    def _stop(self) -> None:
        supervisor = self._supervisor_pid()
        if supervisor is not None:
            processes.send(supervisor, signal.SIGTERM)
            if not processes.wait_until(lambda: not processes.is_alive(supervisor), 90):
                processes.send(supervisor, signal.SIGKILL)
        self._end_orphans()

    def _supervisor_pid(self) -> int | None:
        pid = processes.read_pid(self.layout.run / "supervisord.pid")
        if pid is None or not processes.is_alive(pid):
            return None
        is_ours = str(self.layout.conf / "supervisord.conf") in processes.command_line(pid)
        return pid if is_ours else None

    def _await_ports(self, seconds: float) -> None:
        """Wait until the ports are free. A server that lost its holder keeps its port until it has answered."""
        until = time.monotonic() + seconds
        while True:
            try:
                return self.ports.check_free(self.names)
            except StackError:
                if time.monotonic() > until:
                    raise
            time.sleep(0.1)

    def _end_orphans(self, quickly: bool = False) -> bool:
        """End the processes that a dead supervisor left behind, after checking that each pid is still the same program.

        Returns whether there were any. `quickly` kills them, except for PostgreSQL, which would leave shared memory
        behind.
        """
        found = False
        for program, pid in self._orphans():
            found = True
            kill = quickly and program.name != "postgres"
            number = signal.SIGKILL if kill else SIGNALS[program.stop_signal]
            processes.end_tree(pid, number, program.stop_seconds)
        for name in [*INFRASTRUCTURE, *APPLICATION, "owner", "supervisord"]:
            (self.layout.run / f"{name}.pid").unlink(missing_ok=True)
        return found

    def _orphans(self) -> Iterator[tuple[Program, int]]:
        if not (self.layout.conf / "supervisord.conf").exists():
            return
        programs = build(self.layout, self.ports, INFRASTRUCTURE + APPLICATION, self._durable, self.layout.redis_url)
        for program in reversed(programs.values()):
            pid = processes.read_pid(program.pid_file or self.layout.run / f"{program.name}.pid")
            if pid is None or not processes.is_alive(pid):
                continue
            is_ours = program.signature in processes.command_line(pid)
            if is_ours and processes.works_in(pid, program.directory):
                yield program, pid

    def _watch(self, pid: int) -> Program:
        # It ends with the supervisor too, whose pid another process may have later.
        script = f"while kill -0 $PPID 2>/dev/null; do kill -0 {pid} 2>/dev/null || kill $PPID; sleep 1; done"
        return Program(
            name="owner",
            argv=("/bin/sh", "-c", script),
            directory=self.layout.run,
            signature="kill -0",
            stop_seconds=1,
        )

    def _event_key(self) -> str:
        """Return the key of the event chain. It is random and kept: a chain cannot be read with another key."""
        file = self.layout.data / "event-key"
        if not file.exists():
            own_folder(self.root, 0o755)
            own_folder(self.layout.data, 0o700)
            self._write(file, secrets.token_hex(32))
        return file.read_text()

    @staticmethod
    def _write(file: Path, text: str) -> None:
        """Replace a file's content; only we may read it."""
        draft = file.with_name(f"{file.name}.new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(text)
        draft.replace(file)


def remove_abandoned(parent: Path, prefix: str = "test-") -> None:
    """Delete the stacks in `parent` named `<prefix><pid>` whose process is gone."""
    for root in parent.glob(f"{prefix}*"):
        pid = root.name.removeprefix(prefix)
        if pid.isdecimal() and not processes.is_alive(int(pid)):
            Stack(root, Ports()).remove()
