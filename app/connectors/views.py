"""`/connectors`."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify

from app.connectors import service
from app.http.openapi import spec

blueprint = Blueprint("connectors", __name__)


@blueprint.get("/connectors")
@spec.validate(tags=["connectors"])
def index() -> Response:
    """Every connector with its breaker."""
    return jsonify(items=service.listing())


@blueprint.get("/connectors/<name>")
@spec.validate(tags=["connectors"])
def show(name: str) -> Response:
    """One connector with its breaker."""
    return jsonify(service.describe(name))


def install(app: Flask) -> None:
    """Serve the connectors."""
    app.register_blueprint(blueprint, url_prefix="/api/v1")
