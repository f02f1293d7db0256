"""`/drift`."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify

from app.drift import ordering, queries, service
from app.drift.schemas import AcceptanceIn, DriftQuery, RemediationIn
from app.http.idempotency import idempotent
from app.http.validation import spec
from app.http.versions import if_match, with_etag
from app.identity.authentication import caller

blueprint = Blueprint("drift", __name__)


@blueprint.get("/drift")
@spec.validate(tags=["drift"])
def index(query: DriftQuery) -> Response:
    """List devices whose installed version differs from the expected one, filtered and in pages."""
    return jsonify(queries.findings(query))


@blueprint.get("/drift/<int:finding_id>")
@spec.validate(tags=["drift"])
def show(finding_id: int) -> Response:
    """Get one finding."""
    return with_etag(queries.finding(finding_id))


@blueprint.post("/drift/remediations")
@idempotent
@spec.validate(tags=["drift"])
def order(json: RemediationIn) -> Response:
    """Have findings remediated that need a person: their devices get the expected release again."""
    return jsonify(ordering.order(caller().subject, json))


@blueprint.post("/drift/<int:finding_id>/accept")
@idempotent
@spec.validate(tags=["drift"])
def accept(finding_id: int, json: AcceptanceIn) -> Response:
    """Accept a finding: the device may stay as it is until it or what it should have changes. Honours If-Match."""
    service.accept(caller().subject, finding_id, json.reason, if_match())
    return with_etag(queries.finding(finding_id))


def install(app: Flask) -> None:
    """Serve the findings."""
    app.register_blueprint(blueprint, url_prefix="/api/v1")
