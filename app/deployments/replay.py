"""Stored gate evaluations judged again: a verdict is a pure function of its stored inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from app.audit.findings import Audit, Finding
from app.db import db
from app.deployments.models import GateEvaluation
from app.deployments.rules.gates import POLICY_VERSION, GateInputs, GatePolicy, Verdict, judge

BATCH = 1_000
JUDGES: Mapping[int, Callable[[GatePolicy, GateInputs, datetime], Verdict]] = dict.fromkeys(
    (2, 3, POLICY_VERSION), judge
)
"""The rules by their version. Version 3 asks for more only where a policy says so, which none of version 2 did;
version 4 asks for less only where the inputs say that a person has ended the soak, which none of before do."""


class UnknownPolicyVersion(LookupError):
    """No rules of this version are kept."""


def judge_stored(policy_version: int, inputs: Mapping[str, Any]) -> Verdict:
    """The verdict that follows from stored inputs.

    A field that the inputs lack has its default, as it had when they were stored; one that the rules of this version
    do not know is of no weight. Raises UnknownPolicyVersion, or KeyError, TypeError, ValueError for unreadable inputs.
    """
    if policy_version not in JUDGES:
        raise UnknownPolicyVersion(policy_version)
    return JUDGES[policy_version](
        GatePolicy.from_json(inputs["policy"]),
        GateInputs.from_json(inputs),
        datetime.fromisoformat(inputs["now"]),
    )


def replay() -> Audit:
    """Judge every stored evaluation again and compare verdict and code."""
    seen = Audit()
    for row in _stored():
        seen.checked += 1
        finding = _compare(row)
        if finding is not None:
            seen.add(finding)
    return seen


def _compare(row: Row[Any]) -> Finding | None:
    what = f"Evaluation {row.id} of deployment {row.deployment_id}"
    try:
        again = judge_stored(row.policy_version, row.inputs)
    except UnknownPolicyVersion:
        return Finding(
            "unknown",
            row.id,
            f"{what} was judged by policy version {row.policy_version}, which this release does not know.",
        )
    except (KeyError, TypeError, ValueError) as error:
        return Finding("unreadable", row.id, f"{what} has inputs that cannot be read: {error!r}.")
    if (again.outcome.value, again.code) == (row.verdict, row.code):
        return None
    stored, replayed = f"{row.verdict} ({row.code})", f"{again.outcome.value} ({again.code})"
    return Finding("different", row.id, f"{what} says {stored}, but its inputs give {replayed}.")


def _stored() -> Iterator[Row[Any]]:
    """Every evaluation in the order of ids, a batch at a time."""
    of = GateEvaluation
    columns = select(of.id, of.deployment_id, of.policy_version, of.verdict, of.code, of.inputs).order_by(of.id)
    last_id = 0
    while batch := db.session.execute(columns.where(of.id > last_id).limit(BATCH)).all():
        yield from batch
        last_id = batch[-1].id
