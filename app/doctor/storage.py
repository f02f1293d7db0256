"""Checks of what is stored: the end of the event log, old rows, whisper files, and the space that is left."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.artifacts import checking, storage as store
from app.artifacts.errors import StoreFull, StoreUnavailable
from app.audit import heads
from app.audit.heads import Head
from app.doctor.check import CheckContext, CheckResult, CheckState, short
from app.doctor.services import connected
from app.events.models import Event, EventArchive
from app.http.models import IdempotencyKey
from app.metrics.proof import whisper
from app.retention import service as retention
from app.settings import Settings

FREE_BYTES = 2 * 1024**3
"""Less free space than this is a warning: PostgreSQL alone may use 4 GB for its log at peak times."""
OVERDUE = timedelta(days=2)
"""The job `retain` may fail or be behind for so long after a row's time."""
SHOWN = 3


def event_log(context: CheckContext) -> CheckResult:
    """The log is not older than its stored heads: neither cut off nor restored without saying so."""
    file = context.settings.event_heads_file
    stored = [head.id for head in heads.read(Path(file)) if isinstance(head, Head)] if file else []
    try:
        with connected(context) as connection:
            newest = connection.execute(select(func.coalesce(func.max(Event.id), 0))).scalar_one()
    except SQLAlchemyError as error:
        return CheckResult("event log", CheckState.FAIL, f"unknown: {short(error)}", "See `database`.")
    if stored and max(stored) > newest:
        fix = (
            "If the database was restored to an earlier time, run `flask --app wsgi events accept-restore` before "
            "anything writes to it. Otherwise, somebody removed events: run `flask --app wsgi events verify`."
        )
        detail = f"it ends at event {newest:,}, but event {max(stored):,} was recorded in {file}"
        return CheckResult("event log", CheckState.FAIL, detail, fix)
    known = f"the newest stored head is event {max(stored):,}" if stored else "no heads are stored"
    return CheckResult("event log", CheckState.OK, f"it ends at event {newest:,}; {known}")


def old_rows(context: CheckContext) -> CheckResult:
    """The job `retain` deletes old rows. Idempotency keys show it: they go by age alone, and any day may have some."""
    days = context.settings.keep_idempotency_keys
    before = retention.limit(days, clock.now())
    if before is None:
        return CheckResult("old rows", CheckState.OK, "not known: EUCORA_KEEP_IDEMPOTENCY_KEYS keeps every key")
    try:
        with connected(context) as connection:
            oldest = connection.execute(select(func.min(IdempotencyKey.created_at))).scalar_one()
    except SQLAlchemyError as error:
        return CheckResult("old rows", CheckState.FAIL, f"unknown: {short(error)}", "See `database`.")
    if oldest is not None and oldest < before - OVERDUE:
        age = (clock.now() - oldest).days
        detail = f"an idempotency key of {age} days ago is still stored, though they are kept for {days}"
        fix = (
            "The job `retain` has not finished for days, so the tables grow. See `scheduler` and `workers`, then look "
            "for `retain` in the log of the workers that serve the queue `drift`."
        )
        return CheckResult("old rows", CheckState.WARN, detail, fix)
    return CheckResult("old rows", CheckState.OK, f"idempotency keys older than {days} days are deleted")


def event_archives(context: CheckContext) -> CheckResult:
    """This host sees every file that events were archived to: any host may write the next one."""
    try:
        with connected(context) as connection:
            files = connection.execute(select(EventArchive.file).order_by(EventArchive.last_id)).scalars().all()
    except SQLAlchemyError as error:
        return CheckResult("event archives", CheckState.FAIL, f"unknown: {short(error)}", "See `database`.")
    folder = context.settings.event_archive_dir
    absent = [file for file in files if not folder or not (Path(folder) / file).is_file()]
    if not absent:
        return CheckResult("event archives", CheckState.OK, f"{len(files):,} files, all in {folder or 'no folder'}")
    more = f", and {len(absent) - SHOWN:,} more" if len(absent) > SHOWN else ""
    detail = f"not in {folder or 'EUCORA_EVENT_ARCHIVE_DIR, which is not set'}: {', '.join(absent[:SHOWN])}{more}"
    fix = "Mount the same folder on every host, or set EUCORA_EVENT_ARCHIVE_DIR to it. If they are lost, restore them."
    return CheckResult("event archives", CheckState.WARN, detail, fix)


