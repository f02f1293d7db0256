"""`flask events`."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.audit.findings import Audit
from app.audit.verify import Fault, verify
from app.settings import load_settings

cli_group = AppGroup("events", help="Proofs of the event log.")


@cli_group.command("verify")
def verify_events() -> None:
    """Recompute the whole chain and compare it with the heads kept elsewhere; exit 1 on any finding."""
    seen, file = verify(), load_settings().event_heads_file
    heads = f"{seen.heads} heads match" if file else "no heads are kept (EUCORA_EVENT_HEADS_FILE)"
    if seen.checked and seen.kinds[Fault.FORGED] == seen.checked:
        heads += "; is EUCORA_EVENT_KEY the key this log was written with?"
    conclude(seen, "events", heads)


def conclude(seen: Audit, what: str, how: str) -> None:
    """Print an audit's findings and its sum; exit 1 if there are any."""
    for finding in seen.findings:
        click.echo(finding.sentence)
    if seen.found > len(seen.findings):
        click.echo(f"... and {seen.found - len(seen.findings):,} more.")
    click.echo(f"{seen.checked:,} {what}, {seen.found:,} findings; {how}.")
    if seen.found:
        raise SystemExit(1)
