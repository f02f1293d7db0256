"""The invariants as questions to the database, whoever has written to it and however it went."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import text

from app.audit.verify import verify
from app.deployments import queries, replay
from app.deployments.rules.rings import Plan
from app.deployments.rules.states import Group
from tests.support.counters import counted_in
from tests.support.database import rows

OVER = ("passed", "skipped", "waived")
A_MINUTE = timedelta(minutes=1)
BREAKER_REST = timedelta(seconds=60)
"""A breaker that has opened is left alone at least so long."""
RETIRE_DEVICE = text("UPDATE devices SET retired_at = now(), changed_at = now() WHERE id = :id")
REACHED = "('dispatched', 'installing', 'deferred')"


def rings_start_in_turn() -> None:
    """1: a ring dispatches only if the one before it is over, in a rollback started; a waiver is another person's."""
    by_deployment: dict[int, list[Any]] = {}
    with_kinds = "SELECT rings.*, kind FROM rings JOIN deployments ON deployments.id = deployment_id"
    for ring in rows(f"{with_kinds} ORDER BY deployment_id, position"):
        by_deployment.setdefault(ring.deployment_id, []).append(ring)
    for rings in by_deployment.values():
        for before, after in pairwise(rings):
            allowed = (*OVER, "deploying", "soaking") if after.kind == "rollback" else OVER
            has_broken = before.state == "failed" and before.name in _passed_once(before.deployment_id)
            assert not after.dispatched or before.state in allowed or has_broken, (
                f"{after.deployment_id}: {before.key} {before.state}"
            )
    own = "SELECT 1 FROM waivers w JOIN deployments d ON d.id = w.deployment_id WHERE w.granted_by = d.requested_by"
    assert rows(own) == []
    unwaived = "SELECT 1 FROM rings WHERE state = 'waived' AND id NOT IN (SELECT ring_id FROM waivers)"
    assert rows(unwaived) == []


def _passed_once(deployment_id: int) -> set[str]:
    """The rings that have passed, whatever became of them later."""
    found = rows("SELECT payload FROM events WHERE type = 'ring.passed' AND deployment_id = :id", id=deployment_id)
    return {row.payload["ring"] for row in found}


def devices_are_in_one_ring() -> None:
    """2: a device is in one ring of a deployment, and a platform has one live deployment of an application."""
    assert rows("SELECT 1 FROM assignments GROUP BY deployment_id, device_id HAVING count(*) > 1") == []
    strays = "SELECT 1 FROM assignments a JOIN rings r ON r.id = a.ring_id WHERE r.deployment_id <> a.deployment_id"
    assert rows(strays) == []
    live = "SELECT 1 FROM deployments WHERE state IN ('planning', 'running', 'paused')"
    assert rows(f"{live} GROUP BY application_id, platform HAVING count(*) > 1") == []


def counters_equal_a_recount() -> None:
    """3: and so do the devices that were dispatched, are on their way, and still wait for a command."""
    for ring in rows(_RECOUNT):
        what = f"{ring.deployment_id} {ring.key}"
        kept = (ring.pending, ring.succeeded, ring.failed, ring.silent, ring.excluded)
        assert kept == (ring.pending_now, ring.succeeded_now, ring.failed_now, ring.silent_now, ring.excluded_now), what
        assert ring.succeeded + ring.failed + ring.silent + ring.pending == ring.eligible, what
        assert ring.eligible + ring.excluded == ring.targeted, what
        assert (ring.dispatched, ring.sending) == (ring.sent, ring.on_the_way), what
        if ring.deployment_state in ("running", "paused"):
            assert sum(ring.waiting.values()) + ring.queued >= ring.unclaimed, f"{what}: forgotten devices"


def the_program_recounts_alike() -> None:
    """3: the program's own recount finds what its counters say."""
    for deployment in rows("SELECT id FROM deployments"):
        counted = queries.recount(deployment.id)
        for ring in rows("SELECT * FROM rings WHERE deployment_id = :id AND targeted > 0", id=deployment.id):
            assert {name: getattr(ring, name) for name in counted[ring.key]} == counted[ring.key]


