"""supervisord: its configuration file, and a client for its Unix socket."""

from __future__ import annotations

import http.client
import os
import shlex
import socket
import xmlrpc.client
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.local.paths import Layout
from ops.local.programs import Program

# Writes the shell's pid, which the program keeps after `exec`.
NOTE_PID = 'echo $$ >"$0" && exec "$@"'

IDLE = ("STOPPED", "EXITED", "FATAL")
"""The states in which supervisord doesn't try to start a program again."""


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        return _UnixConnection(self._path)


@dataclass(frozen=True)
class State:
    """A program's state in supervisord: its name (RUNNING, BACKOFF, …), and the pid or 0."""

    name: str
    pid: int


class Supervisor:
    """A client of one stack's supervisord."""

    def __init__(self, path: Path) -> None:
        self._server = xmlrpc.client.ServerProxy("http://localhost/RPC2", transport=_UnixTransport(str(path)))

    def _call(self, method: str, *arguments: Any) -> Any:
        return getattr(self._server, method)(*arguments)

    def answers(self) -> bool:
        """Return whether supervisord responds."""
        try:
            self._call("supervisor.getState")
        except (OSError, xmlrpc.client.Error, http.client.HTTPException):
            return False
        return True

    def start(self, program: str) -> None:
        """Start a program without waiting for it."""
        self._call("supervisor.startProcess", program, False)

    def stop(self, program: str) -> None:
        """Stop a program and wait until it has ended."""
        if self.state(program).name not in IDLE:
            self._call("supervisor.stopProcess", program, True)

    def programs(self) -> set[str]:
        """Return the names of all programs that supervisord knows."""
        return {info["name"] for info in self._call("supervisor.getAllProcessInfo")}

    def state(self, program: str) -> State:
        """Return a program's state."""
        info = self._call("supervisor.getProcessInfo", program)
        return State(info["statename"], int(info["pid"]))


def _quoted(text: str) -> str:
    return text.replace("%", "%%")


def _program_section(program: Program, layout: Layout, priority: int) -> str:
    pid_file = program.pid_file or layout.run / f"{program.name}.pid"
    argv = program.argv if program.pid_file else ("/bin/sh", "-c", NOTE_PID, str(pid_file), *program.argv)
    environment = ",".join(f'{name}="{_quoted(value)}"' for name, value in program.environment.items())
    lines = [
        f"[program:{program.name}]",
        f"command={_quoted(shlex.join(argv))}",
        f"directory={_quoted(str(program.directory))}",
        f"environment={environment}",
        f"priority={priority}",
        f"stopsignal={program.stop_signal}",
        f"stopwaitsecs={program.stop_seconds}",
        f"stdout_logfile={_quoted(str(layout.log / program.name))}.log",
        "stdout_logfile_maxbytes=10MB",
        "stdout_logfile_backups=3",
        "redirect_stderr=true",
        "autostart=false",
        "autorestart=true",
        "startsecs=1",
        "startretries=1000000",
    ]
    if program.user:
        lines.append(f"user={program.user}")
    return "\n".join(lines)


def configuration(programs: Iterable[Program], layout: Layout) -> str:
    """Return the content of supervisord.conf. Programs stop in the reverse order."""
    run = _quoted(str(layout.run))
    head = [
        "[unix_http_server]",
        f"file={run}/supervisor.sock",
        "chmod=0700",
        "",
        "[supervisord]",
        f"logfile={_quoted(str(layout.log))}/supervisord.log",
        "logfile_maxbytes=10MB",
        "logfile_backups=3",
        f"pidfile={run}/supervisord.pid",
        f"childlogdir={_quoted(str(layout.log))}",
        "umask=077",
        *(["user=root"] if os.geteuid() == 0 else []),
        "",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
    ]
    sections = [_program_section(program, layout, priority) for priority, program in enumerate(programs, start=1)]
    return "\n".join(head) + "\n\n" + "\n\n".join(sections) + "\n"
