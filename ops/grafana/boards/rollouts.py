"""Rollouts: rings, gate verdicts, holds, approvals, compliance, devices, rollbacks."""

from __future__ import annotations

from app.metrics import catalogue as m
from app.metrics.following import annotations as marks
from ops.grafana import graphite as g, panels as p
from ops.grafana.board import APPLICATION, CONNECTOR, RING, SITE_CLASS, Board, Row, Tile
from ops.grafana.boards.common import HEARTBEAT

SELECTED = {"ring": RING, "connector": CONNECTOR}
REACHED = g.one_of("succeeded", "already_compliant")
PASSED, NOT_PASSED = 0.97, 0.9


def _deployments(status: str) -> str:
    return m.APPLICATION_DEPLOYMENTS.series("count", app=APPLICATION, status=status)


def _created() -> p.Panel:
    return p.figures(
        "Deployments created",
        "Rollouts created in this range for the selected applications. Rollbacks are counted separately.",
        g.alias(g.total(_deployments("created"), HEARTBEAT), "created"),
        unit="short",
    )


def _completed() -> p.Panel:
    return p.figures(
        "Completed",
        "Rollouts that completed all their rings in this range.",
        g.alias(g.total(_deployments("completed"), HEARTBEAT), "completed"),
        unit="short",
    )


def _failed() -> p.Panel:
    return p.figures(
        "Failed or aborted",
        "Rollouts that a gate failed or a person aborted in this range.",
        g.alias(g.total(_deployments(g.one_of("failed", "aborted")), HEARTBEAT), "failed or aborted"),
        unit="short",
        steps=((1, p.WARN), (5, p.BAD)),
    )


def _went_back() -> p.Panel:
    metric = m.APPLICATION_ROLLBACKS
    created = metric.series("count", app=APPLICATION, status="created")
    return p.figures(
        "Rolled back",
        "Rollbacks created in this range.",
        g.alias(g.total(created, HEARTBEAT), "rollbacks"),
        unit="short",
        steps=((1, p.WARN), (5, p.BAD)),
    )


def _rings_passed() -> p.Panel:
    ended = m.DEPLOYMENT_TOTAL.series("count", ring=RING, status=g.one_of("passed", "failed"))
    passed = m.DEPLOYMENT_TOTAL.series("count", ring=RING, status="passed")
    return p.figures(
        "Rings passed",
        "The share of rings that passed, of those that passed or failed in this range.",
        g.alias(g.share(passed, ended), "passed"),
        unit="percentunit",
        steps=((NOT_PASSED, p.WARN), (PASSED, p.GOOD)),
        below=p.BAD,
        decimals=1,
    )


def _devices_reached() -> p.Panel:
    reported = m.ASSIGNMENT_OUTCOME.series(
        "count", **SELECTED, outcome=g.one_of("succeeded", "already_compliant", "failed")
    )
    return p.figures(
        "Devices succeeded",
        "The share of devices that succeeded, of those that reported a result in this range. Silent devices do not "
        "count.",
        g.alias(g.share(m.ASSIGNMENT_OUTCOME.series("count", **SELECTED, outcome=REACHED), reported), "succeeded"),
        unit="percentunit",
        steps=((NOT_PASSED, p.WARN), (PASSED, p.GOOD)),
        below=p.BAD,
        decimals=1,
    )


def _in_time() -> p.Panel:
    where = {"ring": RING, "site_class": SITE_CLASS}
    return p.figures(
        "Compliant in time",
        "The share of devices that became compliant within the limit of their site class, of those that became "
        "compliant in this range.",
        g.alias(
            g.share(
                m.COMPLIANCE_TOTAL.series("count", **where, result="in_time"),
                m.COMPLIANCE_TOTAL.series("count", **where),
            ),
            "in time",
        ),
        unit="percentunit",
        steps=((0.9, p.WARN), (0.95, p.GOOD)),
        below=p.BAD,
        decimals=1,
    )


def _oldest() -> p.Panel:
    return p.figures(
        "Oldest pending approval",
        "How long the deployment that has waited longest for approval has been waiting.",
        g.level(m.APPROVAL_OLDEST.series(""), "oldest"),
        unit="dtdurations",
        steps=((4 * 3600, p.WARN), (24 * 3600, p.BAD)),
    )


