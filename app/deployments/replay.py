"""Evaluating stored gate evaluations again: a verdict is a pure function of its stored inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from app.audit.findings import Audit, AuditFinding
from app.db import db
from app.deployments.models import GateEvaluation
from app.deployments.rules import returning
from app.deployments.rules.gates import POLICY_VERSION, GateInputs, GatePolicy, Verdict, judge, judge_by_version_4

EVALUATIONS_AT_ONCE = 1_000
"""Read by one query."""


def _judge_by_kind(policy: GatePolicy, inputs: GateInputs, now: datetime) -> Verdict:
    return judge(policy, inputs, now) if inputs.whole is None else returning.judge(policy, inputs)


JUDGES: Mapping[int, Callable[[GatePolicy, GateInputs, datetime], Verdict]] = {
    **dict.fromkeys((2, 3, 4), judge_by_version_4),
    POLICY_VERSION: _judge_by_kind,
}
"""The rules by version. Version 3 only added conditions for policy fields that version 2 did not have, and version 4
only waives the soak where the inputs say so, which older inputs never do. Version 5 tests rates for significance."""


class UnknownPolicyVersion(LookupError):
    """This release does not have the rules of that version."""


def judge_stored(policy_version: int, inputs: Mapping[str, Any]) -> Verdict:
    """The verdict on stored inputs.

    Missing fields have their defaults, as when the inputs were stored; unknown fields are ignored. Raises
    UnknownPolicyVersion, or KeyError, TypeError, ValueError for unreadable inputs.
    """
    if policy_version not in JUDGES:
        raise UnknownPolicyVersion(policy_version)
    return JUDGES[policy_version](
        GatePolicy.from_json(inputs["policy"]),
        GateInputs.from_json(inputs),
        datetime.fromisoformat(inputs["now"]),
    )


def replay() -> Audit:
    """Evaluate every stored evaluation again and compare verdict and code."""
    audit = Audit()
    for row in _stored():
        audit.checked += 1
        finding = _compare(row)
        if finding is not None:
            audit.add(finding)
    return audit


def _compare(row: Row[Any]) -> AuditFinding | None:
    evaluation = f"Evaluation {row.id} of deployment {row.deployment_id}"
    try:
        again = judge_stored(row.policy_version, row.inputs)
    except UnknownPolicyVersion:
        return AuditFinding(
            "unknown",
            row.id,
            f"{evaluation} was judged by policy version {row.policy_version}, which this release does not know.",
        )
    except (KeyError, TypeError, ValueError) as error:
        return AuditFinding("unreadable", row.id, f"{evaluation} has inputs that cannot be read: {error!r}.")
    if (again.outcome.value, again.code) == (row.verdict, row.code):
        return None
    stored, replayed = f"{row.verdict} ({row.code})", f"{again.outcome.value} ({again.code})"
    return AuditFinding("different", row.id, f"{evaluation} says {stored}, but its inputs give {replayed}.")


def _stored() -> Iterator[Row[Any]]:
    """Every evaluation in the order of ids, read a page at a time."""
    evaluations = select(
        GateEvaluation.id,
        GateEvaluation.deployment_id,
        GateEvaluation.policy_version,
        GateEvaluation.verdict,
        GateEvaluation.code,
        GateEvaluation.inputs,
    ).order_by(GateEvaluation.id)
    last_id = 0
    while page := db.session.execute(evaluations.where(GateEvaluation.id > last_id).limit(EVALUATIONS_AT_ONCE)).all():
        yield from page
        last_id = page[-1].id
