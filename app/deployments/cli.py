"""`flask events replay-gates`."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.audit.cli import conclude
from app.deployments.replay import replay


@click.command("replay-gates")
@with_appcontext
def replay_gates() -> None:
    """Evaluate every stored gate evaluation again from its inputs; exit 1 if a verdict differs."""
    conclude(replay(), "gate evaluations", "judged again from their stored inputs")