def _rings_ended() -> p.Panel:
    return p.bars_by(
        "Rings ended",
        "Rings per minute, by result. A ring that failed and was waived counts in both.",
        m.DEPLOYMENT_TOTAL,
        "status",
        ring=RING,
    )


def _rings() -> p.Panel:
    return p.totals(
        "Results by ring",
        "Rings that ended in this range, by name and result.",
        g.totals_by(m.DEPLOYMENT_TOTAL, "ring", "status", ring=RING),
    )


def _promotions() -> p.Panel:
    return p.totals(
        "Promotions",
        "Promotions to the next ring: `auto` by the gate, `manual` by a person who ended the soak, `blocked` by a "
        "failed gate, `waived` after a failed gate.",
        g.totals_by(m.RING_PROMOTION, "source", "how", source=RING),
    )


def _ring_duration() -> p.Panel:
    return p.heatmap(
        "Ring durations",
        "Rings per minute by duration, from first dispatch to minimum coverage, excluding holds.",
        m.DEPLOYMENT_DURATION,
        ring=RING,
    )


def _judged() -> p.Panel:
    return p.lines(
        "Success rate at the gates",
        "The share of reporting devices that succeeded, by ring, in the worst live deployment. Gates judge this value.",
        g.state(m.GATE_SUCCESS_RATE, "ring", value=RING, how="min"),
        unit="percentunit",
        calcs=("lastNotNull", "min"),
    ).max(1)


def _verdicts() -> p.Panel:
    return p.bars_by(
        "Gate verdicts",
        "Evaluations per minute whose verdict or reason changed. `error`: an input could not be read. The annotations "
        "`Gate verdicts` have the reasons.",
        m.GATE_VERDICT,
        "verdict",
        ring=RING,
    )


def _verdicts_by_ring() -> p.Panel:
    return p.totals(
        "Verdicts by ring",
        "Gate evaluations in this range, by ring and verdict.",
        g.totals_by(m.GATE_VERDICT, "ring", "verdict", ring=RING),
    )


def _analyses() -> p.Panel:
    return p.bars_by(
        "Metric analyses",
        "Measurements that gates took from Graphite, per minute, by result.",
        m.ANALYSIS_TOTAL,
        "phase",
        ring=RING,
    )


def _held() -> p.Panel:
    return p.areas_by(
        "Deployments held", "Live deployments that are not dispatching, by reason.", m.HOLD_ACTIVE, "hold"
    )


def _holds_began() -> p.Panel:
    metric = m.HOLD_TOTAL
    return p.totals(
        "Holds started",
        "How often a deployment was put on hold in this range, by reason.",
        g.totals_by(metric, "hold"),
    )


def _approvals() -> p.Panel:
    return p.bars_by(
        "Approvals",
        "Approvals per minute: requested, given, rejected, and invalidated because the deployment changed.",
        m.APPROVAL,
        "what",
    )


def _risk() -> p.Panel:
    return p.heatmap(
        "Risk scores",
        "Assessments per minute by score, 0 to 100. Above 50, people must approve.",
        m.RISK_SCORE,
    )


def _compliance() -> p.Panel:
    return p.bars_by(
        "Devices becoming compliant",
        "Devices per minute that became compliant within the limit of their site class, or later.",
        m.COMPLIANCE_TOTAL,
        "result",
        ring=RING,
        site_class=SITE_CLASS,
    )


def _compliance_by_ring() -> p.Panel:
    return p.totals(
        "Compliant in time by ring",
        "The share of devices that became compliant within the limit, of those that became compliant in this range.",
        g.share_by(
            m.COMPLIANCE_TOTAL,
            "ring",
            part={"result": "in_time"},
            whole={"ring": RING, "site_class": SITE_CLASS},
        ),
        unit="percentunit",
        steps=((0.9, p.WARN), (0.95, p.GOOD)),
        below=p.BAD,
        most=1,
    )


