"""`/deployments`, `/reports`, `/ring-plans`: parse, call, return."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, Response, jsonify, request, url_for
from pydantic import ValidationError

from app.deployments import left_behind, overview, plans, preview, queries, reports, rollback, service, waivers
from app.deployments.models import Deployment
from app.deployments.schemas import (
    AssignmentQuery,
    CreationQuery,
    DecisionIn,
    DeploymentIn,
    DeploymentQuery,
    LeftBehindAcceptanceIn,
    LeftBehindQuery,
    PlanIn,
    PlanQuery,
    PreviewQuery,
    PromotionIn,
    ReportIn,
    RollbackIn,
    WaiverIn,
)
from app.http.bodies import is_stream, parse_list
from app.http.idempotency import idempotent, idempotent_unless
from app.http.pagination import PageQuery
from app.http.uploads import Streamed, carry_out
from app.http.validation import spec
from app.http.versions import IfMatch, if_match, must_be_new, must_exist, with_etag
from app.identity.authentication import allowed, caller
from app.identity.roles import Role

blueprint = Blueprint("deployments", __name__)
Decision = Callable[[str, int, str, IfMatch], Deployment]


def _is_dry_run() -> bool:
    """Whether the view, if it accepts the query, stores nothing."""
    try:
        return CreationQuery.model_validate(request.args.to_dict()).dry_run
    except ValidationError:
        return False


@blueprint.post("/deployments")
@idempotent_unless(_is_dry_run)
@spec.validate(tags=["deployments"])
def create(query: CreationQuery, json: DeploymentIn) -> Response:
    """Roll out a release, or with dry_run only preview that. An application has one live deployment on a platform."""
    if query.dry_run:
        return jsonify(preview.of_request(caller().subject, json))
    created = service.create(caller().subject, json)
    return _shown(created.id, 201, {"Location": url_for("deployments.show", deployment_id=created.id)})


@blueprint.get("/deployments")
@spec.validate(tags=["deployments"])
def index(query: DeploymentQuery) -> Response:
    """List deployments, oldest first."""
    return jsonify(queries.deployments(query))


@blueprint.get("/deployments/<int:deployment_id>")
@spec.validate(tags=["deployments"])
def show(deployment_id: int) -> Response:
    """Show a deployment with its rings and their counters."""
    return _shown(deployment_id)


@blueprint.get("/deployments/<int:deployment_id>/overview")
@spec.validate(tags=["deployments"])
def show_overview(deployment_id: int) -> Response:
    """Show a deployment with the reasons of its failures and its latest decisions."""
    return jsonify(overview.overview(deployment_id))


@blueprint.get("/deployments/<int:deployment_id>/rings")
@spec.validate(tags=["deployments"])
def show_rings(deployment_id: int) -> Response:
    """List a deployment's rings with their counters, rates and latest verdict."""
    return jsonify(items=queries.deployment(deployment_id)["rings"])


@blueprint.get("/deployments/<int:deployment_id>/events")
@spec.validate(tags=["deployments"])
def show_events(deployment_id: int, query: PageQuery) -> Response:
    """List every decision about a deployment, oldest first."""
    return jsonify(queries.events(deployment_id, query))


@blueprint.get("/deployments/<int:deployment_id>/gates")
@spec.validate(tags=["deployments"])
def show_gates(deployment_id: int, query: PageQuery) -> Response:
    """List a deployment's gate evaluations with the inputs of each verdict."""
    return jsonify(queries.gates(deployment_id, query))


@blueprint.get("/deployments/<int:deployment_id>/assignments")
@spec.validate(tags=["deployments"])
def show_assignments(deployment_id: int, query: AssignmentQuery) -> Response:
    """List a deployment's devices with the status of each."""
    return jsonify(queries.assignments(deployment_id, query))


@blueprint.get("/deployments/<int:deployment_id>/left-behind")
@spec.validate(tags=["deployments"])
def show_left_behind(deployment_id: int, query: LeftBehindQuery) -> Response:
    """List the devices that still have a release although it was rolled back."""
    return jsonify(left_behind.listing(deployment_id, query))


@blueprint.post("/deployments/<int:deployment_id>/left-behind/accept")
@idempotent
@spec.validate(tags=["deployments"])
def accept_left_behind(deployment_id: int, json: LeftBehindAcceptanceIn) -> Response:
    """Let devices keep a release that was rolled back: they no longer count as left behind."""
    return jsonify(left_behind.accept(caller().subject, deployment_id, json))


