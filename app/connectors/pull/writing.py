"""Everything that changes actions. Results get their ids under one lock per connector, so that readers of a cursor
see them in the order in which they are committed.

Actions are locked in the order of their ids, and before that lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from app import clock
from app.connectors.pull.models import ActionState
from app.connectors.pull.settings import PullSettings
from app.connectors.pull.steps import Action, Answer, Message, step
from app.db import array_literal, db

_ORDERED = text("SELECT pg_advisory_xact_lock(hashtextextended('pull feedback ' || :connector, 0))")
_RECORD = text("""
    INSERT INTO pull_feedback (instruction_id, external_id, outcome, reason, at)
    SELECT instruction, device, outcome, reason, :now
      FROM unnest(CAST(:instructions AS bigint[]), CAST(:devices AS text[]), CAST(:outcomes AS text[]),
                  CAST(:reasons AS text[])) WITH ORDINALITY AS step(instruction, device, outcome, reason, n)
     ORDER BY n
""")
_LOCK = text("""
    SELECT id, instruction_id, external_id, state, outcome, detail, percent
      FROM pull_actions WHERE id = ANY(CAST(:ids AS integer[])) AND connector = :connector
     ORDER BY id FOR NO KEY UPDATE
""")
_MOVE = text("""
    UPDATE pull_actions
       SET state = moved.state, outcome = moved.outcome, detail = moved.detail, percent = moved.percent,
           changed_at = :now
      FROM unnest(CAST(:ids AS integer[]), CAST(:states AS text[]), CAST(:outcomes AS text[]),
                  CAST(:details AS text[]), CAST(:percents AS integer[]))
           AS moved(id, state, outcome, detail, percent)
     WHERE pull_actions.id = moved.id
""")
_INSTALLED = text("""
    INSERT INTO pull_installed (connector, external_id, application, platform, version, action_id)
    SELECT DISTINCT ON (action.external_id, instruction.application)
           action.connector, action.external_id, instruction.application, instruction.platform, instruction.version,
           action.id
      FROM pull_actions AS action JOIN pull_instructions AS instruction ON instruction.id = action.instruction_id
     WHERE action.id = ANY(CAST(:ids AS integer[]))
     ORDER BY action.external_id, instruction.application, action.id DESC
    ON CONFLICT (connector, external_id, application) DO UPDATE
       SET platform = excluded.platform, version = excluded.version, action_id = excluded.action_id
     WHERE pull_installed.action_id <= excluded.action_id
""")
# A device that has not begun needs no question. One that has is asked to stop, and says whether it can.
_CALL_OFF = """
    WITH unfinished AS (
        SELECT action.id, action.outcome IS NULL AS is_idle
          FROM pull_actions AS action JOIN pull_instructions AS instruction ON instruction.id = action.instruction_id
         WHERE action.state = 'open' AND {which}
         ORDER BY action.id FOR NO KEY UPDATE OF action
    )
    UPDATE pull_actions
       SET state = CASE WHEN is_idle THEN 'over' ELSE 'cancelling' END, changed_at = :now,
           outcome = CASE WHEN is_idle THEN 'not_applicable' ELSE outcome END
      FROM unfinished WHERE pull_actions.id = unfinished.id
    RETURNING pull_actions.instruction_id, pull_actions.external_id, is_idle, pull_actions.id
"""
_CALL_OFF_ALL = text(_CALL_OFF.format(which="action.instruction_id = :instruction"))
_REPLACE = text(
    _CALL_OFF.format(
        which="action.connector = :connector AND action.external_id = ANY(CAST(:devices AS text[]))"
        " AND instruction.application = :application AND instruction.id <> :instruction"
    )
)
_CALLED_OFF = text("""
    UPDATE pull_instructions SET called_off_at = coalesce(called_off_at, :now) WHERE id = :instruction
    RETURNING connector
""")


def replace(connection: Connection, instruction: int, application: str, about: Mapping[str, Any]) -> None:
    """End what these devices were to do of an application, now that they have a new instruction for it.

    `about` has the `connector`, its `devices` as an array literal, and `now`.
    """
    rows = connection.execute(_REPLACE, {"instruction": instruction, "application": application, **about}).mappings()
    _record_idle(connection, about["connector"], rows.all(), "replaced", about["now"])


def call_off(connection: Connection, instruction: int, now: datetime) -> None:
    """End an instruction on the devices that have not begun, and ask the others to stop."""
    connector = connection.execute(_CALLED_OFF, {"instruction": instruction, "now": now}).scalar_one_or_none()
    if connector is not None:
        rows = connection.execute(_CALL_OFF_ALL, {"instruction": instruction, "now": now}).mappings()
        _record_idle(connection, connector, rows.all(), "cancelled", now)


def record(connection: Connection, connector: str, steps: Sequence[tuple[int, str, str, str]], now: datetime) -> None:
    """Store results: instruction, device, outcome and reason of each."""
    if not steps:
        return
    connection.execute(_ORDERED, {"connector": connector})
    columns = [array_literal([str(value) for value in column]) for column in zip(*steps, strict=True)]
    names = ("instructions", "devices", "outcomes", "reasons")
    connection.execute(_RECORD, {**dict(zip(names, columns, strict=True)), "now": now})


def take(connector: str, settings: PullSettings, messages: Sequence[Message]) -> list[Answer]:
    """Carry out messages in their order, in one transaction; returns the answer to each."""
    now = clock.now()
    with db.engine.begin() as connection:
        ids = sorted({message.action_id for message in messages})
        rows = connection.execute(_LOCK, {"ids": ids, "connector": connector}).mappings()
        found = {row["id"]: row for row in rows}
        actions = {id: _action(row) for id, row in found.items()}
        before, answers, results = dict(actions), [], []
        for message in messages:
            row = found.get(message.action_id)
            if row is None or row["external_id"] != message.external_id:
                answers.append(Answer.UNKNOWN)
                continue
            taken = step(actions[message.action_id], message, settings.unconfirmed_is_success)
            actions[message.action_id] = taken.action
            answers.append(taken.answer)
            if taken.result is not None:
                results.append((row["instruction_id"], row["external_id"], *taken.result))
        changed = {id: action for id, action in actions.items() if action != before[id]}
        if changed:
            _move(connection, changed, now)
        record(connection, connector, results, now)
    return answers


def _action(row: RowMapping) -> Action:
    return Action(ActionState(row["state"]), row["outcome"], row["detail"], row["percent"])


def _move(connection: Connection, actions: Mapping[int, Action], now: datetime) -> None:
    values = list(actions.values())
    parameters = {
        "ids": list(actions),
        "states": [action.state.value for action in values],
        "outcomes": [action.outcome for action in values],
        "details": [action.detail for action in values],
        "percents": [action.percent for action in values],
        "now": now,
    }
    connection.execute(_MOVE, parameters)
    if installed := [id for id, action in actions.items() if action.outcome == "succeeded"]:
        connection.execute(_INSTALLED, {"ids": installed})


def _record_idle(
    connection: Connection, connector: str, rows: Sequence[RowMapping], reason: str, now: datetime
) -> None:
    """Store that nothing is to be done any more on the devices that had not begun."""
    idle = [(row["instruction_id"], row["external_id"], "not_applicable", reason) for row in rows if row["is_idle"]]
    record(connection, connector, idle, now)
