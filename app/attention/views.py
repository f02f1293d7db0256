"""`/attention`: parse, call, return."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify

from app.attention import service
from app.attention.responses import Attention
from app.http.operations import ok, operation

blueprint = Blueprint("attention", __name__)


@blueprint.get("/attention")
@operation("get_attention", "attention", ok(Attention))
def show() -> Response:
    """What needs a person now, and what is live, in order of need."""
    return jsonify(service.attention())


def install(app: Flask) -> None:
    """Serve it under `/api/v1`."""
    app.register_blueprint(blueprint, url_prefix="/api/v1")
