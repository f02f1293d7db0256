"""The application as a table of contents: one line per concern."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_migrate import Migrate

from app import cli, db as database, instrumentation
from app.agents import views as agents
from app.artifacts import references, views as artifacts
from app.attention import views as attention
from app.audit import streams, views as audit, waits
from app.commands import service as commands
from app.commands.states import Purpose
from app.connectors import circuits, registry, views as connectors
from app.connectors.simulated import connector as simulated
from app.controls import service as incidents, views as controls
from app.dashboards import views as dashboards
from app.db import db, engine_options
from app.deployments import (
    device_views as device_history,
    membership,
    proposal_views as proposals,
    purposes,
    queries,
    reach,
    transitions,
    views as deployments,
)
from app.deployments.approval import documents, revocation, views as approval
from app.devices import service as fleet, views as devices
from app.dossier import views as dossier
from app.drift import views as drift
from app.drift.purpose import Remediation
from app.http import bodies, hardening, health, openapi, problems, proxies, rates, serialization, welcome
from app.identity import authentication, login_views as login, tokens, views as identity
from app.logs import configure_logging
from app.metrics.reading import views as metrics
from app.releases import packages, service as releases, views as releases_views
from app.settings import Settings, load_settings

DASHBOARDS = Path(__file__).parents[1] / "ops" / "grafana" / "dashboards"
"""The committed dashboards, which Grafana reads too."""


def create_app(settings: Settings | None = None) -> Flask:
    """Build the Flask application for these settings, by default those of the environment."""
    settings = settings or load_settings()
    configure_logging(settings)
    app = Flask("app")
    app.url_map.strict_slashes = False
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings.db_pool_size)
    database.install(app)
    Migrate(app, db, directory="app/migrations")

    proxies.install(app, settings)
    serialization.install(app)
    problems.install(app)
    instrumentation.install(app, settings)
    hardening.install(app)
    authentication.install(app)
    rates.install(app, settings)
    bodies.install(app)

    welcome.install(app)
    health.install(app)
    openapi.install(app, authentication.roles_of)
    identity.install(app)
    login.install(app, settings)
    devices.install(app)
    connectors.install(app)
    controls.install(app)
    releases_views.install(app)
    deployments.install(app)
    device_history.install(app)
    proposals.install(app)
    approval.install(app)
    drift.install(app)
    dossier.install(app)
    audit.install(app)
    artifacts.install(app)
    agents.install(app, settings)
    metrics.install(app, settings)
    attention.install(app)
    dashboards.install(app, settings, DASHBOARDS)
    incidents.install_requesters(transitions.requester)
    fleet.install_retirement_listener(membership.retire)
    tokens.install_revocation_listener(revocation.ask_again)
    simulated.install_roster(fleet.roster)
    circuits.install_history(commands.recent_calls)
    references.install(releases.references)
    references.install(packages.references)
    references.install(documents.references)
    authentication.install_target("application", releases_views.LIMITS, releases_views.require)
    authentication.install_target("deployment_id", reach.CHECKED, reach.require)
    streams.install_reach(reach.reached)
    waits.install_versions(queries.versions)
    purposes.install(Purpose.REMEDIATION, Remediation())
    registry.load()

    cli.install(app)
    return app
