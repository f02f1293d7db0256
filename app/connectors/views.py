"""`/connectors`."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify

from app.connectors import circuits, queries, registry
from app.connectors.registry import NoSuchConnector
from app.connectors.responses import Connector
from app.connectors.schemas import BreakerIn
from app.http.idempotency import idempotent
from app.http.operations import ok, operation
from app.http.responses import Items
from app.http.versions import if_match, with_etag
from app.identity.authentication import caller

blueprint = Blueprint("connectors", __name__)


@blueprint.get("/connectors")
@operation("list_connectors", "connectors", ok(Items[Connector]))
def index() -> Response:
    """Every connector with its breaker."""
    return jsonify(items=queries.listing())


@blueprint.get("/connectors/<name>")
@operation("get_connector", "connectors", ok(Connector, etag=True), errors=(NoSuchConnector,))
def show(name: str) -> Response:
    """One connector with its breaker."""
    return with_etag(queries.describe(name))


@blueprint.post("/connectors/<name>/breaker")
@idempotent
@operation("set_breaker", "connectors", ok(Connector, etag=True), errors=(NoSuchConnector,), if_match=True)
def set_breaker(name: str, json: BreakerIn) -> Response:
    """Open a connector's breaker until a person closes it, or close it at once. Honours If-Match."""
    registry.require_known(name)
    state = circuits.set_by_hand(caller().subject, name, json.breaker_state, json.reason, if_match())
    return with_etag(queries.shown(name, state))


def install(app: Flask) -> None:
    """Serve the connectors."""
    app.register_blueprint(blueprint, url_prefix="/api/v1")
