"""Rollouts: how far rings came, what their gates said, what held them, who complied, who signed off, what went back."""

from __future__ import annotations

from app.metrics import catalogue as m
from app.metrics.following import annotations as marks
from ops.grafana import graphite as g, panels as p
from ops.grafana.board import APPLICATION, CONNECTOR, RING, SITE_CLASS, Board, Row, Tile
from ops.grafana.boards.common import HEARTBEAT

MOVED = {"ring": RING, "connector": CONNECTOR}
REACHED = g.one_of("succeeded", "already_compliant")
PASSED, NOT_PASSED = 0.97, 0.9


def _deployments(status: str) -> str:
    return m.APPLICATION_DEPLOYMENTS.series("count", app=APPLICATION, status=status)


def _created() -> p.Panel:
    return p.figures(
        "Deployments created",
        "Rollouts that began in the range, of the applications chosen above; rollbacks are counted apart.",
        g.alias(g.total(_deployments("created"), HEARTBEAT), "created"),
        unit="short",
    )


def _completed() -> p.Panel:
    return p.figures(
        "Completed",
        "Rollouts of the range that came through all their rings.",
        g.alias(g.total(_deployments("completed"), HEARTBEAT), "completed"),
        unit="short",
    )


def _failed() -> p.Panel:
    return p.figures(
        "Failed or aborted",
        "Rollouts of the range that a gate or a person ended.",
        g.alias(g.total(_deployments(g.one_of("failed", "aborted")), HEARTBEAT), "failed or aborted"),
        unit="short",
        steps=((1, p.WARN), (5, p.BAD)),
    )


def _went_back() -> p.Panel:
    metric = m.APPLICATION_ROLLBACKS
    created = metric.series("count", app=APPLICATION, status="created")
    return p.figures(
        "Rolled back",
        "Rollbacks that began in the range.",
        g.alias(g.total(created, HEARTBEAT), "rollbacks"),
        unit="short",
        steps=((1, p.WARN), (5, p.BAD)),
    )


def _rings_passed() -> p.Panel:
    ended = m.DEPLOYMENT_TOTAL.series("count", ring=RING, status=g.one_of("passed", "failed"))
    passed = m.DEPLOYMENT_TOTAL.series("count", ring=RING, status="passed")
    return p.figures(
        "Rings passed",
        "Of the rings that passed or failed in the range.",
        g.alias(g.share(passed, ended), "passed"),
        unit="percentunit",
        steps=((NOT_PASSED, p.WARN), (PASSED, p.GOOD)),
        below=p.BAD,
        decimals=1,
    )


def _devices_reached() -> p.Panel:
    told = m.ASSIGNMENT_OUTCOME.series("count", **MOVED, outcome=g.one_of("succeeded", "already_compliant", "failed"))
    return p.figures(
        "Devices succeeded",
        "Of the devices that reported an end in the range. Silent ones count neither way.",
        g.alias(g.share(m.ASSIGNMENT_OUTCOME.series("count", **MOVED, outcome=REACHED), told), "succeeded"),
        unit="percentunit",
        steps=((NOT_PASSED, p.WARN), (PASSED, p.GOOD)),
        below=p.BAD,
        decimals=1,
    )


def _in_time() -> p.Panel:
    where = {"ring": RING, "site_class": SITE_CLASS}
    return p.figures(
        "Compliant in time",
        "Of the devices that became compliant in the range: those within the limit of their site class.",
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
        "Oldest sign-off waits",
        "How long the deployment that has waited longest for its approval has been waiting.",
        g.level(m.APPROVAL_OLDEST.series(""), "oldest"),
        unit="dtdurations",
        steps=((4 * 3600, p.WARN), (24 * 3600, p.BAD)),
    )


def _rings_ended() -> p.Panel:
    return p.bars_by(
        "Rings ended",
        "Per minute, by how. A ring that failed and was waived is in both.",
        m.DEPLOYMENT_TOTAL,
        "status",
        ring=RING,
    )


def _rings() -> p.Panel:
    return p.totals(
        "Rings of the range",
        "How many rings of each kind ended how.",
        g.totals_by(m.DEPLOYMENT_TOTAL, "ring", "status", ring=RING),
    )


def _promotions() -> p.Panel:
    return p.totals(
        "Promotions",
        "From one ring to the next: `auto` by its gate, `manual` because a person ended the soak, `blocked` by a gate "
        "that failed, `waived` after that.",
        g.totals_by(m.RING_PROMOTION, "source", "how", source=RING),
    )


def _ring_duration() -> p.Panel:
    return p.heatmap(
        "Ring durations",
        "How long rings took from their first dispatch to their minimum coverage, holds excluded; rings per minute.",
        m.DEPLOYMENT_DURATION,
        ring=RING,
    )


def _judged() -> p.Panel:
    return p.lines(
        "Success rate at the gates",
        "Succeeded of all that reported, by ring, the worst of the deployments under way: what the gates judge.",
        g.state(m.GATE_SUCCESS_RATE, "ring", value=RING, how="min"),
        unit="percentunit",
        calcs=("lastNotNull", "min"),
    ).max(1)


