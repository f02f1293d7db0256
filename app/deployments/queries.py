"""What the API returns about deployments: dictionaries, with a fixed number of statements each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from sqlalchemy import RowMapping, Select, and_, bindparam, func, not_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app import clock
from app.artifacts.queries import is_known
from app.db import db
from app.deployments import left_behind, outlook, plans, reach, starts
from app.deployments.errors import NoSuchDeployment
from app.deployments.models import Assignment, Deployment, GateEvaluation, Ring
from app.deployments.rules import scope
from app.deployments.rules.durations import percentiles
from app.deployments.rules.states import ACTIVE, COUNTS_IN, LIVE, Group
from app.deployments.rules.tally import Tally
from app.deployments.schemas import AssignmentQuery, DeploymentQuery
from app.devices.models import Device
from app.errors import FieldError, Invalid
from app.http.pagination import PageQuery, page, paged
from app.identity.scopes import UNLIMITED, Scopes
from app.metrics import catalogue as m
from app.metrics.projection import Measure
from app.releases.models import Application, Release

_DEPLOYMENT = (
    select(
        Deployment.id,
        Application.name.label("application"),
        Release.version.label("release"),
        Deployment.platform,
        Release.artifact_hash,
        is_known(Release.artifact_hash).label("artifact_stored"),
        Deployment.plan["name"].astext.label("plan"),
        Deployment.plan["version"].as_integer().label("plan_version"),
        Deployment.scope,
        Deployment.kind,
        Deployment.rolls_back,
        Deployment.supersedes,
        Deployment.state,
        Deployment.reason,
        Deployment.version,
        Deployment.requested_by,
        Deployment.created_at,
        Deployment.starts_at,
        Deployment.time_zone,
        Deployment.started_at,
        Deployment.finished_at,
    )
    .join(Application, Application.id == Deployment.application_id)
    .join(Release, Release.id == Deployment.release_id)
)
_RING = select(
    Ring.name,
    Ring.key,
    Ring.state,
    Ring.targeted,
    Ring.excluded,
    Ring.eligible,
    Ring.succeeded,
    Ring.failed,
    Ring.silent,
    Ring.pending,
    Ring.dispatched,
    Ring.compliant,
    Ring.rehearsal.label("validation"),
    Ring.verdict,
    Ring.verdict_code,
    Ring.verdict_reason,
    Ring.dispatched_at,
    Ring.covered_at,
    Ring.finished_at,
)


def deployment(deployment_id: int) -> dict[str, Any]:
    """One deployment with its active holds and its rings. Raises NoSuchDeployment."""
    row = db.session.execute(_DEPLOYMENT.where(Deployment.id == deployment_id)).mappings().first()
    if row is None:
        raise NoSuchDeployment(deployment_id)
    ahead = outlook.outlook_of(db.session(), deployment_id, clock.now())
    return {
        **_shown(row),
        "holds": [{"hold": hold.name, "reason": hold.reason} for hold in ahead.holds] if ahead else [],
        "next": ahead.as_json(deployment_id) if ahead else None,
        "rings": rings(deployment_id),
    }


def version(deployment_id: int) -> int:
    """The version of a deployment. Raises NoSuchDeployment."""
    found = versions(db.session(), [deployment_id])
    if not found:
        raise NoSuchDeployment(deployment_id)
    return found[deployment_id]


def versions(session: Session, deployment_ids: Collection[int]) -> dict[int, int]:
    """The versions of these deployments, by id."""
    statement = select(Deployment.id, Deployment.version).where(Deployment.id.in_(deployment_ids))
    return {row.id: row.version for row in session.execute(statement)}


def deployments(query: DeploymentQuery, scopes: Scopes = UNLIMITED) -> dict[str, Any]:
    """A page of the deployments that a token with these limits reaches."""
    statement = _DEPLOYMENT
    if scopes.limits:
        statement = statement.where(reach.condition(scopes))
    if query.requested_by is not None:
        statement = statement.where(func.lower(Deployment.requested_by) == query.requested_by.lower())
    if query.state:
        statement = statement.where(Deployment.state.in_(query.state))
    if query.since is not None:
        statement = statement.where(Deployment.created_at >= query.since)
    if query.until is not None:
        statement = statement.where(Deployment.created_at < query.until)
    for column, value in (
        (Application.name, query.application),
        (Release.version, query.release),
        (Deployment.platform, query.platform),
        (Deployment.kind, query.kind),
        (Deployment.plan["name"].astext, query.plan),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if query.scheduled is not None:
        has_not_started = and_(Deployment.starts_at.is_not(None), Deployment.started_at.is_(None))
        is_waiting = and_(Deployment.state.in_(LIVE), has_not_started)
        statement = statement.where(is_waiting if query.scheduled else not_(is_waiting))
    rows = db.session.execute(paged(statement, Deployment.id, query)).mappings()
    return page([_shown(row) for row in rows], query)


def rings(deployment_id: int) -> list[dict[str, Any]]:
    """The rings with their counters and rates; a rate is null while its denominator is 0."""
    statement = _RING.where(Ring.deployment_id == deployment_id).order_by(Ring.position)
    return [_with_rates(dict(row)) for row in db.session.execute(statement).mappings()]


def evaluations(deployment_id: int) -> Select[*tuple[Any, ...]]:
    """The gate evaluations of a deployment, as they are shown."""
    return (
        select(
            GateEvaluation.id,
            Ring.name.label("ring"),
            GateEvaluation.at,
            GateEvaluation.verdict,
            GateEvaluation.code,
            GateEvaluation.reason,
            GateEvaluation.policy_version,
            GateEvaluation.inputs,
        )
        .join(Ring, Ring.id == GateEvaluation.ring_id)
        .where(GateEvaluation.deployment_id == deployment_id)
    )


def gates(deployment_id: int, query: PageQuery) -> dict[str, Any]:
    """A page of gate evaluations with their inputs. Raises NoSuchDeployment."""
    _require(deployment_id)
    return _page(evaluations(deployment_id), GateEvaluation.id, query)


def assignments(deployment_id: int, query: AssignmentQuery) -> dict[str, Any]:
    """A page of the deployment's devices with the status of each. Raises NoSuchDeployment."""
    _require(deployment_id)
    statement = (
        select(
            Assignment.id,
            Device.external_id,
            Ring.name.label("ring"),
            Assignment.connector,
            Assignment.state.label("status"),
            Assignment.reason,
            Assignment.dispatched_at,
            Assignment.reported_at,
            Assignment.clamped,
        )
        .join(Device, Device.id == Assignment.device_id)
        .join(Ring, Ring.id == Assignment.ring_id)
        .where(Assignment.deployment_id == deployment_id)
    )
    if query.status:
        # Written out, so that a prepared statement can use the index of those that did not succeed.
        states = bindparam("states", query.status, Assignment.state.type, expanding=True, literal_execute=True)
        statement = statement.where(Assignment.state.in_(states))
    for column, value in (
        (Assignment.connector, query.connector),
        (Assignment.reason, query.reason),
        (Device.external_id, query.external_id),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if query.ring is not None:
        statement = statement.where(Ring.id == _ring_called(deployment_id, query.ring))
    return _page(statement, Assignment.id, query)


def ring_plans() -> list[dict[str, Any]]:
    """The newest version of every ring plan."""
    return [plan.as_json() for plan in plans.newest()]


def ring_plan(name: str, version: int | None = None) -> dict[str, Any]:
    """One ring plan, by default its newest version. Raises NoSuchRingPlan."""
    return plans.get(name, version).as_json()


def recount(deployment_id: int) -> dict[str, dict[str, int]]:
    """Each ring's counters, counted from the assignments; they must equal the stored ones."""
    statement = (
        select(Ring.key, Assignment.state, func.count())
        .join(Ring, Ring.id == Assignment.ring_id)
        .where(Assignment.deployment_id == deployment_id)
        .group_by(Ring.key, Assignment.state)
    )
    counted: dict[str, dict[str, int]] = {}
    for key, state, count in db.session.execute(statement):
        counters = counted.setdefault(key, {group.value: 0 for group in Group})
        counters[COUNTS_IN[state].value] += count
    return counted


def levels() -> list[Measure]:
    """The gauges of deployments: success rates, times to compliance, counts by state and hold, devices left behind."""
    return [*success_rates(), *times_to_compliance(), *live(), *held(), *left_behind.levels()]


def success_rates() -> list[Measure]:
    """For each ring key, the lowest success rate of any live deployment; rings without a report are left out."""
    statement = (
        select(Ring.key, func.min(Ring.succeeded * 1.0 / (Ring.succeeded + Ring.failed)))
        .join(Deployment, Deployment.id == Ring.deployment_id)
        .where(Deployment.state.in_(ACTIVE), Ring.succeeded + Ring.failed > 0)
        .group_by(Ring.key)
    )
    return [
        Measure(m.GATE_SUCCESS_RATE, m.GATE_SUCCESS_RATE(ring=key), round(float(rate), 6))
        for key, rate in db.session.execute(statement)
    ]


def held() -> list[Measure]:
    """How many live deployments each hold blocked at their last tick."""
    holds_of_each = db.session.execute(select(Deployment.holds).where(Deployment.state.in_(ACTIVE))).scalars()
    deployments_by_hold = Counter(hold for names in holds_of_each for hold in names)
    return [Measure(m.HOLD_ACTIVE, m.HOLD_ACTIVE(hold=hold), deployments_by_hold[hold]) for hold in m.HOLDS]


def live() -> list[Measure]:
    """How many deployments and rollbacks are in each live state."""
    states = m.DEPLOYMENT_LIVE.labels["state"]
    statement = select(Deployment.state, func.count()).where(Deployment.state.in_(states)).group_by(Deployment.state)
    counts = {state.value: count for state, count in db.session.execute(statement)}
    return [Measure(m.DEPLOYMENT_LIVE, m.DEPLOYMENT_LIVE(state=state), counts.get(state, 0)) for state in states]


def times_to_compliance() -> list[Measure]:
    """How long devices took to succeed: the highest percentiles of any live rollout, from its rings' bins."""
    statement = (
        select(Ring.key, Ring.compliance_times, Ring.succeeded + Ring.failed, Ring.eligible)
        .join(Deployment, Deployment.id == Ring.deployment_id)
        .where(Deployment.state.in_(ACTIVE), Ring.succeeded > 0)
    )
    worst: dict[tuple[str, str, str], float] = {}
    for key, times, reported, eligible in db.session.execute(statement):
        for site_class, bins in times.items():
            counts = {int(number): devices for number, devices in bins.items()}
            for quantile, seconds in percentiles(counts, reported, eligible).items():
                series = (key, site_class, quantile)
                worst[series] = max(seconds, worst.get(series, 0.0))
    metric = m.TIME_TO_COMPLIANCE
    return [
        Measure(metric, metric(ring=key, site_class=site_class, quantile=quantile), round(seconds, 3))
        for (key, site_class, quantile), seconds in sorted(worst.items())
    ]


def _page(statement: Select[*tuple[Any, ...]], key: InstrumentedAttribute[int], query: PageQuery) -> dict[str, Any]:
    rows = db.session.execute(paged(statement, key, query)).mappings()
    return page([dict(row) for row in rows], query)


def _require(deployment_id: int) -> None:
    if db.session.execute(select(Deployment.id).where(Deployment.id == deployment_id)).first() is None:
        raise NoSuchDeployment(deployment_id)


def _ring_called(deployment_id: int, name: str) -> int:
    """The id of the ring with this name, or with this key if no ring has the name. Raises Invalid."""
    of_deployment = select(Ring.id, Ring.name, Ring.key).where(Ring.deployment_id == deployment_id)
    rings = db.session.execute(of_deployment.order_by(Ring.position)).all()
    ids = {**{ring.key: ring.id for ring in rings}, **{ring.name: ring.id for ring in rings}}
    if name not in ids:
        names = ", ".join(ring.name for ring in rings)
        raise Invalid(
            f"Deployment {deployment_id} has no ring {name!r}; its rings are {names}.",
            fields=[FieldError("ring", f"must be one of {names}")],
        )
    return int(ids[name])


def _shown(row: RowMapping) -> dict[str, Any]:
    """A deployment with every field of its scope, and its start also in the zone in which it was given."""
    return starts.shown({**row, "scope": scope.as_shown(row["scope"])})


def _with_rates(ring: dict[str, Any]) -> dict[str, Any]:
    tally = Tally(**{group: ring[group] for group in ("eligible", "succeeded", "failed", "silent", "pending")})
    return {**ring, "success_rate": tally.success_rate, "coverage": tally.coverage if tally.eligible else None}
