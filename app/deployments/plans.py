"""Ring plans by name and version: the stored ones, and the built-in ones, which are version 1 of their name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app import clock
from app.controls import windows
from app.controls.windows import Window
from app.db import db
from app.deployments.approval.errors import UnsatisfiableApproval
from app.deployments.approval.service import enough_people
from app.deployments.errors import (
    InvalidRingPlan,
    NoSuchProposal,
    NoSuchRingPlan,
    NothingToPropose,
    OutdatedProposal,
    OwnProposal,
    ProposalDecided,
    SecondPersonNeeded,
)
from app.deployments.models import PlanVersion
from app.deployments.proposal_models import PlanProposal, ProposalState
from app.deployments.rules import risk, weakening
from app.deployments.rules.problems import PlanProblem
from app.deployments.rules.rings import BUILT_IN, PLAN_NAME, ApprovalWhen, Plan, problems
from app.deployments.schemas import PlanIn
from app.errors import FieldError, Stale
from app.events.unit import Unit, unit_of_work
from app.http.versions import IfMatch, require_version
from app.identity.subjects import approvers, is_same

MOST_SHOWN = 50
"""The most proposals in one answer."""
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

    Returns the plan and whether it is new. Raises InvalidRingPlan, Stale, and SecondPersonNeeded for a change that
    weakens a gate, a soak or an approval, and for every change of a built-in plan.
    """
    plan = _valid(name, content)
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
        if current is not None:
            _require_one_person(current, plan)
        _store(unit, current, plan)
        return plan, True


def propose(actor: str, name: str, content: PlanIn, reason: str, if_match: IfMatch = None) -> int:
    """Propose the content as the plan's next version, for another person to confirm; returns the proposal's id.

    It replaces a pending proposal of the plan. Raises InvalidRingPlan, NoSuchRingPlan, Stale, NothingToPropose.
    """
    plan = _valid(name, content)
    with unit_of_work(actor) as unit:
        unit.session.execute(ONE_WRITER)
        current = get(name)
        require_version("The ring plan", current.version, if_match)
        plan = replace(plan, version=current.version + 1)
        changes = weakening.differences(current, plan)
        if not changes:
            raise NothingToPropose(f"Ring plan {name!r} already has this content.")
        pending = select(PlanProposal).where(
            PlanProposal.name == name, PlanProposal.state == ProposalState.PENDING.value
        )
        earlier = unit.session.execute(pending).scalar_one_or_none()
        if earlier is not None:
            _decide(unit, earlier, ProposalState.REPLACED, None)
            unit.session.flush()
        proposal = PlanProposal(
            name=name,
            based_on=current.version,
            plan=plan.as_json(),
            reason=reason,
            proposed_by=actor,
            proposed_at=clock.now(),
        )
        unit.session.add(proposal)
        unit.session.flush()
        weakens = [each.as_json() for each in weakening.weakenings(current, plan)]
        differs = {"changes": [each.as_json() for each in changes], "weakens": weakens}
        unit.record("ring_plan.proposed", {**_about(proposal), "reason": reason, **differs})
        return proposal.id


def confirm(actor: str, name: str, proposal_id: int, comment: str, if_match: IfMatch = None) -> Plan:
    """Store a proposed change as the second person; returns the plan's new version.

    Raises NoSuchProposal, Stale, OwnProposal, ProposalDecided, OutdatedProposal.
    """
    with unit_of_work(actor) as unit:
        unit.session.execute(ONE_WRITER)
        proposal = _to_decide(unit.session, name, proposal_id, if_match)
        if is_same(actor, proposal.proposed_by):
            raise OwnProposal(f"{actor} proposed this change; another person must confirm it.")
        current = find(name)
        version = current.version if current else 0
        if version != proposal.based_on:
            raise OutdatedProposal(
                f"The ring plan is at version {version}, and the proposal changes version {proposal.based_on}; "
                "reject it, and propose the change again."
            )
        plan = Plan.from_json(proposal.plan)
        _decide(unit, proposal, ProposalState.CONFIRMED, comment)
        _store(unit, current, plan, proposal)
        return plan


