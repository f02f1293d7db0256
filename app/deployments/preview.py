"""What a ring plan would do now with the devices of a scope, with a number of devices, or for a requested deployment.

Every preview is one read-only transaction: the database itself refuses to store anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.connectors import registry
from app.db import reading
from app.deployments import admission, holds, packaged, planning, plans, starts, transitions
from app.deployments.approval import evidence, floor, service as approval
from app.deployments.rules import preview as rules, risk
from app.deployments.rules.preview import RingPreview
from app.deployments.rules.rings import ApprovalWhen, Plan, RingPlan
from app.deployments.rules.risk import Assessment, Declared
from app.deployments.rules.schedule import Start
from app.deployments.rules.states import DeploymentState
from app.deployments.schemas import DeploymentIn, PreviewQuery
from app.errors import FieldError, Invalid
from app.identity.roles import Role
from app.identity.scopes import UNLIMITED, Scopes
from app.identity.subjects import approvers
from app.releases import service as releases

FURTHEST = 100 * 366 * 24 * 3_600
"""Seconds. A later end has no time: no rollout waits for it, and it might not be a valid time."""
DIGITS = 9
"""Decimals of a probability."""


@dataclass
class _Fleet:
    """The devices of a preview."""

    sites: list[Counter[str]]
    """Each ring's devices by site class."""
    connectors: Counter[str] = field(default_factory=Counter)
    """Registered devices by connector."""
    excluded: list[dict[str, Any]] = field(default_factory=list)

    @property
    def devices(self) -> int:
        """All devices."""
        return sum(ring.total() for ring in self.sites)


@dataclass(frozen=True)
class _Risk:
    """The risk of a requested deployment."""

    assessment: Assessment
    privileged: bool

    @property
    def needs_approval(self) -> bool:
        """Whether the risk requires approval, where the plan makes approval depend on it."""
        return risk.needs_approval(self.assessment.score, self.privileged)

    @property
    def why(self) -> str:
        """Why the risk does or does not require approval."""
        if self.privileged:
            return "the release is privileged tooling"
        relation = "above" if self.needs_approval else "not above"
        return f"the risk score is {self.assessment.score:g}, {relation} {risk.AUTOMATIC_UP_TO}"


def of_plan(actor: str | None, name: str, query: PreviewQuery) -> dict[str, Any]:
    """What the plan would do with a scope's devices, or with `devices` of them. Raises NoSuchRingPlan, Invalid.

    `actor` is the person who would request the deployment, and so cannot approve it.
    """
    now = clock.now()
    with reading() as session:
        plan = plans.get(name, query.version)
        fleet = _registered_or_assumed(session, plan, query)
        return {**_preview(session, plan, fleet, query.application, actor, now), "request": None}


def of_request(actor: str, requested: DeploymentIn, scopes: Scopes = UNLIMITED) -> dict[str, Any]:
    """What a requested deployment would do; whatever would refuse the request is raised as by `service.create`."""
    now = clock.now()
    with reading() as session:
        plan, start = admission.plan_of(requested), starts.requested(requested, now)
        admission.require_scope(session, requested, scopes)
        admission.require_acceptable(session, plan, requested, actor)
        platform, scope = requested.platform.value, packaged.scope_of(session, requested)
        superseded, history = _past(session, requested)
        fleet = _registered(session, plan, platform, scope)
        declared = Declared.from_json(requested.risk.model_dump(exclude_none=True))
        critical = planning.has_critical(session, platform, scope)
        assessed = _Risk(
            risk.assess(declared, fleet.devices, critical, history), bool(requested.risk.privileged_tooling)
        )
        if assessed.needs_approval:
            sizes = [sites.total() for sites in fleet.sites]
            plan = risk.with_floor(plan, sizes, floor.people(session))
        outcome = {
            "rejected": _rejection(session, plan, fleet, assessed, actor),
            "supersedes": superseded,
            "risk": {**asdict(assessed.assessment), "needs_approval": assessed.needs_approval},
            "missing_evidence": evidence.missing(requested.evidence.model_dump(exclude_none=True)),
        }
        preview = _preview(session, plan, fleet, requested.application, actor, now, assessed, start)
        return {**preview, "request": outcome}


def _past(session: Session, requested: DeploymentIn) -> tuple[int | None, list[bool]]:
    """The deployment that the requested one would supersede, and then the history of the application.

    Raises ArtifactMismatch, LiveDeployment, LiveRollback, EmptyScope.
    """
    application = releases.find_application(session, requested.application)
    if application is None:
        return None, []
    platform = requested.platform.value
    releases.find_release(
        session, application, version=requested.version, platform=platform, artifact_hash=requested.artifact_hash
    )
    live = transitions.live(session, application.id, platform, lock=False)
    if live is None:
        return None, approval.history(session, application.id)
    admission.require_supersedable(session, live, requested)
    # One that is still being planned would end as rejected, which is no history.
    ended = None if live.state is DeploymentState.PLANNING else live.id
    return live.id, approval.history(session, application.id, ended)


def _rejection(session: Session, plan: Plan, fleet: _Fleet, assessed: _Risk, actor: str) -> str | None:
    """Why planning would reject the deployment after it was created; None if it would not."""
    if not fleet.devices:
        return "empty_scope"
    people = risk.most_people(plan, assessed.needs_approval)
    return None if approval.enough_people(session, people, actor) else "unsatisfiable_approval"


