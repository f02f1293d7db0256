"""`/deployments`, `/reports`, `/ring-plans`: parse, call, return."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Flask, Response, jsonify, request, url_for
from pydantic import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from app.audit.responses import Event
from app.deployments import (
    history,
    left_behind,
    overview,
    plans,
    preview,
    queries,
    reach,
    reports,
    rollback,
    service,
    starts,
    waiting,
    waivers,
)
from app.deployments.approval.errors import CriticalVulnerability, UnsatisfiableApproval
from app.deployments.errors import (
    EmptyScope,
    FailedGate,
    IllegalTransition,
    InvalidRingPlan,
    InvalidScope,
    LiveDeployment,
    LiveRollback,
    NoSuchDeployment,
    NoSuchRingPlan,
    NothingToPromote,
    NothingToReschedule,
    NothingToWaive,
    NotRolledBack,
    OwnPromotion,
    OwnWaiver,
    PromotionRefused,
    RollbackOfRollback,
    SecondPersonNeeded,
    StillRollingBack,
    UnknownAssignment,
    UnknownRingPlan,
    UnpackagedDevices,
    WaiverExpired,
)
from app.deployments.plan_responses import Preview, RingPlan
from app.deployments.responses import (
    Assignment,
    Deployment,
    DeploymentOverview,
    DeviceLeftBehind,
    GateEvaluation,
    LeftBehindAcceptance,
    ListedDeployment,
    ReportReceipt,
    Ring,
)
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
    WaitQuery,
    WaiverIn,
)
from app.deployments.scope_schemas import RescheduleIn
from app.devices.service import UnknownDevices
from app.http import exports
from app.http.bodies import is_stream, parse_list
from app.http.idempotency import idempotent, idempotent_unless
from app.http.operations import created, listed, ok, operation, uploaded
from app.http.pagination import PageQuery
from app.http.parking import TooManyOfToken, TooManyWaiting
from app.http.responses import Items
from app.http.uploads import Streamed, carry_out
from app.http.versions import IfMatch, if_match, must_be_new, must_exist, with_etag
from app.identity.authentication import allowed, caller
from app.identity.roles import Role
from app.identity.scopes import Limit, checks
from app.releases.errors import ArtifactMismatch

blueprint = Blueprint("deployments", __name__)
Decision = Callable[[str, int, str, IfMatch], object]


def _is_dry_run() -> bool:
    """Whether the view, if it accepts the query, stores nothing."""
    try:
        return CreationQuery.model_validate(request.args.to_dict()).dry_run
    except ValidationError:
        return False


@blueprint.post("/deployments")
@checks(*reach.CHECKED)
@idempotent_unless(_is_dry_run)
@operation(
    "create_deployment",
    "deployments",
    created(Deployment, "Created; planning begins.", etag=True),
    ok(Preview, "The preview of a `dry_run`."),
    errors=(
        ArtifactMismatch,
        CriticalVulnerability,
        EmptyScope,
        InvalidScope,
        LiveDeployment,
        LiveRollback,
        UnknownDevices,
        UnknownRingPlan,
        UnpackagedDevices,
        UnsatisfiableApproval,
    ),
)
def create(query: CreationQuery, json: DeploymentIn) -> Response:
    """Roll out a release, or with dry_run only preview that. An application has one live deployment on a platform."""
    if query.dry_run:
        reach.require_creation(json, caller().scopes)
        return jsonify(preview.of_request(caller().subject, json, caller().scopes))
    created = service.create(caller().subject, json, caller().scopes)
    return _shown(created.id, 201, {"Location": url_for("deployments.show", deployment_id=created.id)})


@blueprint.get("/deployments")
@checks(*reach.CHECKED)
@operation("list_deployments", "deployments", listed(ListedDeployment))
def index(query: DeploymentQuery) -> Response:
    """List deployments."""
    return exports.answer(ListedDeployment, query, partial(queries.deployments, scopes=caller().scopes))


@blueprint.get("/deployments/<int:deployment_id>")
@operation(
    "get_deployment",
    "deployments",
    ok(Deployment, etag=True),
    errors=(NoSuchDeployment, TooManyOfToken, TooManyWaiting),
)
def show(deployment_id: int, query: WaitQuery) -> AnyResponse:
    """Show a deployment with its rings and their counters, at once or when it has changed."""
    return waiting.answer(caller(), deployment_id, query, partial(_shown, deployment_id))


@blueprint.get("/deployments/<int:deployment_id>/overview")
@operation("get_deployment_overview", "deployments", ok(DeploymentOverview), errors=(NoSuchDeployment,))
def show_overview(deployment_id: int) -> Response:
    """Show a deployment with the reasons of its failures and its latest decisions."""
    return jsonify(overview.overview(deployment_id))


@blueprint.get("/deployments/<int:deployment_id>/rings")
@operation("list_rings", "deployments", ok(Items[Ring]), errors=(NoSuchDeployment,))
def show_rings(deployment_id: int) -> Response:
    """List a deployment's rings with their counters, rates and latest verdict."""
    return jsonify(items=queries.deployment(deployment_id)["rings"])


