"""Jobs: an id in, a service call out. `app/queue.py` names them and their queues."""

from __future__ import annotations

from app.audit import heads
from app.deployments import dispatch, membership, progress, silence
from app.deployments.analysis import service as analysis
from app.deployments.approval import break_glass
from app.drift import remediation, service as drift
from app.http import idempotency
from app.instrumentation import tell_heartbeat
from app.metrics.following import annotations as marks, totals
from workers import gauges


def sweep() -> None:
    """Wake whatever is due."""
    progress.sweep()
    tell_heartbeat()


def plan(deployment_id: int) -> None:
    """Give every device of a deployment its ring."""
    progress.plan(deployment_id)


def advance(deployment_id: int) -> None:
    """One tick of a deployment."""
    progress.advance(deployment_id)


def settle(deployment_id: int) -> None:
    """Take out of the count what an early end left undispatched."""
    progress.settle(deployment_id)


def deliver(command_id: int) -> None:
    """Give a command to its connector."""
    dispatch.deliver(command_id)


def collect(command_id: int) -> None:
    """Ask a connector what became of a command."""
    dispatch.collect(command_id)


def give_up() -> None:
    """Stop waiting for devices that have been silent for too long."""
    silence.give_up()


def analyse(ring_id: int) -> None:
    """Ask Graphite what a ring's gate wants to know."""
    analysis.run(ring_id)


def analyse_due() -> None:
    """Ask for the analyses whose interval is over."""
    analysis.due()


def join() -> None:
    """Take in devices that came into the scope of a running deployment."""
    membership.join_all()


def reconcile() -> None:
    """Ask for the comparison of everything that was ever deployed with what its devices have."""
    drift.reconcile()


def compare(deployment_id: int) -> None:
    """Compare what connectors report of a deployment's application with what its devices should have."""
    drift.compare(deployment_id)


def remediate() -> None:
    """Set right what may be set right without asking."""
    remediation.remediate()


def sample_gauges() -> None:
    """Set every gauge."""
    gauges.sample()


def forget_keys() -> None:
    """Remove old idempotency keys."""
    idempotency.forget_old_keys()


def write_head() -> None:
    """Tell the event log's head to places outside the database."""
    heads.write()


def annotate() -> None:
    """Mark on the dashboards what became of deployments."""
    marks.follow()


def confirm_glass() -> None:
    """Pause what passed a freeze and was not confirmed in time."""
    break_glass.pause_unconfirmed()


def count_totals() -> None:
    """Add to the totals what the log has had since the last run."""
    totals.count()