def _verdicts() -> p.Panel:
    return p.bars_by(
        "Gate verdicts",
        "Evaluations that said something new, per minute. `error`: an input could not be read. The marks `Gate "
        "verdicts` carry the reasons.",
        m.GATE_VERDICT,
        "verdict",
        ring=RING,
    )


def _verdicts_by_ring() -> p.Panel:
    return p.totals(
        "Verdicts by ring",
        "How often the gates of each ring said what.",
        g.totals_by(m.GATE_VERDICT, "ring", "verdict", ring=RING),
    )


def _analyses() -> p.Panel:
    return p.bars_by(
        "Metric analyses",
        "Measurements that gates asked of Graphite, per minute, by what they say.",
        m.ANALYSIS_TOTAL,
        "phase",
        ring=RING,
    )


def _held() -> p.Panel:
    return p.areas_by(
        "Deployments held", "Live deployments to which nothing is dispatched, by why.", m.HOLD_ACTIVE, "hold"
    )


def _holds_began() -> p.Panel:
    metric = m.HOLD_TOTAL
    return p.totals(
        "Holds that began",
        "How often a deployment began to be held in the range, by why.",
        g.totals_by(metric, "hold"),
        words=metric.labels["hold"],
    )


def _approvals() -> p.Panel:
    return p.bars_by(
        "Approvals",
        "Sign-offs asked for, given, refused, and struck because what they were for has changed; per minute.",
        m.APPROVAL,
        "what",
    )


def _risk() -> p.Panel:
    return p.heatmap(
        "Risk scores",
        "Scores of assessed deployments, 0 to 100; above 50 people must sign off. Assessments per minute.",
        m.RISK_SCORE,
    )


def _compliance() -> p.Panel:
    return p.bars_by(
        "Devices becoming compliant",
        "Per minute, within the limit of their site class or after it.",
        m.COMPLIANCE_TOTAL,
        "result",
        ring=RING,
        site_class=SITE_CLASS,
    )


def _compliance_by_ring() -> p.Panel:
    return p.totals(
        "In time by ring",
        "Of the devices that became compliant in the range: the share within the limit.",
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
        "From a device's dispatch to its success, the worst of the deployments under way. A p95 needs 95 % of all "
        "devices to be known.",
        g.words(g.call("aliasByNode", g.consolidated(gauge, "max"), *nodes)),
        unit="s",
    )


def _dispatched() -> p.Panel:
    return p.bars_by(
        "Devices told",
        "Assignments per minute whose command a connector has confirmed, by ring.",
        m.DISPATCH_TOTAL,
        "ring",
        **MOVED,
    )


def _outcomes() -> p.Panel:
    return p.bars_by(
        "Outcomes", "Assignments per minute by the state they moved to.", m.ASSIGNMENT_OUTCOME, "outcome", **MOVED
    )


def _outcomes_by_connector() -> p.Panel:
    return p.table(
        "Outcomes by connector",
        "Assignments of the range by connector and the state they moved to.",
        g.totals_by(m.ASSIGNMENT_OUTCOME, "connector", "outcome", **MOVED),
        unit="short",
        rows="Connector and outcome",
    )


def _joined() -> p.Panel:
    return p.totals(
        "Devices that joined",
        "Devices that came into a running deployment, by the ring they went to.",
        g.totals_by(m.ASSIGNMENT_JOINED, "ring", ring=RING),
    )


def _validations() -> p.Panel:
    return p.totals(
        "Rollbacks tried",
        "Devices on which a ring tried whether its release can be rolled back and installed again.",
        g.totals_by(m.VALIDATION_TOTAL, "ring", "result", ring=RING),
    )


def _rollbacks() -> p.Panel:
    whole, rings = m.APPLICATION_ROLLBACKS, m.ROLLBACK_TOTAL
    return p.totals(
        "Rollbacks of the range",
        "Whole rollbacks by how they ended, and their rings.",
        g.prefixed("rollbacks", g.totals_by(whole, "status", app=APPLICATION)),
        g.prefixed("rings", g.totals_by(rings, "status", ring=RING)),
    )


def _rolled_back() -> p.Panel:
    metric, told = m.ROLLBACK_OUTCOME, m.ROLLBACK_DISPATCH
    return p.bars(
        "Devices rolled back",
        "Assignments of rollbacks per minute: told, and by the state they moved to.",
        g.alias(g.total_per_minute(told.series("count", **MOVED), HEARTBEAT), "told"),
        g.per_minute_by(metric, "outcome", **MOVED),
        words=metric.labels["outcome"],
    )


GLANCE = (_created, _completed, _failed, _went_back, _rings_passed, _devices_reached, _in_time, _oldest)

BOARD = Board(
    uid="eucora-rollouts",
    title="EUCORA rollouts",
    description="How releases go through their rings, what gates say and what holds them, and what becomes "
    "of the devices.",
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
                *(Tile(make(), width=8) for make in (_outcomes_by_connector, _joined, _validations)),
            ],
        ),
        Row("Rollbacks", [Tile(_rollbacks()), Tile(_rolled_back())]),
    ),
    variables=(APPLICATION, RING, CONNECTOR, SITE_CLASS),
    marks=marks.LAYERS,
)