def reject(actor: str, name: str, proposal_id: int, comment: str, if_match: IfMatch = None) -> PlanProposal:
    """Reject a proposed change, or withdraw one's own. Raises NoSuchProposal, Stale, ProposalDecided."""
    with unit_of_work(actor) as unit:
        unit.session.execute(ONE_WRITER)
        proposal = _to_decide(unit.session, name, proposal_id, if_match)
        _decide(unit, proposal, ProposalState.REJECTED, comment)
        unit.record("ring_plan.rejected", {**_about(proposal), "comment": comment})
        return proposal


def proposals(name: str) -> list[dict[str, Any]]:
    """The proposed changes of a plan, the newest first."""
    statement = select(PlanProposal).where(PlanProposal.name == name).order_by(PlanProposal.id.desc()).limit(MOST_SHOWN)
    return [_shown(proposal) for proposal in db.session.scalars(statement)]


def proposal(name: str, proposal_id: int) -> dict[str, Any]:
    """One proposed change. Raises NoSuchProposal."""
    return _shown(_proposal(db.session(), name, proposal_id))


def _store(unit: Unit, current: Plan | None, plan: Plan, proposal: PlanProposal | None = None) -> None:
    content = plan.as_json()
    unit.session.add(
        PlanVersion(name=plan.name, version=plan.version, plan=content, created_by=unit.actor, created_at=clock.now())
    )
    changes = [each.as_json() for each in weakening.differences(current, plan)] if current else []
    proposed = {"proposal_id": proposal.id, "proposed_by": proposal.proposed_by} if proposal else {}
    unit.record("ring_plan.changed", {**content, "changes": changes, **proposed})


def _valid(name: str, content: PlanIn) -> Plan:
    plan = content.as_plan(name)
    invalid = [FieldError(field, message) for field, message in (*problems(plan), *_outer_problems(plan))]
    if invalid:
        raise InvalidRingPlan(
            "The ring plan is not valid; correct the fields in `errors`. Nothing was changed.", fields=invalid
        )
    return plan


def _require_one_person(current: Plan, plan: Plan) -> None:
    weaker = weakening.weakenings(current, plan)
    if not weaker and plan.name not in BUILT_IN:
        return
    why = "weakens it" if weaker else "changes a built-in plan"
    raise SecondPersonNeeded(
        f"This {why}, which takes two people: propose it with POST /ring-plans/{plan.name}/proposals, and have "
        "another person confirm it. Nothing was changed.",
        fields=[FieldError(each.field, f"was {each.before!r}, would be {each.after!r}") for each in weaker],
    )


def _to_decide(session: Session, name: str, proposal_id: int, if_match: IfMatch) -> PlanProposal:
    proposal = _proposal(session, name, proposal_id)
    require_version("The proposal", proposal.version, if_match)
    if proposal.state is not ProposalState.PENDING:
        raise ProposalDecided(f"Proposal {proposal_id} is already {proposal.state}.", allowed=[ProposalState.PENDING])
    return proposal


def _decide(unit: Unit, proposal: PlanProposal, state: ProposalState, comment: str | None) -> None:
    proposal.state, proposal.comment = state, comment
    proposal.decided_by, proposal.decided_at = unit.actor, clock.now()


def _proposal(session: Session, name: str, proposal_id: int) -> PlanProposal:
    found = session.execute(
        select(PlanProposal).where(PlanProposal.id == proposal_id, PlanProposal.name == name)
    ).scalar_one_or_none()
    if found is None:
        raise NoSuchProposal(f"Ring plan {name!r} has no proposal {proposal_id}; see GET /ring-plans/{name}/proposals.")
    return found


def _about(proposal: PlanProposal) -> dict[str, Any]:
    about = {"proposal_id": proposal.id, "name": proposal.name, "based_on": proposal.based_on}
    return {**about, "proposed_by": proposal.proposed_by}


def _shown(proposal: PlanProposal) -> dict[str, Any]:
    plan, before = Plan.from_json(proposal.plan), get(proposal.name, proposal.based_on)
    columns = {column.name: getattr(proposal, column.name) for column in PlanProposal.__table__.columns}
    return {
        **columns,
        "changes": [each.as_json() for each in weakening.differences(before, plan)],
        "weakens": [each.as_json() for each in weakening.weakenings(before, plan)],
        "version": proposal.version,
    }
