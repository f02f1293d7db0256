"""`/ring-plans/{name}/proposals`: changes of ring plans that take two people."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify, url_for

from app.deployments import plans
from app.deployments.errors import (
    InvalidRingPlan,
    NoSuchProposal,
    NoSuchRingPlan,
    NothingToPropose,
    OutdatedProposal,
    OwnProposal,
    ProposalDecided,
)
from app.deployments.plan_responses import RingPlan, RingPlanProposal
from app.deployments.schemas import ProposalConfirmationIn, ProposalIn, ProposalRejectionIn
from app.http.idempotency import idempotent
from app.http.operations import created, ok, operation
from app.http.responses import Items
from app.http.versions import if_match, with_etag
from app.identity.authentication import allowed, caller
from app.identity.roles import Role

blueprint = Blueprint("proposals", __name__)


@blueprint.post("/ring-plans/<name>/proposals")
@idempotent
@operation(
    "propose_ring_plan",
    "ring plans",
    created(RingPlanProposal, "Proposed; another person must confirm it.", etag=True),
    errors=(NoSuchRingPlan, InvalidRingPlan, NothingToPropose),
    if_match=True,
)
def propose(name: str, json: ProposalIn) -> Response:
    """Propose the next version of a ring plan, in place of a pending proposal. If-Match is the plan's version."""
    proposal_id = plans.propose(caller().subject, name, json.plan, json.reason, if_match())
    location = url_for("proposals.show", name=name, proposal_id=proposal_id)
    return with_etag(plans.proposal(name, proposal_id), 201, {"Location": location})


@blueprint.get("/ring-plans/<name>/proposals")
@operation("list_ring_plan_proposals", "ring plans", ok(Items[RingPlanProposal]))
def index(name: str) -> Response:
    """List the latest proposed changes of a ring plan, newest first."""
    return jsonify(items=plans.proposals(name))


@blueprint.get("/ring-plans/<name>/proposals/<int:proposal_id>")
@operation("get_ring_plan_proposal", "ring plans", ok(RingPlanProposal, etag=True), errors=(NoSuchProposal,))
def show(name: str, proposal_id: int) -> Response:
    """Show one proposed change of a ring plan, with what it changes and weakens."""
    return with_etag(plans.proposal(name, proposal_id))


@blueprint.post("/ring-plans/<name>/proposals/<int:proposal_id>/confirm")
@allowed(Role.APPROVER)
@idempotent
@operation(
    "confirm_ring_plan_proposal",
    "ring plans",
    ok(RingPlan, "Confirmed: the plan's next version.", etag=True),
    errors=(NoSuchProposal, OwnProposal, ProposalDecided, OutdatedProposal),
    if_match=True,
)
def confirm(name: str, proposal_id: int, json: ProposalConfirmationIn) -> Response:
    """Confirm a proposed change as the second person; the plan has a new version. Honours If-Match."""
    plan = plans.confirm(caller().subject, name, proposal_id, json.comment, if_match())
    return with_etag(plan.as_json())


@blueprint.post("/ring-plans/<name>/proposals/<int:proposal_id>/reject")
@allowed(Role.OPERATOR, Role.APPROVER)
@idempotent
@operation(
    "reject_ring_plan_proposal",
    "ring plans",
    ok(RingPlanProposal, "Rejected.", etag=True),
    errors=(NoSuchProposal, ProposalDecided),
    if_match=True,
)
def reject(name: str, proposal_id: int, json: ProposalRejectionIn) -> Response:
    """Reject a proposed change, or withdraw your own. Honours If-Match."""
    plans.reject(caller().subject, name, proposal_id, json.comment, if_match())
    return with_etag(plans.proposal(name, proposal_id))


def install(app: Flask) -> None:
    """Register the routes of proposals."""
    app.register_blueprint(blueprint, url_prefix="/api/v1")