def _registered_or_assumed(session: Session, plan: Plan, query: PreviewQuery) -> _Fleet:
    platform = None if query.platform is None else query.platform.value
    if query.devices is None:
        if query.tagged:
            raise _invalid("tagged", "needs `devices`, the number of all devices")
        return _registered(session, plan, platform, query.scope)
    if platform is not None or any(query.scope.values()):
        raise _invalid("devices", "cannot be combined with a platform or scope, which selects registered devices")
    return _assumed(plan, query.devices, query.tagged)


def _registered(session: Session, plan: Plan, platform: str | None, scope: Mapping[str, Any]) -> _Fleet:
    """The registered devices in scope, counted by the database."""
    fleet = _Fleet([Counter() for _ in plan.rings])
    for row in planning.census(session, plan, platform, scope):
        fleet.sites[row.position][row.site_class] += row.devices
        fleet.connectors[row.connector] += row.devices
    fleet.excluded = [dict(row._mapping) for row in planning.left_out(session, platform, scope)]
    return fleet


def _assumed(plan: Plan, devices: int, numbers: Sequence[str]) -> _Fleet:
    """That many devices; `numbers` says of how many with which tag, as `lab:5`. Raises Invalid if they do not fit."""
    pairs = [each.rpartition(":") for each in numbers]
    tagged = {tag: int(number) for tag, _, number in pairs}
    if len(tagged) < len(pairs):
        raise _invalid("tagged", "must name each tag only once")
    tags = [ring.tag for ring in plan.rings if ring.tag is not None]
    unknown = sorted(set(tagged) - set(tags))
    if unknown:
        its = f"its tags are {', '.join(tags)}" if tags else "no ring has a tag"
        raise _invalid("tagged", f"must be tags of plan {plan.name}, not {', '.join(unknown)}; {its}")
    if sum(tagged.values()) > devices:
        raise _invalid("tagged", f"must be at most {devices} devices altogether, the number of `devices`")
    sizes = rules.sizes(plan, devices, tagged)
    return _Fleet([Counter({rules.ASSUMED_SITE_CLASS.value: size}) for size in sizes])


def _invalid(name: str, message: str) -> Invalid:
    return Invalid(f"The query is invalid: `{name}` {message}.", fields=[FieldError(name, message)])


def _preview(
    session: Session,
    plan: Plan,
    fleet: _Fleet,
    application: str | None,
    actor: str | None,
    now: datetime,
    assessed: _Risk | None = None,
    start: Start | None = None,
) -> dict[str, Any]:
    """The preview of a plan; ends are counted from now or, if the deployment has a start, from that."""
    previews = rules.rings(plan, fleet.sites)
    standing = holds.of_new(session, application, plan, fleet.connectors, now, start)
    begins = now if start is None else start.at
    return {
        "plan": plan.name,
        "plan_version": plan.version,
        "devices": fleet.devices,
        "earliest": _end(sum(ring.earliest_seconds for ring in previews), begins),
        "typical": _end(sum(ring.typical_seconds for ring in previews), begins),
        "rings": _rings(previews, begins),
        "holds": [{"hold": hold.name, "reason": hold.reason} for hold in standing],
        "sign_off": [_sign_off(ring, assessed) for ring in plan.rings if ring.approval.when is not ApprovalWhen.NEVER],
        "approvers": approvers(session, excluding=actor),
        "excluded": fleet.excluded,
        "not_installable": _not_installable(fleet.connectors),
        "notes": [asdict(note) for note in rules.notes(plan, previews)],
    }


def _rings(previews: Sequence[RingPreview], now: datetime) -> list[dict[str, Any]]:
    """The rings as the API shows them: each ends after the ones before it."""
    earliest = typical = 0.0
    shown = []
    for ring in previews:
        earliest, typical = earliest + ring.earliest_seconds, typical + ring.typical_seconds
        shown.append(
            {
                "name": ring.name,
                "devices": ring.devices,
                "forgiven": ring.forgiven,
                "ceiling": ring.ceiling,
                "stopped": [_rounded(asdict(chance)) for chance in ring.chances],
                "earliest": {**_end(earliest, now), "seconds": round(ring.earliest_seconds, 3)},
                "typical": {**_end(typical, now), "seconds": round(ring.typical_seconds, 3)},
            }
        )
    return shown


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, DIGITS) for name, value in values.items()}


def _end(seconds: float, now: datetime) -> dict[str, Any]:
    return {"seconds": round(seconds, 3), "ends_at": None if seconds > FURTHEST else now + timedelta(seconds=seconds)}


def _sign_off(ring: RingPlan, assessed: _Risk | None) -> dict[str, Any]:
    """Who must approve before a ring starts; `required` is None if that depends on a risk that is not known."""
    policy = ring.approval
    always = policy.when is ApprovalWhen.ALWAYS
    required = None if assessed is None and not always else bool(risk.people_needed(policy, _needs(assessed)))
    if always:
        reason = "the plan always requires it"
    elif assessed is None:
        reason = f"required if the release's risk score is above {risk.AUTOMATIC_UP_TO} or it is privileged tooling"
    else:
        reason = assessed.why
    about = {"ring": ring.name, "when": policy.when.value, "people": policy.people, "role": Role.APPROVER.value}
    return {**about, "required": required, "reason": reason}


def _needs(assessed: _Risk | None) -> bool:
    return assessed is not None and assessed.needs_approval


def _not_installable(connectors: Mapping[str, int]) -> list[dict[str, Any]]:
    """The devices whose connector this installation does not have, by connector."""
    configured = registry.names()
    return [
        {"connector": name, "devices": devices, "reason": "connector_not_configured"}
        for name, devices in sorted(connectors.items())
        if name not in configured
    ]
