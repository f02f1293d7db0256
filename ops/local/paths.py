"""Where the local stack keeps its files. Standard library only: the installer runs before any package is installed."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

CHECKOUT = Path(__file__).resolve().parents[2]
HOME = CHECKOUT / ".local"

# A Unix socket's path has at most 107 bytes, and supervisor first binds one with its pid appended.
LONGEST_RUN_FOLDER = 80
UNREADABLE = re.compile(r"[\s=]")
"""Redis lists its clients as `addr=<path> name=…`, and workers fail to read that if the path has one of these."""
TAIL_LINES = 15
"""Of a log, in an error message."""


class StackError(Exception):
    """A message for people: what is wrong and what to do."""


def digest(path: Path) -> str:
    """Return a short, stable name for a path."""
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]


def is_root() -> bool:
    """Return whether this process runs as root, as which PostgreSQL refuses to run."""
    return os.geteuid() == 0


def outside(path: Path) -> Path:
    """Return the folder for files that the user `nobody` must reach; it may not have access to the checkout."""
    return Path("/var/tmp") / f"eucora-{digest(path)}"


def postgres_programs(home: Path = HOME) -> Path:
    """Return the folder that contains PostgreSQL's programs."""
    return (outside(home) if is_root() else home) / "postgresql"


def own_folder(path: Path, mode: int, owner: tuple[int, int] | None = None) -> Path:
    """Create a folder with exactly this mode. An existing folder stays as it is.

    Raises StackError if an existing path is not a folder that belongs to us, or to `owner` (uid, gid).
    """
    uid = owner[0] if owner else os.geteuid()
    try:
        path.mkdir(parents=True)
    except FileExistsError:
        status = path.lstat()
        if not path.is_dir() or path.is_symlink() or status.st_uid != uid:
            raise StackError(f"{path} exists but is not a folder of user {uid}. Remove it and try again.") from None
        return path
    path.chmod(mode)
    if owner:
        os.chown(path, *owner)
    return path


def failure(what: str, log: Path) -> StackError:
    """Return the error for a step that failed, with the end of its log."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        lines = ["(no log)"]
    tail = "\n".join(f"    {line}" for line in lines[-TAIL_LINES:] or ["(empty)"])
    return StackError(f"{what} The end of its log, {log}:\n{tail}")


def last_line(log: Path, start: int = 0) -> str:
    """Return the last line of a log from the byte `start` on, at most 100 characters of it."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(log.stat().st_size - 4_000, start))
            lines = stream.read().decode(errors="replace").split("\n")
    except OSError:
        lines = []
    return next((line[:100] for line in reversed(lines) if line.strip()), "its log is empty")


def quoted(value: str) -> str:
    """Return a value as a shell and a reader of dotenv files both understand it."""
    if re.fullmatch(r"[\w@%+=:,./?-]*", value, re.ASCII):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


@dataclass(frozen=True)
class Layout:
    """The files and folders of one stack, all derived from its root. `home` has the installed programs."""

    root: Path
    home: Path = HOME

    @property
    def python(self) -> Path:
        """The interpreter of the control plane's virtual environment."""
        return self.home / "venv" / "bin" / "python"

    @property
    def run(self) -> Path:
        """Sockets and pid files, mode 0700; outside the root if a socket's path would not do there."""
        near = self.root / "run"
        if len(os.fsencode(near)) <= LONGEST_RUN_FOLDER and not UNREADABLE.search(str(near)):
            return near
        base = os.environ.get("XDG_RUNTIME_DIR", "")
        parent = Path(base) if base and os.access(base, os.W_OK) else Path(tempfile.gettempdir())
        return parent / f"eucora-{os.geteuid()}-{digest(self.root)}"

    @property
    def log(self) -> Path:
        """One log file per program."""
        return self.root / "log"

    @property
    def conf(self) -> Path:
        """Configuration files, written at each start."""
        return self.root / "conf"

    @property
    def data(self) -> Path:
        """Data that survives a restart."""
        return self.root / "data"

    @property
    def graphite(self) -> Path:
        """Graphite's storage folder: whisper files and its small database."""
        return self.data / "graphite"

    @property
    def redis_socket(self) -> Path:
        """The only socket on which Redis listens."""
        return self.run / "redis.sock"

    @property
    def redis_url(self) -> str:
        """The address of Redis."""
        return f"unix://{quote(str(self.redis_socket))}"

    @property
    def postgres(self) -> Path:
        """The parent folder of PostgreSQL's data and, for root, of its socket."""
        return outside(self.root) if is_root() else self.data

    @property
    def postgres_data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.postgres / "postgres"

    @property
    def postgres_socket(self) -> Path:
        """The folder of the only socket on which PostgreSQL listens."""
        return self.postgres / "socket" if is_root() else self.run

    @property
    def env_file(self) -> Path:
        """Dotenv lines, which `app/settings.py` reads for the default stack."""
        return self.root / "env"