@blueprint.post("/deployments/<int:deployment_id>/pause")
@idempotent
@spec.validate(tags=["deployments"])
def pause(deployment_id: int, json: DecisionIn) -> Response:
    """Stop dispatching until the deployment is resumed. Honours If-Match."""
    return _decide(service.pause, deployment_id, json)


@blueprint.post("/deployments/<int:deployment_id>/resume")
@idempotent
@spec.validate(tags=["deployments"])
def resume(deployment_id: int, json: DecisionIn) -> Response:
    """Resume a paused deployment. Honours If-Match."""
    return _decide(service.resume, deployment_id, json)


@blueprint.post("/deployments/<int:deployment_id>/abort")
@idempotent
@spec.validate(tags=["deployments"])
def abort(deployment_id: int, json: DecisionIn) -> Response:
    """End a deployment. Devices that were not dispatched to are cancelled. Honours If-Match."""
    return _decide(service.abort, deployment_id, json)


@blueprint.post("/deployments/<int:deployment_id>/promote")
@idempotent
@spec.validate(tags=["deployments"])
def promote(deployment_id: int, json: PromotionIn) -> Response:
    """End the current ring's soak if its gate waits only for time. The requester cannot. Honours If-Match."""
    return _decide(service.promote, deployment_id, json)


@blueprint.post("/deployments/<int:deployment_id>/rollback")
@idempotent
@spec.validate(tags=["deployments"])
def roll_back(deployment_id: int, json: RollbackIn) -> Response:
    """Create a rollback, which returns devices to the release they had. Ends a live deployment. Honours If-Match."""
    back = rollback.request(caller().subject, deployment_id, json.reason, if_match(), json.follow_up)
    return _shown(back.id, 201, {"Location": url_for("deployments.show", deployment_id=back.id)})


@blueprint.post("/deployments/<int:deployment_id>/waive")
@allowed(Role.APPROVER)
@idempotent
@spec.validate(tags=["deployments"])
def waive(deployment_id: int, json: WaiverIn) -> Response:
    """Waive a failed or stalled ring, or renew a waiver. The requester cannot. Honours If-Match."""
    waivers.grant(caller().subject, deployment_id, json, if_match())
    return _shown(deployment_id)


@blueprint.post("/reports")
@allowed(Role.REPORTER, Role.OPERATOR)
@idempotent
@spec.validate(tags=["reports"])
def create_reports() -> Response | Streamed:
    """Report what happened to devices. A JSON array is all or nothing; NDJSON and CSV are ingested line by line."""
    if is_stream():
        return carry_out(ReportIn, reports.Upload(caller().subject))
    statuses = reports.submit(caller().subject, parse_list(ReportIn))
    return jsonify(items=[{"status": status} for status in statuses])


@blueprint.get("/ring-plans")
@spec.validate(tags=["ring plans"])
def index_ring_plans() -> Response:
    """List the newest version of every ring plan."""
    return jsonify(items=queries.ring_plans())


@blueprint.get("/ring-plans/<name>")
@spec.validate(tags=["ring plans"])
def show_ring_plan(name: str, query: PlanQuery) -> Response:
    """Show a ring plan: its newest version, or the requested one."""
    return with_etag(queries.ring_plan(name, query.version))


@blueprint.put("/ring-plans/<name>")
@idempotent
@spec.validate(tags=["ring plans"])
def change_ring_plan(name: str, json: PlanIn) -> Response:
    """Create the next version of a ring plan, unless its content is unchanged. Honours If-Match."""
    conditions = {"must_exist": must_exist(), "must_be_new": must_be_new()}
    plan, is_new = plans.change(caller().subject, name, json, if_match(), **conditions)
    return with_etag(plan.as_json(), 201 if is_new else 200)


@blueprint.get("/ring-plans/<name>/preview")
@spec.validate(tags=["ring plans"])
def preview_ring_plan(name: str, query: PreviewQuery) -> Response:
    """Show what a ring plan would do now with the devices of a scope, or with a number of devices."""
    return jsonify(preview.of_plan(caller().subject, name, query))


def install(app: Flask) -> None:
    """Register the routes of deployments, reports and ring plans."""
    app.register_blueprint(blueprint, url_prefix="/api/v1")


def _decide(decision: Decision, deployment_id: int, body: DecisionIn) -> Response:
    decision(caller().subject, deployment_id, body.reason, if_match())
    return _shown(deployment_id)


def _shown(deployment_id: int, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return with_etag(queries.deployment(deployment_id), status, headers)
