"""Restoring a backup: into an empty database, then the checks, then the event that says where the log was cut.

Between the backup and the restore, events happened that the restored log does not have: their ids are in heads, in
Graphite and with whoever follows the log. So the log goes on with ids that were never used, and `events.restored` says
from where to where ids are lost. Verification accepts that gap, and reconciliation leaves out that time.
"""

from __future__ import annotations

import os
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import create_engine, select, text

from app.audit import heads
from app.audit.archives import RESTORED
from app.audit.heads import Head
from app.audit.verify import Verification, verify
from app.backup import programs
from app.backup.contents import DATABASE, HEADS, KEY, WHISPER, Manifest, fingerprint
from app.backup.errors import BackupError
from app.db import db
from app.events.models import Event
from app.events.unit import unit_of_work
from app.metrics.following import totals
from app.settings import load_settings

MARGIN = 1_000_000
"""Ids left out after the newest one that is known: heads are written once an hour, and events go on after them."""

_TABLES = text("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
_FUNCTIONS = text(
    "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'"
    " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')"
)
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND usename IS NOT NULL"  # others' `backend_type` is hidden from us; the server's own processes have no user
)


@dataclass(frozen=True)
class Restored:
    """What the checks after a restore found, and the ids that are left out."""

    verification: Verification
    differing_totals: int
    last_id: int
    next_id: int


def restore(folder: Path, *, force: bool) -> Restored:
    """Restore a backup. Raises BackupError; a database that is not empty is only replaced with `force`."""
    manifest = Manifest.read(folder)
    settings = load_settings()
    if manifest.event_key not in (fingerprint(key.decode()) for key in settings.event_keys):
        raise BackupError(
            f"EUCORA_EVENT_KEY is not the key of this backup (fingerprint {manifest.event_key}), so every event would "
            f"look forged. Set the key that the log was written with{_place_of_key(folder, manifest)}. "
            "Nothing was changed."
        )
    programs.table_of_contents(folder / DATABASE)
    db.session.remove()
    db.engine.dispose()
    _require_empty(force)
    _drop_everything()
    programs.run(
        "pg_restore", "--no-owner", "--no-acl", "--exit-on-error", "--single-transaction", str(folder / DATABASE)
    )
    upgrade()
    verification = verify()
    _, differing = totals.differences()
    last_id, next_id = accept(_heads_of(folder), manifest.created_at)
    return Restored(verification, len(differing), last_id, next_id)


def accept(known: list[Head], backup_of: str, actor: str = "restore") -> tuple[int, int]:
    """Record that the log was restored, and let it go on after every id that is known to be used.

    Returns the id of the last event before, and that of the event that records it.
    """
    with unit_of_work(actor) as unit:
        last = unit.session.execute(select(Event.id, Event.hash, Event.at).order_by(Event.id.desc()).limit(1)).first()
        if last is None:
            return 0, 0
        newest = max([last.id, *(head.id for head in known)])
        unit.leave_ids(newest + MARGIN)
        about = {"last": last.id, "hash": last.hash.hex(), "since": last.at.isoformat(), "backup_of": backup_of}
        unit.record(RESTORED, {**about, "newest_known": newest})
        return last.id, newest + MARGIN


def known_heads() -> list[Head]:
    """The heads that are stored outside of the database."""
    file = load_settings().event_heads_file
    return [head for head in heads.read(Path(file)) if isinstance(head, Head)] if file else []


def restore_whisper(folder: Path, *, force: bool) -> Path:
    """Unpack the whisper files; carbon must be stopped. Raises BackupError."""
    target = Path(load_settings().whisper_dir)
    if not load_settings().whisper_dir:
        raise BackupError("EUCORA_WHISPER_DIR is not set: unpack whisper.tar.gz where carbon keeps its files.")
    if target.is_dir() and any(target.iterdir()) and not force:
        raise BackupError(f"{target} is not empty. Move it away, or replace its files with --force.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(folder / WHISPER) as tar:
            for member in tar:
                _unpack(tar, member, target.joinpath(*Path(member.name).parts[1:]))
    except (OSError, tarfile.TarError) as error:
        raise BackupError(f"{folder / WHISPER} could not be unpacked: {error}.") from error
    return target


def _unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, place: Path) -> None:
    """Unpack a folder or a file; never a link, nor out of the folder. Debian's 3.11.2 lacks the filters of tarfile."""
    if ".." in place.parts or not (member.isdir() or member.isfile()):
        raise tarfile.TarError(f"it contains {member.name!r}, which no backup has")
    if member.isdir():
        place.mkdir(parents=True, exist_ok=True)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    packed = tar.extractfile(member)
    assert packed is not None  # a file has content
    with packed, place.open("wb") as file:
        shutil.copyfileobj(packed, file)
    os.utime(place, (member.mtime, member.mtime))


def _place_of_key(folder: Path, manifest: Manifest) -> str:
    return f", which is in {folder / KEY}" if manifest.has_key else "; it was not saved with this backup"


def _heads_of(folder: Path) -> list[Head]:
    saved = [head for head in heads.read(folder / HEADS) if isinstance(head, Head)]
    return [*saved, *known_heads()]


def _require_empty(force: bool) -> None:
    owner = create_engine(load_settings().owner_database_url)
    try:
        with owner.connect() as connection:
            tables = list(connection.execute(_TABLES).scalars())
            others = int(connection.execute(_OTHERS).scalar_one())
    finally:
        owner.dispose()
    if tables and not force:
        raise BackupError(
            f"The database is not empty ({len(tables)} tables). Name another one in EUCORA_DATABASE_URL, or replace it "
            "with --force; everything in it is lost then."
        )
    if others:
        raise BackupError(
            f"{others} other connections use the database. Stop the API, the workers and the scheduler first; "
            "PostgreSQL must keep running."
        )


def _drop_everything() -> None:
    owner = create_engine(load_settings().owner_database_url)
    with owner.begin() as connection:
        for table in connection.execute(_TABLES).scalars().all():
            connection.execute(text(f"DROP TABLE {table} CASCADE"))  # quoted by the database
        for function in connection.execute(_FUNCTIONS).scalars().all():
            connection.execute(text(f"DROP FUNCTION {function} CASCADE"))  # as above
    owner.dispose()
