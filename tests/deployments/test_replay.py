"""Every stored verdict follows from its stored inputs, and one that does not is named."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.deployments.replay import UnknownPolicyVersion, judge_stored
from app.deployments.rules.gates import POLICY_VERSION, GateOutcome
from tests.support.api import Api
from tests.support.moments import state_at

INPUTS: dict[str, Any] = {
    "policy": {
        "target": 0.9,
        "min_reported": 10,
        "min_coverage": 0.8,
        "soak_seconds": 60,
        "error_ceiling": 0.2,
        "on_fail": "pause",
    },
    "tally": {"eligible": 100, "succeeded": 95, "failed": 5, "silent": 0, "pending": 0},
    "soaking_since": "2026-01-01T00:00:00+00:00",
    "now": "2026-01-01T00:01:00+00:00",
}


@pytest.fixture
def rolled_out(api: Api, drive: Callable[..., None]) -> int:
    """A completed deployment; how many evaluations it has left."""
    api.register(200)
    path = f"/deployments/{api.deploy()['id']}"
    drive(120, until=lambda: state_at(path) == "completed")
    assert api.get(path)["state"] == "completed"
    return len(api.get(f"{path}/gates?limit=500")["items"])


def change(statement: str) -> None:
    from app.db import db

    with db.engine.begin() as connection:
        connection.execute(text(statement))


def replayed(database: Flask) -> tuple[int, list[str]]:
    """The command's exit code and its lines."""
    answer = database.test_cli_runner().invoke(args=["events", "replay-gates"])
    return answer.exit_code, answer.output.splitlines()


def test_every_verdict_of_a_rollout_is_found_again(database: Flask, rolled_out: int) -> None:
    assert rolled_out > 5
    assert replayed(database) == (
        0,
        [f"{rolled_out} gate evaluations, 0 findings; judged again from their stored inputs."],
    )


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ("verdict = 'fail'", "says fail ("),
        ("code = 'target'", "(target), but its inputs give "),
        ("""inputs = jsonb_set(inputs, '{tally,failed}', '90')""", "but its inputs give fail (error_ceiling)."),
        ("policy_version = 4711", "was judged by policy version 4711, which this release does not know."),
        ("inputs = inputs - 'tally'", "has inputs that cannot be read: KeyError('tally')."),
        ("inputs = jsonb_set(inputs, '{now}', '\"never\"')", "has inputs that cannot be read: ValueError("),
        ("inputs = jsonb_set(inputs, '{tally,failed}', 'null')", "has inputs that cannot be read: TypeError("),
        ("inputs = '[]'", "has inputs that cannot be read: TypeError("),
    ],
)
def test_an_evaluation_that_was_changed_is_named(database: Flask, rolled_out: int, values: str, found: str) -> None:
    change(f"UPDATE gate_evaluations SET {values} WHERE id = 3")
    code, lines = replayed(database)
    assert code == 1
    assert len(lines) == 2
    assert lines[0].startswith("Evaluation 3 of deployment 1 ")
    assert found in lines[0]
    assert lines[1].startswith(f"{rolled_out} gate evaluations, 1 findings;")


def test_stored_inputs_are_judged_by_the_rules() -> None:
    assert judge_stored(POLICY_VERSION, INPUTS).outcome is GateOutcome.PASS
    early = {**INPUTS, "now": "2026-01-01T00:00:59.999999+00:00"}
    assert judge_stored(POLICY_VERSION, early).code == "soak"
    assert judge_stored(POLICY_VERSION, {**INPUTS, "soaking_since": None}).code == "soak"


def test_fields_that_came_later_may_be_missing_and_unknown_ones_have_no_weight() -> None:
    older, newer = deepcopy(INPUTS), deepcopy(INPUTS)
    del older["policy"]["on_fail"]
    newer["surprise"] = newer["policy"]["surprise"] = newer["tally"]["surprise"] = 1
    now = judge_stored(POLICY_VERSION, INPUTS)
    assert judge_stored(POLICY_VERSION, older) == judge_stored(POLICY_VERSION, newer) == now


def test_rules_of_an_unknown_version_judge_nothing() -> None:
    with pytest.raises(UnknownPolicyVersion):
        judge_stored(POLICY_VERSION + 1, INPUTS)
