"""Ring plans by name and version: the stored ones, and the built-in ones, which are version 1 of their name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app import clock
from app.controls import windows
from app.controls.windows import Window
from app.db import db
from app.deployments.approval.errors import UnsatisfiableApproval
from app.deployments.approval.service import enough_people
from app.deployments.errors import InvalidRingPlan, NoSuchRingPlan
from app.deployments.models import PlanVersion
from app.deployments.rules import risk
from app.deployments.rules.problems import PlanProblem
from app.deployments.rules.rings import BUILT_IN, PLAN_NAME, ApprovalWhen, Plan, problems
from app.deployments.schemas import PlanIn
from app.errors import FieldError, Stale
from app.events.unit import unit_of_work
from app.http.versions import IfMatch, require_version
from app.identity.subjects import approvers

ONE_WRITER = text("SELECT pg_advisory_xact_lock(hashtext('ring_plans'))")


def find(name: str, version: int | None = None) -> Plan | None:
    """That version of a plan, by default the newest; None if it does not exist."""
    if not PLAN_NAME.fullmatch(name):
        return None
    statement = select(PlanVersion.plan).where(PlanVersion.name == name).order_by(PlanVersion.version.desc()).limit(1)
    if version is not None:
        statement = statement.where(PlanVersion.version == version)
    stored = db.session.execute(statement).scalar_one_or_none()
    if stored is not None:
        return Plan.from_json(stored)
    built_in = BUILT_IN.get(name)
    return built_in if built_in is not None and version in (None, built_in.version) else None


def get(name: str, version: int | None = None) -> Plan:
    """That version of a plan, by default the newest. Raises NoSuchRingPlan."""
    plan = find(name, version)
    if plan is None:
        which = repr(name) if version is None else f"{name!r} version {version}"
        raise NoSuchRingPlan(f"Ring plan {which} does not exist; GET /ring-plans lists the ones that do.")
    return plan


def newest() -> list[Plan]:
    """The newest version of every plan, by name."""
    statement = (
        select(PlanVersion.plan)
        .ext(distinct_on(PlanVersion.name))
        .order_by(PlanVersion.name, PlanVersion.version.desc())
    )
    stored = map(Plan.from_json, db.session.execute(statement).scalars())
    by_name = {**BUILT_IN, **{plan.name: plan for plan in stored}}
    return [by_name[name] for name in sorted(by_name)]


def names() -> str:
    """The names of all plans, for an error text."""
    return ", ".join(plan.name for plan in newest())


def _outer_problems(plan: Plan) -> Iterator[PlanProblem]:
    """The invalid fields that depend on more than the plan: time zones of windows, existing approvers."""
    for position, window in enumerate(plan.windows):
        for place, message in windows.problems(Window.from_json(window)):
            yield f"windows.{position}.{place}", message
    for position, ring in enumerate(plan.rings):
        people = ring.approval.people if ring.approval.when is not ApprovalWhen.NEVER else 0
        existing = approvers(db.session())
        if people > existing:
            message = f"must be at most {existing}, the number of people with a token of role approver or admin"
            yield f"rings.{position}.approval.people", message


def require_approvers(session: Session, plan: Plan, privileged_tooling: bool, requester: str) -> None:
    """Raise UnsatisfiableApproval if the plan needs more approvers than exist besides the requester."""
    people = risk.most_people(plan, privileged_tooling)
    if not enough_people(session, people, requester):
        raise UnsatisfiableApproval(
            f"A ring of plan {plan.name} needs approval by {people} people other than the requester {requester}, "
            "and fewer have a token of role approver or admin; create the missing tokens or use another plan."
        )


def change(
    actor: str,
    name: str,
    content: PlanIn,
    if_match: IfMatch = None,
    *,
    must_exist: bool = False,
    must_be_new: bool = False,
) -> tuple[Plan, bool]:
    """Store the content as the plan's next version unless it is unchanged.

    Returns the plan and whether it is new. Raises InvalidRingPlan, Stale.
    """
    plan = content.as_plan(name)
    invalid = [FieldError(field, message) for field, message in (*problems(plan), *_outer_problems(plan))]
    if invalid:
        raise InvalidRingPlan(
            "The ring plan is not valid; correct the fields in `errors`. Nothing was changed.", fields=invalid
        )
    with unit_of_work(actor) as unit:
        unit.session.execute(ONE_WRITER)
        current = find(name)
        version = current.version if current else 0
        require_version("The ring plan", version, if_match)
        if must_exist and current is None:
            raise Stale(f"Ring plan {name!r} does not exist. Leave out If-Match to create it.")
        if must_be_new and current is not None:
            raise Stale(f"Ring plan {name!r} exists at version {version}. Leave out If-None-Match to change it.")
        if current == replace(plan, version=version):
            return current, False
        plan = replace(plan, version=version + 1)
        stored = PlanVersion(
            name=name, version=plan.version, plan=plan.as_json(), created_by=actor, created_at=clock.now()
        )
        unit.session.add(stored)
        unit.record("ring_plan.changed", stored.plan)
        return plan, True