@blueprint.get("/deployments/<int:deployment_id>/events")
@operation("list_deployment_events", "deployments", listed(Event), errors=(NoSuchDeployment,))
def show_events(deployment_id: int, query: PageQuery) -> Response:
    """List every decision about a deployment, among them incidents about it and the freezes that touch it."""
    return exports.answer(Event, query, partial(history.events, deployment_id))


@blueprint.get("/deployments/<int:deployment_id>/gates")
@operation("list_gate_evaluations", "deployments", listed(GateEvaluation), errors=(NoSuchDeployment,))
def show_gates(deployment_id: int, query: PageQuery) -> Response:
    """List a deployment's gate evaluations with the inputs of each verdict."""
    return exports.answer(GateEvaluation, query, partial(queries.gates, deployment_id))


@blueprint.get("/deployments/<int:deployment_id>/assignments")
@operation("list_assignments", "deployments", listed(Assignment), errors=(NoSuchDeployment,))
def show_assignments(deployment_id: int, query: AssignmentQuery) -> Response:
    """List a deployment's devices with the status of each."""
    return exports.answer(Assignment, query, partial(queries.assignments, deployment_id))


@blueprint.get("/deployments/<int:deployment_id>/left-behind")
@operation(
    "list_devices_left_behind", "deployments", listed(DeviceLeftBehind), errors=(NoSuchDeployment, NotRolledBack)
)
def show_left_behind(deployment_id: int, query: LeftBehindQuery) -> Response:
    """List the devices that still have a release although it was rolled back."""
    return exports.answer(DeviceLeftBehind, query, partial(left_behind.listing, deployment_id))


@blueprint.post("/deployments/<int:deployment_id>/left-behind/accept")
@idempotent
@operation(
    "accept_devices_left_behind",
    "deployments",
    ok(LeftBehindAcceptance),
    errors=(NoSuchDeployment, NotRolledBack, StillRollingBack),
)
def accept_left_behind(deployment_id: int, json: LeftBehindAcceptanceIn) -> Response:
    """Let devices keep a release that was rolled back: they no longer count as left behind."""
    return jsonify(left_behind.accept(caller().subject, deployment_id, json))


@blueprint.post("/deployments/<int:deployment_id>/pause")
@idempotent
@operation(
    "pause_deployment",
    "deployments",
    ok(Deployment, etag=True),
    errors=(NoSuchDeployment, IllegalTransition),
    if_match=True,
)
def pause(deployment_id: int, json: DecisionIn) -> Response:
    """Stop dispatching until the deployment is resumed. Honours If-Match."""
    return _decide(service.pause, deployment_id, json)


@blueprint.post("/deployments/<int:deployment_id>/resume")
@idempotent
@operation(
    "resume_deployment",
    "deployments",
    ok(Deployment, etag=True),
    errors=(NoSuchDeployment, FailedGate, IllegalTransition, WaiverExpired),
    if_match=True,
)
def resume(deployment_id: int, json: DecisionIn) -> Response:
    """Resume a paused deployment. Honours If-Match."""
    return _decide(service.resume, deployment_id, json)


@blueprint.post("/deployments/<int:deployment_id>/abort")
@idempotent
@operation(
    "abort_deployment",
    "deployments",
    ok(Deployment, etag=True),
    errors=(NoSuchDeployment, IllegalTransition),
    if_match=True,
)
def abort(deployment_id: int, json: DecisionIn) -> Response:
    """End a deployment. Devices that were not dispatched to are cancelled. Honours If-Match."""
    return _decide(service.abort, deployment_id, json)