_RECOUNT = f"""
    SELECT r.*, d.state AS deployment_state,
           {", ".join(f"{counted_in(group, 'a')} AS {group.value}_now" for group in Group)},
           count(a.dispatched_at) AS sent,
           count(a.id) FILTER (WHERE a.state = 'pending' AND a.command_id IS NULL) AS unclaimed,
           (SELECT coalesce(sum(c.size), 0) FROM commands c WHERE c.ring_id = r.id
               AND c.state IN ('queued', 'sending', 'retry_wait', 'unknown')) AS on_the_way,
           (SELECT coalesce(sum(c.size), 0) FROM commands c WHERE c.ring_id = r.id AND c.state = 'queued') AS queued
      FROM rings r JOIN deployments d ON d.id = r.deployment_id LEFT JOIN assignments a ON a.ring_id = r.id
     GROUP BY r.id, d.id
"""


def nothing_is_dispatched_against_the_rules(after: int) -> int:
    """4 and 8: no publication after that one came to be under a hold, above the rate, or without its command.

    Returns the last publication's id.
    """
    published = rows(_PUBLICATIONS, after=after)
    for it in published:
        assert it.deployment_id is not None, f"{it.key} was published without a command"
        plan = Plan.from_json(it.plan)
        ring = next(ring for ring in plan.rings if ring.name == it.ring_name)
        assert _state_at(it.deployment_id, it.published_at) == "running", f"{it.key} while not running"
        if plan.windows:
            assert it.published_at.minute < plan.windows[0]["duration_minutes"], f"{it.key} outside the window"
        if ring.approval.when == "always":
            assert _approvals(it.deployment_id, it.published_at) >= ring.approval.people, f"{it.key} unapproved"
        if ring.devices_per_minute is not None:
            lately = rows(_LATELY, ring=it.ring_id, since=it.published_at - A_MINUTE, until=it.published_at)[0].devices
            assert lately <= ring.devices_per_minute, f"{it.key}: {lately} devices within a minute"
        resting = rows(_OPENED, since=it.published_at - BREAKER_REST, until=it.published_at)
        assert resting == [], f"{it.key} through an open breaker"
    for ring in rows(_OUTSTANDING):
        assert ring.devices <= ring.concurrency, f"{ring.deployment_id} {ring.key}: {ring.devices} at once"
    return max((it.id for it in published), default=after)


_PUBLICATIONS = """
    SELECT p.id, p.key, p.published_at, c.deployment_id, c.ring_id, r.name AS ring_name, d.plan
      FROM simulated_publications p
      LEFT JOIN commands c ON c.key = p.key
      LEFT JOIN deployments d ON d.id = c.deployment_id
      LEFT JOIN rings r ON r.id = c.ring_id
     WHERE p.id > :after ORDER BY p.id
"""
_LATELY = """
    SELECT count(DISTINCT device) AS devices
      FROM simulated_publications p JOIN commands c ON c.key = p.key, unnest(p.devices) AS device
     WHERE c.ring_id = :ring AND p.published_at > :since AND p.published_at <= :until
"""
_OPENED = """
    SELECT 1 FROM events
     WHERE type = 'breaker.changed' AND payload->>'to' = 'open' AND at > :since AND at < :until
"""
_OUTSTANDING = f"""
    SELECT r.deployment_id, r.key, limits.concurrency,
           (SELECT count(*) FROM assignments
             WHERE ring_id = r.id AND dispatched_at IS NOT NULL AND state IN {REACHED}) AS devices
      FROM rings r JOIN deployments d ON d.id = r.deployment_id,
           jsonb_to_recordset(d.plan->'rings') AS limits(name text, concurrency integer)
     WHERE limits.name = r.name AND limits.concurrency IS NOT NULL AND d.state IN ('running', 'paused')
"""


def _state_at(deployment_id: int, moment: datetime) -> str:
    """What the events say the deployment was; of two states at one moment the running one, which may come first."""
    states = {"planned": "running", "resumed": "running"}
    found = "planning"
    for event in rows(_MOVES, id=deployment_id):
        if event.at < moment or (event.at == moment and event.type.split(".")[1] in states):
            found = states.get(event.type.split(".")[1], event.type)
    return found


