"""`/healthz`: the process responds. `/readyz`: the services it needs respond too."""

from __future__ import annotations

import socket
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, Response, jsonify
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from app.db import db
from app.http.callers import open_to_all
from app.http.operations import JSON, Reply, ok, operation
from app.http.responses import Health, Readiness
from app.queue import connection
from app.settings import load_settings

MIGRATIONS = Path(__file__).parents[1] / "migrations"
PROBE_SECONDS = 0.5

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@open_to_all
@operation("get_health", "health", ok(Health))
def healthz() -> Response:
    """The process is alive."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@open_to_all
@operation(
    "get_readiness",
    "health",
    ok(Readiness, "The API can serve."),
    Reply(503, "A required service is down.", {JSON: Readiness}),
)
def readyz() -> Response:
    """Whether the API can serve. Database, schema and Redis are required (503 without them); others are reported."""
    required = {"database": database_state(), "redis": _redis()}
    settings = load_settings()
    graphite = urlsplit(settings.graphite_url)
    reported = {
        "statsd": _listens(settings.statsd_host, settings.statsd_admin_port),
        "graphite": _listens(graphite.hostname or "", graphite.port or (443 if graphite.scheme == "https" else 80)),
    }
    ready = all(state == "ok" for state in required.values())
    response = jsonify(status="ok" if ready else "unavailable", **required, **reported)
    response.status_code = 200 if ready else 503
    return response


def database_state() -> str:
    """`ok` if the database responds and has the schema of this version, else what is wrong."""
    try:
        with db.engine.connect() as connected:
            present = connected.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except ProgrammingError:
        present = None
    except SQLAlchemyError:
        return "does not answer"
    newest = _newest_migration()
    return "ok" if present == newest else f"schema is at {present}, not {newest}: run `flask db upgrade`"


@cache
def _newest_migration() -> str | None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head()


def _redis() -> str:
    try:
        connection().ping()
    except RedisError:
        return "does not answer"
    return "ok"


def _listens(host: str, port: int) -> str:
    try:
        socket.create_connection((host, port), PROBE_SECONDS).close()
    except OSError:
        return "does not answer"
    return "ok"


def install(app: Flask) -> None:
    """Serve both at the root, where orchestrators expect them, and under `/api/v1`."""
    app.register_blueprint(blueprint)
    app.register_blueprint(blueprint, url_prefix="/api/v1", name="health_v1")