@blueprint.post("/deployments/<int:deployment_id>/promote")
@idempotent
@operation(
    "promote_deployment",
    "deployments",
    ok(Deployment, etag=True),
    errors=(NoSuchDeployment, IllegalTransition, NothingToPromote, OwnPromotion, PromotionRefused),
    if_match=True,
)
def promote(deployment_id: int, json: PromotionIn) -> Response:
    """End the current ring's soak if its gate waits only for time. The requester cannot. Honours If-Match."""
    return _decide(service.promote, deployment_id, json)


@blueprint.post("/deployments/<int:deployment_id>/reschedule")
@idempotent
@operation(
    "reschedule_deployment",
    "deployments",
    ok(Deployment, etag=True),
    errors=(NoSuchDeployment, IllegalTransition, NothingToReschedule),
    if_match=True,
)
def reschedule(deployment_id: int, json: RescheduleIn) -> Response:
    """Change the start of a deployment that has not started, or start it at once. Honours If-Match."""
    starts.reschedule(caller().subject, deployment_id, json, if_match())
    return _shown(deployment_id)


@blueprint.post("/deployments/<int:deployment_id>/rollback")
@idempotent
@operation(
    "roll_back_deployment",
    "deployments",
    created(Deployment, "The rollback.", etag=True),
    errors=(NoSuchDeployment, IllegalTransition, LiveDeployment, RollbackOfRollback),
    if_match=True,
)
def roll_back(deployment_id: int, json: RollbackIn) -> Response:
    """Create a rollback, which returns devices to the release they had. Ends a live deployment. Honours If-Match."""
    back = rollback.request(caller().subject, deployment_id, json.reason, if_match(), json.follow_up)
    return _shown(back.id, 201, {"Location": url_for("deployments.show", deployment_id=back.id)})


@blueprint.post("/deployments/<int:deployment_id>/waive")
@allowed(Role.APPROVER)
@idempotent
@operation(
    "waive_deployment",
    "deployments",
    ok(Deployment, etag=True),
    errors=(NoSuchDeployment, IllegalTransition, NothingToWaive, OwnWaiver),
    if_match=True,
)
def waive(deployment_id: int, json: WaiverIn) -> Response:
    """Waive a failed or stalled ring, or renew a waiver. The requester cannot. Honours If-Match."""
    waivers.grant(caller().subject, deployment_id, json, if_match())
    return _shown(deployment_id)


@blueprint.post("/reports")
@allowed(Role.REPORTER, Role.OPERATOR)
@checks(*Limit)
@idempotent
@operation("submit_reports", "reports", *uploaded(Items[ReportReceipt]), errors=(UnknownAssignment,), list_of=ReportIn)
def create_reports() -> Response | Streamed:
    """Report what happened to devices. A JSON array is all or nothing; NDJSON and CSV are ingested line by line."""
    if is_stream():
        return carry_out(ReportIn, reports.Upload(caller().subject, caller().scopes))
    statuses = reports.submit(caller().subject, parse_list(ReportIn), caller().scopes)
    return jsonify(items=[{"status": status} for status in statuses])


@blueprint.get("/ring-plans")
@operation("list_ring_plans", "ring plans", ok(Items[RingPlan]))
def index_ring_plans() -> Response:
    """List the newest version of every ring plan."""
    return jsonify(items=queries.ring_plans())


@blueprint.get("/ring-plans/<name>")
@operation("get_ring_plan", "ring plans", ok(RingPlan, etag=True), errors=(NoSuchRingPlan,))
def show_ring_plan(name: str, query: PlanQuery) -> Response:
    """Show a ring plan: its newest version, or the requested one."""
    return with_etag(queries.ring_plan(name, query.version))


@blueprint.put("/ring-plans/<name>")
@idempotent
@operation(
    "put_ring_plan",
    "ring plans",
    ok(RingPlan, "The content is unchanged.", etag=True),
    created(RingPlan, "The next version.", etag=True, location=False),
    errors=(InvalidRingPlan, UnsatisfiableApproval, SecondPersonNeeded),
    if_match=True,
)
def change_ring_plan(name: str, json: PlanIn) -> Response:
    """Create the next version of a ring plan, unless it is unchanged or takes two people. Honours If-Match."""
    conditions = {"must_exist": must_exist(), "must_be_new": must_be_new()}
    plan, is_new = plans.change(caller().subject, name, json, if_match(), **conditions)
    return with_etag(plan.as_json(), 201 if is_new else 200)


@blueprint.get("/ring-plans/<name>/preview")
@operation("preview_ring_plan", "ring plans", ok(Preview), errors=(NoSuchRingPlan,))
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
