"""`/deployments/{id}/risk`, `/evidence`, `/approvals`, `/approve`, `/reject`, `/break-glass`: parse, call, return."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify

from app.deployments.approval import answers, break_glass as emergencies, queries
from app.deployments.approval.schemas import ApproveIn, BreakGlassIn, ConfirmIn, EvidenceIn, RejectIn
from app.http.idempotency import idempotent
from app.http.openapi import spec
from app.http.versions import if_match, with_etag
from app.identity.authentication import allowed, caller
from app.identity.roles import Role

blueprint = Blueprint("approval", __name__)


@blueprint.get("/deployments/<int:deployment_id>/risk")
@spec.validate(tags=["approval"])
def show_risk(deployment_id: int) -> Response:
    """Every assessment of the deployment's risk, with what its score is made of."""
    return jsonify(queries.risks(deployment_id))


@blueprint.get("/deployments/<int:deployment_id>/evidence")
@spec.validate(tags=["approval"])
def show_evidence(deployment_id: int) -> Response:
    """The evidence for the release, what is missing of it, and its seal."""
    return with_etag(queries.evidence_of(deployment_id))


@blueprint.put("/deployments/<int:deployment_id>/evidence")
@idempotent
@spec.validate(tags=["approval"])
def replace_evidence(deployment_id: int, json: EvidenceIn) -> Response:
    """Put other evidence in its place; approvals given for what was there are struck. Honours If-Match."""
    answers.replace_evidence(caller().subject, deployment_id, json, if_match())
    return with_etag(queries.evidence_of(deployment_id))


@blueprint.get("/deployments/<int:deployment_id>/approvals")
@spec.validate(tags=["approval"])
def show_approvals(deployment_id: int) -> Response:
    """Who answered what, how many approvals stand, and what each ring asks for."""
    return with_etag(queries.approvals(deployment_id))


@blueprint.post("/deployments/<int:deployment_id>/approve")
@allowed(Role.APPROVER)
@idempotent
@spec.validate(tags=["approval"])
def approve(deployment_id: int, json: ApproveIn) -> Response:
    """Sign off what would be rolled out; never by whoever asked for it. Honours If-Match."""
    answers.approve(caller().subject, deployment_id, json.comment, if_match())
    return with_etag(queries.approvals(deployment_id))


@blueprint.post("/deployments/<int:deployment_id>/reject")
@allowed(Role.APPROVER)
@idempotent
@spec.validate(tags=["approval"])
def reject(deployment_id: int, json: RejectIn) -> Response:
    """Turn a deployment down, which ends it; never by whoever asked for it. Honours If-Match."""
    answers.reject(caller().subject, deployment_id, json.comment, if_match())
    return with_etag(queries.approvals(deployment_id))


@blueprint.post("/deployments/<int:deployment_id>/break-glass")
@allowed(Role.ADMIN)
@idempotent
@spec.validate(tags=["approval"])
def break_glass(deployment_id: int, json: BreakGlassIn) -> Response:
    """Pass a freeze for an open incident; a second person must confirm it within 24 hours. Honours If-Match."""
    emergencies.use(caller().subject, deployment_id, json, if_match())
    return with_etag(queries.approvals(deployment_id))


@blueprint.post("/deployments/<int:deployment_id>/break-glass/confirm")
@allowed(Role.APPROVER)
@idempotent
@spec.validate(tags=["approval"])
def confirm_glass(deployment_id: int, json: ConfirmIn) -> Response:
    """Confirm break-glass as the second person. Honours If-Match."""
    emergencies.confirm(caller().subject, deployment_id, json.comment, if_match())
    return with_etag(queries.approvals(deployment_id))


def install(app: Flask) -> None:
    """Serve sign-off and break-glass."""
    app.register_blueprint(blueprint, url_prefix="/api/v1")