def _time_to_compliance() -> p.Panel:
    metric = m.TIME_TO_COMPLIANCE
    gauge = metric.series("", ring=RING, site_class=SITE_CLASS)
    nodes = [str(metric.node(label)) for label in ("quantile", "ring", "site_class")]
    return p.lines(
        "Time to compliance",
        "From a device's dispatch to its success, in the worst live deployment. A p95 exists once 95 % of the devices "
        "have an outcome.",
        g.readable(
            g.call("aliasByNode", g.consolidated(gauge, "max"), *nodes), metric, "quantile", "ring", "site_class"
        ),
        unit="s",
    )


def _dispatched() -> p.Panel:
    return p.bars_by(
        "Devices dispatched",
        "Assignments per minute whose command a connector confirmed, by ring.",
        m.DISPATCH_TOTAL,
        "ring",
        **SELECTED,
    )


def _outcomes() -> p.Panel:
    return p.bars_by(
        "Outcomes", "Assignments per minute, by the state they changed to.", m.ASSIGNMENT_OUTCOME, "outcome", **SELECTED
    )


def _outcomes_by_connector() -> p.Panel:
    return p.table(
        "Outcomes by connector",
        "Assignments in this range, by connector and the state they changed to.",
        g.totals_by(m.ASSIGNMENT_OUTCOME, "connector", "outcome", **SELECTED),
        unit="short",
        rows="Connector and outcome",
    )


def _joined() -> p.Panel:
    return p.totals(
        "Devices joined",
        "Devices that joined a running deployment in this range, by ring.",
        g.totals_by(m.ASSIGNMENT_JOINED, "ring", ring=RING),
    )


def _rehearsals() -> p.Panel:
    return p.totals(
        "Rollback rehearsals",
        "Devices on which a ring rehearsed rolling its release back and installing it again, by result.",
        g.totals_by(m.VALIDATION_TOTAL, "ring", "result", ring=RING),
    )


def _rollbacks() -> p.Panel:
    whole, rings = m.APPLICATION_ROLLBACKS, m.ROLLBACK_TOTAL
    return p.totals(
        "Rollback results",
        "Rollbacks in this range and their rings, by result.",
        g.prefixed("rollbacks", g.totals_by(whole, "status", app=APPLICATION)),
        g.prefixed("rings", g.totals_by(rings, "status", ring=RING)),
    )


def _rolled_back() -> p.Panel:
    outcome, dispatch = m.ROLLBACK_OUTCOME, m.ROLLBACK_DISPATCH
    return p.bars(
        "Devices rolled back",
        "Assignments of rollbacks per minute: dispatched, and by the state they changed to.",
        g.alias(g.total_per_minute(dispatch.series("count", **SELECTED), HEARTBEAT), "dispatched"),
        g.per_minute_by(outcome, "outcome", **SELECTED),
    )


def _left_behind() -> p.Panel:
    return p.areas(
        "Devices left behind",
        "Devices that still have a release although its rollback has ended, and that nobody has accepted.",
        g.alias(m.LEFT_BEHIND.series(""), "left behind"),
        unit="short",
    )


GLANCE = (_created, _completed, _failed, _went_back, _rings_passed, _devices_reached, _in_time, _oldest)

BOARD = Board(
    uid="eucora-rollouts",
    title="EUCORA rollouts",
    description="How releases progress through their rings, what gates decide, what holds them, and how devices fare.",
    rows=(
        Row("At a glance", [Tile(make(), width=3, height=4) for make in GLANCE]),
        Row("Rings", [Tile(_rings_ended()), Tile(_ring_duration()), Tile(_rings()), Tile(_promotions())]),
        Row("Gates", [Tile(_judged()), Tile(_verdicts()), Tile(_verdicts_by_ring()), Tile(_analyses())]),
        Row("Holds and approvals", [Tile(make(), width=6) for make in (_held, _holds_began, _approvals, _risk)]),
        Row("Compliance", [Tile(make(), width=8) for make in (_compliance, _compliance_by_ring, _time_to_compliance)]),
        Row(
            "Devices",
            [
                Tile(_dispatched()),
                Tile(_outcomes()),
                *(Tile(make(), width=8) for make in (_outcomes_by_connector, _joined, _rehearsals)),
            ],
        ),
        Row("Rollbacks", [Tile(make(), width=8) for make in (_rollbacks, _rolled_back, _left_behind)]),
    ),
    variables=(APPLICATION, RING, CONNECTOR, SITE_CLASS),
    marks=marks.LAYERS,
)
