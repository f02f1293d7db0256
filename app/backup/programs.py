"""PostgreSQL's own programs: found, checked against the server's version, and run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import text
from sqlalchemy.engine import make_url

from app.backup.errors import BackupError
from app.db import db
from app.settings import load_settings


def run(name: str, *arguments: str) -> str:
    """Run a program with the database's owner as `--dbname`; returns its output. Raises BackupError."""
    path = _find(name)
    conninfo, environment = _connection()
    done = _call(path, *arguments, f"--dbname={conninfo}", **environment)
    if done.returncode:
        raise BackupError(f"{name} failed: {done.stderr.strip()}")
    return done.stdout


def table_of_contents(file: Path) -> str:
    """What a dump holds. Raises BackupError if it is damaged."""
    done = _call(_find("pg_restore"), "--list", str(file))
    if done.returncode:
        raise BackupError(f"The dump {file} cannot be read: {done.stderr.strip()}")
    return done.stdout


def _call(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **environment}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)  # noqa: S603  # no shell


def _find(name: str) -> str:
    """The program's path. Raises BackupError if there is none, or if it is older than the server."""
    folder = load_settings().postgres_programs
    path = shutil.which(name, path=folder or None)
    server = int(db.session.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    db.session.rollback()
    fix = (
        f"Install PostgreSQL's client programs of version {server} or newer (`postgresql-client-{server}` on Debian), "
        "and set EUCORA_POSTGRES_PROGRAMS to their folder unless they are on the PATH."
    )
    if path is None:
        where = f"in {folder} (EUCORA_POSTGRES_PROGRAMS)" if folder else "on the PATH"
        raise BackupError(f"There is no {name} {where}. {fix}")
    said = _call(path, "--version").stdout
    version = re.search(r"\) (\d+)", said)
    if version is None or int(version[1]) < server:
        what = said.strip() or "not a program of PostgreSQL"
        raise BackupError(f"{path} is {what}, and the server is PostgreSQL {server}. {fix}")
    return path


def _connection() -> tuple[str, dict[str, str]]:
    """The owner's connection without its password, which goes into the environment: others can read a command line."""
    url = make_url(load_settings().owner_database_url)
    query = {name: value for name, value in url.query.items() if isinstance(value, str)}
    parts = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database, **query}
    conninfo = make_conninfo("", **{name: value for name, value in parts.items() if value})
    return conninfo, {"PGPASSWORD": str(url.password)} if url.password else {}