def artifacts(context: CheckContext) -> CheckResult:
    """The store responds, and has the content of every artifact."""
    place = store.of(context.settings)
    try:
        with connected(context) as connection:
            found = checking.compare(place, connection)
    except SQLAlchemyError as error:
        return CheckResult("artifacts", CheckState.FAIL, f"unknown: {short(error)}", "See `database`.")
    except (StoreFull, StoreUnavailable) as error:
        fix = "Uploads and downloads of artifacts fail with 503; rollouts go on. See EUCORA_ARTIFACTS_URL."
        return CheckResult("artifacts", CheckState.FAIL, error.detail, fix)
    kept = f"{found.artifacts:,} of {found.size / 1e6:,.1f} MB in {place}"
    bad = [*found.missing, *found.damaged]
    if bad:
        named = ", ".join(sha256[:12] for sha256 in bad[:SHOWN])
        fix = (
            "After a restore, bring the contents back from the same backup. Else upload them again: `flask --app wsgi "
            "artifacts check` lists all. If every one is missing, see whether this host has the store of the others."
        )
        return CheckResult("artifacts", CheckState.FAIL, f"{kept}; no whole content: {len(bad):,} ({named})", fix)
    if found.orphans:
        more = "contents without an artifact, which `retain` deletes a day after they came"
        old = [each for each in found.orphans if each.at < clock.now() - OVERDUE]
        if old:
            fix = "The job `retain` deletes them after midnight (UTC). See `scheduler` and `workers`."
            return CheckResult("artifacts", CheckState.WARN, f"{kept}; {len(old):,} {more}", fix)
        kept += f"; {len(found.orphans):,} {more}"
    return CheckResult("artifacts", CheckState.OK, kept)


def whisper_files(context: CheckContext) -> CheckResult:
    """No whisper file was cut: carbon drops every point of such a series."""
    folder = context.settings.whisper_dir
    if not folder or not Path(folder).is_dir():
        return CheckResult("whisper files", CheckState.OK, "not on this machine (EUCORA_WHISPER_DIR)")
    cut = [str(file) for file in whisper.damaged(Path(folder))]
    if not cut:
        return CheckResult("whisper files", CheckState.OK, f"all in {folder} are whole")
    more = f", and {len(cut) - SHOWN:,} more" if len(cut) > SHOWN else ""
    fix = (
        "Run `flask --app wsgi metrics reconcile --since 7d --repair`: it moves them aside and adds what the events "
        "know. Their other history is lost; restore it from a backup if there is one."
    )
    return CheckResult("whisper files", CheckState.FAIL, f"damaged: {', '.join(cut[:SHOWN])}{more}", fix)


def disk_space(context: CheckContext) -> CheckResult:
    """Every folder that we know of has room."""
    return _room(context.settings, FREE_BYTES)


def _room(settings: Settings, enough: int) -> CheckResult:
    files = [Path(settings.event_heads_file).parent] if settings.event_heads_file else []
    named = [Path(folder) for folder in (settings.whisper_dir, settings.event_archive_dir) if folder]
    url = urlsplit(settings.artifacts_url)
    named += [Path(unquote(url.path))] if url.scheme == "file" else []
    folders = [folder for folder in (*files, *named) if folder.is_dir()] or [Path()]
    free = {folder: shutil.disk_usage(folder).free for folder in folders}
    short_of = [f"{folder.resolve()} has {size / 1e9:.1f} GB left" for folder, size in free.items() if size < enough]
    if short_of:
        fix = (
            "Free some space or move the folder. If PostgreSQL's disk is full, requests fail with 503 and change "
            "nothing; if carbon's is, points are lost."
        )
        return CheckResult("disk space", CheckState.WARN, "; ".join(dict.fromkeys(short_of)), fix)
    return CheckResult("disk space", CheckState.OK, f"at least {min(free.values()) / 1e9:.1f} GB left")
