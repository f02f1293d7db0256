"""Silent devices: given up after the plan's time, so that a ring neither waits for them nor fails because of them."""

from __future__ import annotations

from sqlalchemy import and_, or_, select, text

from app import clock
from app.commands.models import Command
from app.db import quoted
from app.deployments import rehearsal
from app.deployments.models import Deployment, Ring
from app.deployments.rules.rings import Plan
from app.deployments.rules.states import ACTIVE, ENDED, GIVE_UP, REHEARSING, AssignmentState, RingState
from app.deployments.transitions import locked_ring, record
from app.events.unit import SYSTEM, Unit, unit_of_work
from app.queue import Job

GIVEN_UP_AT_ONCE = 10_000
"""Devices of a ring given up in one transaction; the next run continues."""

_GIVEN_UP_AS = " ".join(f"WHEN '{source}' THEN '{target}'" for source, target in GIVE_UP.items())
_GIVE_UP = text(
    # The ring's devices without an outcome whose time is over. Their connector must have been read after that: a
    # connector that cannot be called, or whose results wait to be read, says nothing about its devices. Once the
    # deployment has ended, nothing waits for the connector. A device may have reported without a command, or before its
    # command's confirmation was stored: without a dispatch that bounds what it says, its time begins with the receipt.
    f"""
    WITH silent AS (
        SELECT assignment.id, assignment.state
          FROM assignments AS assignment
          LEFT JOIN {Command.__tablename__} AS command ON command.id = assignment.command_id
         CROSS JOIN LATERAL (
             SELECT make_interval(secs => CASE assignment.site_class WHEN 'online' THEN :online
                                          WHEN 'intermittent' THEN :intermittent ELSE :air_gapped END) AS time,
                    CASE WHEN assignment.dispatched_at IS NULL
                         THEN coalesce((SELECT received_at FROM reports WHERE id = assignment.report_id),
                                       assignment.reported_at)
                         ELSE coalesce(assignment.reported_at, assignment.dispatched_at) END AS heard_at
         ) AS its
         WHERE assignment.ring_id = :ring
           AND assignment.state IN ({quoted(GIVE_UP)})
           AND (assignment.dispatched_at < :now - make_interval(secs => least(:online, :intermittent, :air_gapped))
                OR assignment.dispatched_at IS NULL)
           AND its.heard_at < :now - its.time
           AND (:has_ended OR command.due_at IS NULL OR command.collected_at >= its.heard_at + its.time)
         ORDER BY assignment.id LIMIT :batch
           FOR UPDATE OF assignment"""
    # The same, given up.
    f"""
    ), given_up AS (
        UPDATE assignments
           SET state = CASE silent.state {_GIVEN_UP_AS} END
          FROM silent WHERE assignments.id = silent.id
        RETURNING silent.state AS before, assignments.state AS after, assignments.connector
    )
    SELECT before, after, connector, count(*) AS devices FROM given_up GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    """
)  # built from the table of states, not from input


def give_up() -> None:
    """Give up the silent devices of each deployment's rings and rehearsals; one unit of work per ring.

    A deployment that has ended still gives its dispatched devices their whole time, since most of them report.
    """
    with unit_of_work(SYSTEM) as unit:
        waiting = unit.session.execute(
            select(Ring.id)
            .join(Deployment, Deployment.id == Ring.deployment_id)
            .where(
                or_(and_(Deployment.state.in_(ACTIVE), Ring.state != RingState.PENDING), Deployment.state.in_(ENDED)),
                Ring.pending > 0,
            )
            .order_by(Ring.id)
        ).scalars()
        ring_ids = list(waiting)
        rehearsing = select(Ring.id).where(Ring.rehearsal.in_(REHEARSING)).order_by(Ring.id)
        rehearsing_ids = list(unit.session.execute(rehearsing).scalars())
    for ring_id in ring_ids:
        with unit_of_work(SYSTEM) as unit:
            _give_up_in(unit, ring_id)
    for ring_id in rehearsing_ids:
        with unit_of_work(SYSTEM) as unit:
            rehearsal.give_up_waiting(unit, ring_id)


# A device that was dispatched to before the clock was set back gets its whole time from now on.
_NOT_AHEAD = text(
    f"""
    UPDATE assignments SET dispatched_at = :now
     WHERE ring_id = :ring AND state IN ({quoted(GIVE_UP)}) AND dispatched_at > :ahead
    """
)


def _give_up_in(unit: Unit, ring_id: int) -> None:
    ring = locked_ring(unit.session, ring_id)
    deployment = unit.session.get_one(Deployment, ring.deployment_id)
    limits = Plan.from_json(deployment.plan).silent_after
    now = clock.now()
    unit.session.execute(_NOT_AHEAD, {"now": now, "ahead": now + clock.SKEW, "ring": ring_id})
    has_ended = deployment.state in ENDED
    parameters = {**limits, "now": now, "ring": ring_id, "batch": GIVEN_UP_AT_ONCE, "has_ended": has_ended}
    tallies = []
    for row in unit.session.execute(_GIVE_UP, parameters):
        ring.shift(AssignmentState(row.before), AssignmentState(row.after), row.devices)
        tallies.append({**ring.names, "connector": row.connector, "outcome": row.after, "count": row.devices})
    if tallies:
        record(unit, deployment, "assignments.given_up", **ring.names, tallies=tallies)
        if not has_ended:
            unit.enqueue(Job.ADVANCE, deployment.id)
