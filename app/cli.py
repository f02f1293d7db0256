"""The commands of `flask`; each package defines its own."""

from __future__ import annotations

from flask import Flask

from app.artifacts import cli as artifacts
from app.audit import cli as audit
from app.backup import cli as backup
from app.demo import cli as demo
from app.deployments import cli as deployments
from app.devices import cli as devices
from app.doctor import cli as doctor
from app.identity import cli as identity
from app.metrics import cli as metrics


def install(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(identity.cli_group)
    app.cli.add_command(identity.subjects_group)
    app.cli.add_command(devices.cli_group)
    app.cli.add_command(artifacts.cli_group)
    app.cli.add_command(audit.cli_group)
    audit.cli_group.add_command(deployments.replay_gates)
    app.cli.add_command(deployments.cli_group)
    audit.cli_group.add_command(backup.accept_restore)
    app.cli.add_command(backup.backup)
    app.cli.add_command(backup.restore)
    app.cli.add_command(metrics.cli_group)
    app.cli.add_command(metrics.slo)
    app.cli.add_command(demo.demo)
    app.cli.add_command(doctor.doctor)
