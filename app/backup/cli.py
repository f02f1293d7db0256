"""`flask backup` and `flask restore`."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import InterfaceError, OperationalError

from app import clock
from app.artifacts import storage
from app.backup import restoring, saving
from app.backup.errors import BackupError
from app.settings import load_settings
from app.terminal import unreadable

folder_argument = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))


@click.command("backup")
@folder_argument
@click.option("--with-key", is_flag=True, help="Save the event key too: whoever reads it can forge events.")
@with_appcontext
def backup(folder: Path, with_key: bool) -> None:
    """Save the database, the stored heads and, if they are here, the whisper files to a new folder."""
    try:
        manifest = saving.save(folder, with_key=with_key)
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    except (OperationalError, InterfaceError) as error:
        unreadable(f"The database cannot be read: {error.orig}")
    click.echo(f"Saved to {folder}: the database up to event {manifest.head_id:,} or later, schema {manifest.schema}.")
    if not manifest.has_key:
        click.echo(
            f"The event key is not in it (fingerprint {manifest.event_key}): keep it elsewhere, or no restored event "
            "can be verified."
        )
    if archive := load_settings().event_archive_dir:
        click.echo(f"Archived events are not in it: back up {archive} (EUCORA_EVENT_ARCHIVE_DIR) as other files.")
    click.echo(f"Artifacts are not in it: back up {storage.current()} (EUCORA_ARTIFACTS_URL) after the database.")
    if not manifest.has_whisper:
        click.echo("No whisper files: EUCORA_WHISPER_DIR names no folder on this machine. Back up Graphite there.")


@click.command("restore")
@folder_argument
@click.option("--force", is_flag=True, help="Replace a database that is not empty; its content is lost.")
@click.option("--whisper", is_flag=True, help="Unpack the whisper files too; carbon must be stopped.")
@with_appcontext
def restore(folder: Path, force: bool, whisper: bool) -> None:
    """Restore a backup into an empty database, verify it, and record where the log was cut; exit 1 on any finding."""
    try:
        result = restoring.restore(folder, force=force)
        target = restoring.restore_whisper(folder, force=force) if whisper else None
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    except (OperationalError, InterfaceError) as error:
        unreadable(f"The database cannot be read: {error.orig}")
    for finding in result.verification.findings:
        click.echo(finding.sentence)
    click.echo(
        f"Restored up to event {result.last_id:,}: {result.verification.checked:,} events verified, "
        f"{result.verification.found:,} findings, {result.differing_totals:,} totals differ from their events."
    )
    click.echo(f"The log goes on with event {result.next_id:,}; the ids between are not used again.")
    if target:
        click.echo(f"Whisper files are in {target}. Start carbon, then run `flask metrics reconcile --repair`.")
    click.echo(
        "Graphite may still show what happened after the backup. `flask metrics reconcile` leaves that time out; "
        "docs/operations.md says what else to do."
    )
    if result.verification.found or result.differing_totals:
        raise SystemExit(1)


@click.command("accept-restore")
@with_appcontext
def accept_restore() -> None:
    """Record that the database was restored by other means, such as a snapshot, to an earlier time."""
    last_id, next_id = restoring.accept(restoring.known_heads(), clock.now().isoformat())
    click.echo(f"The log ends at event {last_id:,} and goes on with event {next_id:,}.")
