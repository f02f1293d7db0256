"""`/deployments/{id}/risk`, `/evidence`, `/approvals`, `/approve`, `/reject`, `/break-glass`: parse, call, return."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify

from app.deployments.approval import answers, break_glass as break_glass_service, floor, queries
from app.deployments.approval.errors import (
    AlreadyAnswered,
    GlassAlreadyBroken,
    IncompleteEvidence,
    NotAssessed,
    NothingToConfirm,
    OwnApproval,
    OwnConfirmation,
    UnknownIncident,
)
from app.deployments.approval.responses import ApprovalFloor, Approvals, EvidenceState, RiskAssessments
from app.deployments.approval.schemas import ApproveIn, BreakGlassIn, ConfirmIn, EvidenceIn, FloorIn, RejectIn
from app.deployments.errors import IllegalTransition, NoSuchDeployment
from app.http.idempotency import idempotent
from app.http.operations import ok, operation
from app.http.versions import if_match, with_etag
from app.identity.authentication import allowed, caller
from app.identity.roles import Role

blueprint = Blueprint("approval", __name__)


@blueprint.get("/deployments/<int:deployment_id>/risk")
@operation("list_risk_assessments", "approval", ok(RiskAssessments), errors=(NoSuchDeployment,))
def show_risk(deployment_id: int) -> Response:
    """List the assessments of a deployment's risk, with the factors of each score."""
    return jsonify(queries.risks(deployment_id))


@blueprint.get("/deployments/<int:deployment_id>/evidence")
@operation("get_evidence", "approval", ok(EvidenceState, etag=True), errors=(NoSuchDeployment,))
def show_evidence(deployment_id: int) -> Response:
    """Show a deployment's evidence, the missing parts, and its hash."""
    return with_etag(queries.evidence_of(deployment_id))


@blueprint.put("/deployments/<int:deployment_id>/evidence")
@idempotent
@operation(
    "replace_evidence",
    "approval",
    ok(EvidenceState, etag=True),
    errors=(NoSuchDeployment, IllegalTransition),
    if_match=True,
)
def replace_evidence(deployment_id: int, json: EvidenceIn) -> Response:
    """Replace a deployment's evidence. Approvals of other evidence become invalid. Honours If-Match."""
    answers.replace_evidence(caller().subject, deployment_id, json, if_match())
    return with_etag(queries.evidence_of(deployment_id))


@blueprint.get("/deployments/<int:deployment_id>/approvals")
@operation("get_approvals", "approval", ok(Approvals, etag=True), errors=(NoSuchDeployment,))
def show_approvals(deployment_id: int) -> Response:
    """List the approvals and rejections, how many approvals are valid, and what each ring requires."""
    return with_etag(queries.approvals(deployment_id))


@blueprint.post("/deployments/<int:deployment_id>/approve")
@allowed(Role.APPROVER)
@idempotent
@operation(
    "approve_deployment",
    "approval",
    ok(Approvals, etag=True),
    errors=(NoSuchDeployment, AlreadyAnswered, IllegalTransition, IncompleteEvidence, NotAssessed, OwnApproval),
    if_match=True,
)
def approve(deployment_id: int, json: ApproveIn) -> Response:
    """Approve a deployment. Its requester cannot. Honours If-Match."""
    answers.approve(caller().subject, deployment_id, json.comment, if_match())
    return with_etag(queries.approvals(deployment_id))


@blueprint.post("/deployments/<int:deployment_id>/reject")
@allowed(Role.APPROVER)
@idempotent
@operation(
    "reject_deployment",
    "approval",
    ok(Approvals, etag=True),
    errors=(NoSuchDeployment, IllegalTransition, OwnApproval),
    if_match=True,
)
def reject(deployment_id: int, json: RejectIn) -> Response:
    """Reject a deployment, which ends it. Its requester cannot. Honours If-Match."""
    answers.reject(caller().subject, deployment_id, json.comment, if_match())
    return with_etag(queries.approvals(deployment_id))


@blueprint.post("/deployments/<int:deployment_id>/break-glass")
@allowed(Role.ADMIN)
@idempotent
@operation(
    "break_glass",
    "approval",
    ok(Approvals, etag=True),
    errors=(NoSuchDeployment, GlassAlreadyBroken, IllegalTransition, UnknownIncident),
    if_match=True,
)
def break_glass(deployment_id: int, json: BreakGlassIn) -> Response:
    """Dispatch during a freeze, for an open incident; a second person confirms within 24 hours. Honours If-Match."""
    break_glass_service.use(caller().subject, deployment_id, json, if_match())
    return with_etag(queries.approvals(deployment_id))


@blueprint.post("/deployments/<int:deployment_id>/break-glass/confirm")
@allowed(Role.APPROVER)
@idempotent
@operation(
    "confirm_break_glass",
    "approval",
    ok(Approvals, etag=True),
    errors=(NoSuchDeployment, NothingToConfirm, OwnConfirmation),
    if_match=True,
)
def confirm_glass(deployment_id: int, json: ConfirmIn) -> Response:
    """Confirm break-glass as the second person. Honours If-Match."""
    break_glass_service.confirm(caller().subject, deployment_id, json.comment, if_match())
    return with_etag(queries.approvals(deployment_id))


@blueprint.get("/approval-floor")
@operation("get_approval_floor", "approval", ok(ApprovalFloor, etag=True))
def show_floor() -> Response:
    """Show how many people must approve a rollout whose risk requires approval, whatever its plan says."""
    return with_etag(floor.shown())


@blueprint.put("/approval-floor")
@allowed(Role.ADMIN)
@idempotent
@operation("put_approval_floor", "approval", ok(ApprovalFloor, etag=True), if_match=True)
def change_floor(json: FloorIn) -> Response:
    """Set the floor for rollouts that are planned from now on. Honours If-Match."""
    floor.change(caller().subject, json, if_match())
    return with_etag(floor.shown())


def install(app: Flask) -> None:
    """Register the routes of risk, evidence, approvals and break-glass."""
    app.register_blueprint(blueprint, url_prefix="/api/v1")
