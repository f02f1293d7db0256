"""Saving a backup to a folder, while everything runs."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path

from sqlalchemy import text

from app import clock
from app.audit import heads
from app.backup import programs
from app.backup.contents import DATABASE, HEADS, KEY, WHISPER, Manifest, digest, fingerprint
from app.backup.errors import BackupError
from app.db import db
from app.settings import load_settings


def save(folder: Path, *, with_key: bool) -> Manifest:
    """Save everything to a new or empty folder, which only its owner can read. Raises BackupError."""
    settings = load_settings()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BackupError(f"{folder} is not empty: name a new folder for each backup.")
        head = heads.present()
        schema = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        server = db.session.execute(text("SHOW server_version")).scalar_one()
        db.session.rollback()
        programs.run("pg_dump", "-Fc", "--no-owner", "--no-acl", f"--file={folder / DATABASE}")
        if with_key:
            _write_secret(folder / KEY, settings.event_key.get_secret_value())
        if settings.event_heads_file and Path(settings.event_heads_file).exists():
            shutil.copyfile(settings.event_heads_file, folder / HEADS)
        has_whisper = bool(settings.whisper_dir) and Path(settings.whisper_dir).is_dir()
        if has_whisper:
            with tarfile.open(folder / WHISPER, "w:gz", compresslevel=1) as tar:
                tar.add(settings.whisper_dir, arcname="whisper")
        manifest = Manifest(
            created_at=clock.now().isoformat(),
            schema=schema,
            server=server,
            sha256=digest(folder / DATABASE),
            event_key=fingerprint(settings.event_key.get_secret_value()),
            head_id=head.id if head else 0,
            head_hash=head.hash.hex() if head else "",
            has_key=with_key,
            has_whisper=has_whisper,
        )
        manifest.write(folder)
    except OSError as error:
        raise BackupError(f"The backup could not be written: {error}.") from error
    return manifest


def _write_secret(file: Path, secret: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(secret)
