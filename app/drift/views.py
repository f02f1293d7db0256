"""`/drift`."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify

from app.drift import ordering, queries, service
from app.drift.errors import FindingClosed, NoSuchFinding
from app.drift.responses import Finding, RemediationOrder
from app.drift.schemas import AcceptanceIn, DriftQuery, RemediationIn
from app.http.idempotency import idempotent
from app.http.operations import ok, operation
from app.http.responses import Page
from app.http.versions import if_match, with_etag
from app.identity.authentication import caller

blueprint = Blueprint("drift", __name__)


@blueprint.get("/drift")
@operation("list_findings", "drift", ok(Page[Finding]))
def index(query: DriftQuery) -> Response:
    """List devices whose installed version differs from the expected one, filtered and in pages."""
    return jsonify(queries.findings(query))


@blueprint.get("/drift/<int:finding_id>")
@operation("get_finding", "drift", ok(Finding, etag=True), errors=(NoSuchFinding,))
def show(finding_id: int) -> Response:
    """Get one finding."""
    return with_etag(queries.finding(finding_id))


@blueprint.post("/drift/remediations")
@idempotent
@operation("order_remediation", "drift", ok(RemediationOrder))
def order(json: RemediationIn) -> Response:
    """Have findings remediated that need a person: their devices get the expected release again."""
    return jsonify(ordering.order(caller().subject, json))


@blueprint.post("/drift/<int:finding_id>/accept")
@idempotent
@operation("accept_finding", "drift", ok(Finding, etag=True), errors=(NoSuchFinding, FindingClosed), if_match=True)
def accept(finding_id: int, json: AcceptanceIn) -> Response:
    """Accept a finding: the device may stay as it is until it or what it should have changes. Honours If-Match."""
    service.accept(caller().subject, finding_id, json.reason, if_match())
    return with_etag(queries.finding(finding_id))


def install(app: Flask) -> None:
    """Serve the findings."""
    app.register_blueprint(blueprint, url_prefix="/api/v1")
