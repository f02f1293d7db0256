"""`flask events`."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.audit.findings import Audit
from app.audit.verify import Fault, verify
from app.settings import load_settings

cli_group = AppGroup("events", help="Audits of the event log.")


@cli_group.command("verify")
def verify_events() -> None:
    """Recompute the hash of every event and compare the log with its stored heads; exit 1 on any finding."""
    verification, heads_file = verify(), load_settings().event_heads_file
    heads = f"{verification.heads} heads match" if heads_file else "no heads are stored (EUCORA_EVENT_HEADS_FILE)"
    if verification.checked and verification.kinds[Fault.FORGED] == verification.checked:
        heads += "; is EUCORA_EVENT_KEY the key this log was written with?"
    if verification.archived:
        heads += f"; {verification.archived:,} events are archived"
    for last_id, next_id in verification.restored:
        click.echo(f"The log was restored to event {last_id:,} and goes on with event {next_id:,}.")
    if verification.absent:
        click.echo(
            f"Not verified, because the file is not in EUCORA_EVENT_ARCHIVE_DIR: {', '.join(verification.absent)}. "
            "The log was verified from the head that was recorded with it."
        )
    conclude(verification, "events", heads)


def conclude(audit: Audit, what: str, how: str) -> None:
    """Print an audit's findings and a summary; exit 1 if there are findings."""
    for finding in audit.findings:
        click.echo(finding.sentence)
    if audit.found > len(audit.findings):
        click.echo(f"... and {audit.found - len(audit.findings):,} more.")
    click.echo(f"{audit.checked:,} {what}, {audit.found:,} findings; {how}.")
    if audit.found:
        raise SystemExit(1)
