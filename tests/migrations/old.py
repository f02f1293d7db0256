"""A database that an older version wrote, in the test's own PostgreSQL, and programs that work on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ops.local.postgres import program
from ops.local.stack import Stack
from tests.support import commands

HERE = Path(__file__).parent
DATABASE = "eucora_upgrade"


class Old:
    """The database and the environment of programs that use it; `facts` are what the older version knew about it."""

    def __init__(self, stack: Stack, facts: dict[str, Any]) -> None:
        self.stack = stack
        self.facts = facts
        url = os.environ["EUCORA_MIGRATION_DATABASE_URL"].replace("/eucora?", f"/{DATABASE}?")
        assert DATABASE in url
        behaviour = {"silent": 0, "failure": 0, "already_compliant": 0, "fastest_seconds": 1, "slowest_seconds": 2}
        self.environment = {
            **os.environ,
            "EUCORA_DATABASE_URL": url,
            "EUCORA_MIGRATION_DATABASE_URL": url,
            "EUCORA_EVENT_KEY": facts["event_key"],
            "EUCORA_SIMULATED_PROFILE": json.dumps(behaviour),
            "EUCORA_SIMULATION": "0",
        }

    def psql(self, *arguments: str, database: str = DATABASE) -> None:
        command = [program("psql", self.stack.layout.home), "-X", "-q", "-v", "ON_ERROR_STOP=1"]
        socket = str(self.stack.layout.postgres_socket)
        run([*command, "-h", socket, "-U", "postgres", "-d", database, *arguments])

    def flask(self, *arguments: str) -> str:
        """Run a command that must succeed; returns what it prints."""
        done = commands.flask(self.environment, *arguments)
        assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def refused(self, *arguments: str) -> str:
        """Run a command that must fail, as people do: what it logs is on the process's standard error."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode, done.stdout
        return done.stdout + done.stderr

    def goes_on(self, decisions: list[tuple[str, str, dict[str, str]]]) -> dict[str, Any]:
        """Let every deployment go on to its end; people first decide: the deployment's name, the move, its body."""
        facts = json.dumps({**self.facts, "decisions": decisions})
        found: dict[str, Any] = json.loads(
            run([sys.executable, "-m", "tests.migrations.goes_on", facts], self.environment)
        )
        return found


def run(command: list[str], environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@contextmanager
def database(stack: Stack, facts: dict[str, Any]) -> Iterator[Old]:
    """An empty database for the older version's rows."""
    found = Old(stack, facts)
    found.psql("-c", f"CREATE DATABASE {DATABASE} OWNER eucora_owner TEMPLATE template0", database="postgres")
    try:
        yield found
    finally:
        found.psql("-c", f"DROP DATABASE {DATABASE} WITH (FORCE)", database="postgres")