_MOVES = """
    SELECT type, at FROM events
     WHERE deployment_id = :id AND type IN ('deployment.planned', 'deployment.resumed', 'deployment.paused',
           'deployment.completed', 'deployment.aborted', 'deployment.failed', 'deployment.rejected')
     ORDER BY id
"""


def _approvals(deployment_id: int, moment: datetime) -> int:
    statement = """
        SELECT count(DISTINCT subject) AS people FROM approvals a JOIN deployments d ON d.id = a.deployment_id
         WHERE d.id = :id AND a.answer = 'approve' AND a.at <= :moment AND a.subject <> d.requested_by
           AND (a.invalidated_at IS NULL OR a.invalidated_at > :moment)
    """
    return int(rows(statement, id=deployment_id, moment=moment)[0].people)


def nobody_answers_himself() -> None:
    """5: neither an approval nor a lift is the requester's own."""
    own = "SELECT 1 FROM approvals a JOIN deployments d ON d.id = a.deployment_id WHERE a.subject = d.requested_by"
    assert rows(own) == []
    assert rows("SELECT 1 FROM freezes WHERE lifted_by = lift_requested_by") == []


def ends_stay(seen: dict[str, str]) -> None:
    """6: what was terminal still is what it was; `seen` remembers from one time to the next.

    A ring that has passed may still fail until its deployment ends.
    """
    ended = rows(
        "SELECT 'deployment ' || id AS what, state FROM deployments"
        " WHERE state IN ('completed', 'aborted', 'failed', 'rejected')"
        " UNION ALL SELECT 'ring ' || rings.id, rings.state"
        " FROM rings JOIN deployments ON deployments.id = deployment_id"
        " WHERE rings.state IN ('skipped', 'waived') OR rings.state = 'passed' AND deployments.finished_at IS NOT NULL"
    )
    now = {row.what: row.state for row in ended}
    assert {what: now.get(what) for what in seen} == seen
    seen.update(now)


def changes_have_events(seen: dict[int, tuple[int, int]]) -> None:
    """8: a deployment's version never rises without an event that says why."""
    statement = """
        SELECT d.id, d.version, (SELECT count(*) FROM events e WHERE e.deployment_id = d.id) AS events
          FROM deployments d
    """
    for row in rows(statement):
        version, events = seen.get(row.id, (0, 0))
        assert row.version >= version
        assert row.events - events >= row.version - version, f"deployment {row.id} changed silently"
        seen[row.id] = (row.version, row.events)


def the_log_is_whole() -> None:
    """9: the chain verifies, and ids have no gaps."""
    assert verify().findings == []
    (log,) = rows("SELECT count(*) AS events, coalesce(max(id), 0) AS last FROM events")
    assert log.events == log.last


def verdicts_can_be_repeated() -> None:
    """10: every stored verdict follows from its stored inputs."""
    assert replay.replay().findings == []


def silence_is_nothing() -> None:
    """11: no ring passes without a report, and nobody has failed who did not say so."""
    assert rows("SELECT 1 FROM rings WHERE state = 'passed' AND succeeded + failed = 0") == []
    unsaid = """
        SELECT 1 FROM assignments a WHERE a.state IN ('failed', 'succeeded', 'already_compliant')
           AND NOT EXISTS (SELECT 1 FROM reports r WHERE r.assignment_id = a.id AND r.outcome = a.state)
    """
    assert rows(unsaid) == []


def no_hold_was_passed(stops: Mapping[int, tuple[str | None, datetime, datetime | None]]) -> None:
    """4: nothing was published inside one of these stops, each (application or None for all, from, until)."""
    for application, since, until in stops.values():
        statement = """
            SELECT key FROM simulated_publications
             WHERE published_at > :since AND (CAST(:until AS timestamptz) IS NULL OR published_at < :until)
               AND (CAST(:application AS text) IS NULL OR application = :application)
        """
        assert rows(statement, since=since, until=until, application=application) == []
