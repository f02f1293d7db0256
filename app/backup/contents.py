"""What a backup's folder holds, and its `manifest.json`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from app.backup.errors import BackupError

MANIFEST, DATABASE, KEY, HEADS, WHISPER = (
    "manifest.json",
    "database.dump",
    "event-key",
    "event-heads.jsonl",
    "whisper.tar.gz",
)
FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """What was saved, and when; `head_id` and `head_hash` are the newest event before the dump began."""

    created_at: str
    schema: str
    server: str
    sha256: str
    """Of the dump."""
    event_key: str
    """The fingerprint of the event key."""
    head_id: int
    head_hash: str
    has_key: bool
    has_whisper: bool
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Write it last: a folder without it is not a backup."""
        (folder / MANIFEST).write_text(json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Raises BackupError if the folder holds no whole backup, or the dump is not the one that was saved."""
        try:
            manifest = cls(**json.loads((folder / MANIFEST).read_text()))
        except FileNotFoundError as error:
            raise BackupError(f"{folder} is not a whole backup: {MANIFEST} is missing.") from error
        except (ValueError, TypeError) as error:
            raise BackupError(f"{folder / MANIFEST} cannot be read: {error}.") from error
        if manifest.format != FORMAT:
            raise BackupError(f"{folder} has format {manifest.format}; this version reads format {FORMAT}.")
        if digest(folder / DATABASE) != manifest.sha256:
            raise BackupError(f"{folder / DATABASE} is not the file that was saved: its SHA-256 differs.")
        return manifest


def digest(file: Path) -> str:
    """The SHA-256 of a file. Raises BackupError if it cannot be read."""
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise BackupError(f"{file} cannot be read: {error.strerror}.") from error


def fingerprint(key: str) -> str:
    """What tells one event key from another without showing it."""
    return hashlib.sha256(b"eucora event key\0" + key.encode()).hexdigest()[:16]
