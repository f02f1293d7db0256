"""From events to measures: every type has a rule, every rule a type, and the totals are what is sent."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from app.connectors.breaker import State as BreakerState
from app.connectors.protocol import ErrorClass
from app.deployments.rules.analysis import Phase
from app.deployments.rules.gates import GateOutcome
from app.deployments.rules.states import OUTCOMES, DeploymentKind
from app.identity.models import SubjectKind
from app.metrics import catalogue as m
from app.metrics.catalogue import Origin
from app.metrics.emitter import Batch
from app.metrics.projection import RULES, project, totals
from app.vocabulary import RING_KEYS, DriftKind, Severity, SiteClass

RECORDERS = {"record", "_record"}


@dataclass(frozen=True)
class Recorded:
    """An event, as far as the projection reads it."""

    type: str
    payload: Mapping[str, Any]


rings = st.sampled_from(RING_KEYS)
connectors = st.sampled_from(("simulated", "jamf", "in.tune"))
breakers = st.sampled_from([state.value for state in BreakerState])
counts = st.integers(1, 10_000)
kinds = st.sampled_from([kind.value for kind in DeploymentKind])
applications = st.fixed_dictionaries({"application_label": st.sampled_from((m.OTHER, "vpn")), "kind": kinds})
validations = st.fixed_dictionaries({"ring": rings})
moved = st.lists(
    st.fixed_dictionaries(
        {
            "ring": rings,
            "connector": connectors,
            "outcome": st.sampled_from([state.value for state in OUTCOMES]),
            "count": counts,
            "kind": kinds,
        }
    ),
    max_size=4,
)
became_compliant = st.lists(
    st.fixed_dictionaries(
        {
            "ring": rings,
            "site_class": st.sampled_from([it.value for it in SiteClass]),
            "result": st.sampled_from(("in_time", "late")),
            "count": counts,
        }
    ),
    max_size=4,
)
ended = st.fixed_dictionaries(
    {
        "kind": kinds,
        "ring": rings,
        "next_ring": st.one_of(st.none(), rings),
        "duration_ms": st.one_of(st.none(), st.integers(0, 10**9)),
    }
)
passed = st.one_of(ended, ended.map(lambda payload: {**payload, "promotion": "manual"}))
skipped = st.fixed_dictionaries({"ring": rings, "next_ring": st.one_of(st.none(), rings), "duration_ms": st.none()})
incidents = st.fixed_dictionaries({"severity": st.sampled_from([it.value for it in Severity])})
drifted = st.fixed_dictionaries(
    {
        "connector": connectors,
        "tallies": st.lists(
            st.fixed_dictionaries({"kind": st.sampled_from([it.value for it in DriftKind]), "count": counts}),
            max_size=4,
        ),
    }
)
tokens = st.fixed_dictionaries({"kind": st.sampled_from([it.value for it in SubjectKind])})
PAYLOADS: dict[str, st.SearchStrategy[Any]] = {
    "devices.registered": st.fixed_dictionaries(
        {
            "tallies": st.lists(
                st.fixed_dictionaries(
                    {"connector": connectors, "result": st.sampled_from(("created", "updated")), "count": counts}
                ),
                max_size=4,
            )
        }
    ),
    "devices.retired": st.fixed_dictionaries(
        {"tallies": st.lists(st.fixed_dictionaries({"connector": connectors, "count": counts}), max_size=4)}
    ),
    "token.created": tokens,
    "token.rotated": tokens,
    "token.revoked": tokens,
    "deployment.created": applications,
    "artifact.stored": st.fixed_dictionaries({"size": st.integers(0, 2**40)}),
    "artifact.deleted": st.fixed_dictionaries({"size": st.integers(0, 2**40)}),
    "deployment.assessed": st.fixed_dictionaries({"score": st.floats(0, 100)}),
    "approval.invalidated": st.fixed_dictionaries({"approvals": counts}),
    "deployment.completed": applications,
    "deployment.aborted": applications,
    "deployment.failed": applications,
    "deployment.rejected": applications,
    "ring.passed": passed,
    "ring.failed": ended,
    "ring.skipped": skipped,
    "ring.waived": skipped,
    "gate.evaluated": st.fixed_dictionaries(
        {"ring": rings, "verdict": st.sampled_from([it.value for it in GateOutcome])}
    ),
    "analysis.measured": st.fixed_dictionaries({"ring": rings, "phase": st.sampled_from([it.value for it in Phase])}),
    "command.confirmed": st.fixed_dictionaries(
        {"ring": rings, "connector": connectors, "devices": counts, "kind": kinds}
    ),
    "breaker.changed": st.fixed_dictionaries({"connector": connectors, "from": breakers, "to": breakers}),
    "connector.call_failed": st.fixed_dictionaries(
        {"connector": connectors, "error_class": st.sampled_from([it.value for it in ErrorClass])}
    ),
    "reports.ingested": st.fixed_dictionaries(
        {
            "received": st.integers(0, 9),
            "late": st.integers(0, 9),
            "duplicate": st.integers(0, 9),
            "rejected": st.integers(0, 9),
            "tallies": moved,
        },
        # Events from before compliance and conflicts were counted do not have them.
        optional={"compliance": became_compliant, "conflict": st.integers(0, 9)},
    ),
    "drift.found": drifted,
    "drift.resolved": drifted,
    "drift.remediation_sent": drifted,
    "drift.needs_person": drifted,
    "incident.opened": incidents,
    "incident.closed": incidents,
    "retention.ran": st.fixed_dictionaries(
        {
            "rows": st.dictionaries(
                st.sampled_from(m.RETENTION_ROWS.labels["table"]), st.integers(1, 10**6), min_size=1
            ),
            "complete": st.booleans(),
        }
    ),
    "hold.began": st.fixed_dictionaries({"hold": st.sampled_from(m.HOLDS)}),
    "validation.passed": validations,
    "validation.failed": validations,
    "assignments.joined": st.fixed_dictionaries({"ring": rings, "devices": counts}),
    "assignments.excluded": st.fixed_dictionaries({"tallies": moved}),
    "assignments.retired": st.fixed_dictionaries({"tallies": moved}),
    "assignments.superseded": st.fixed_dictionaries({"tallies": moved}),
    "assignments.cancelled": st.fixed_dictionaries({"tallies": moved}),
    "assignments.given_up": st.fixed_dictionaries({"tallies": moved}),
}
# Types without measures carry what they like.
of_each = [st.builds(Recorded, st.just(type), PAYLOADS.get(type, st.just({}))) for type in RULES]
events: st.SearchStrategy[Recorded] = st.one_of(of_each)


@given(st.lists(events, max_size=30))
def test_the_totals_are_what_the_emitter_would_send(log: list[Recorded]) -> None:
    batch = Batch()
    for event in log:
        batch.add(project(event))
    sent = Counter({f"stats.counters.eucora.{path}.count": count for path, count in batch.counters.items()})
    sent.update({f"stats.timers.eucora.{path}.count": len(values) for path, values in batch.timings.items()})
    assert totals(log) == sent
    assert not batch.gauges


@given(st.lists(events, max_size=10), st.lists(events, max_size=10))
def test_totals_add_up(first: list[Recorded], second: list[Recorded]) -> None:
    assert Counter(totals(first)) + Counter(totals(second)) == Counter(totals(first + second))


@given(events)
def test_the_projection_is_pure_and_of_event_born_metrics_only(event: Recorded) -> None:
    assert project(event) == project(event)
    assert {measure.metric.origin for measure in project(event)} <= {Origin.EVENT}


def _named(part: Any) -> Any:
    """The same payload with the names of rings beside their keys, as events have had them since 0.5.0."""
    if isinstance(part, list):
        return [_named(each) for each in part]
    if not isinstance(part, Mapping):
        return part
    keys = {f"{field}_key": part[field] for field in ("ring", "next_ring") if field in part}
    names = {field: part[field] and "Branch offices" for field in ("ring", "next_ring") if field in part}
    return {**{name: _named(each) for name, each in part.items()}, **names, **keys}


@given(events)
def test_an_event_counts_by_the_key_of_its_ring_whatever_its_name(event: Recorded) -> None:
    assert project(Recorded(event.type, _named(event.payload))) == project(event)


def test_every_event_born_metric_has_an_event() -> None:
    born: set[str] = set()

    @given(st.tuples(*of_each))
    def collect(log: tuple[Recorded, ...]) -> None:
        born.update(measure.metric.name for event in log for measure in project(event))

    collect()
    assert born == {metric.name for metric in m.of_origin(Origin.EVENT)}


def test_an_unknown_type_is_an_error() -> None:
    with pytest.raises(KeyError):
        project(Recorded("surprise", {}))


def test_a_skipped_ring_promotes_nothing() -> None:
    skipped = Recorded("ring.skipped", {"ring": "lab", "next_ring": "canary", "duration_ms": None})
    assert totals([skipped]) == {"stats.counters.eucora.deployment.total.lab.skipped.count": 1}


def test_a_ring_that_a_person_promotes_is_counted_once_and_not_as_automatic() -> None:
    passed = {"ring": "lab", "next_ring": "canary", "duration_ms": None, "promotion": "manual"}
    assert totals([Recorded("ring.passed", passed)]) == {
        "stats.counters.eucora.deployment.total.lab.passed.count": 1,
        "stats.counters.eucora.ring.promotion.lab.canary.manual.count": 1,
    }


def test_a_failed_ring_blocks_the_next_one() -> None:
    failed = Recorded("ring.failed", {"ring": "lab", "next_ring": "canary", "duration_ms": 5})
    assert totals([failed]) == {
        "stats.counters.eucora.deployment.total.lab.failed.count": 1,
        "stats.timers.eucora.deployment.duration.lab.failed.count": 1,
        "stats.counters.eucora.ring.promotion.lab.canary.blocked.count": 1,
    }


def recorded_types() -> Iterator[re.Pattern[str]]:
    """The types in the sources' calls of `record`; what is put in at run time is some word."""
    trees = {source: ast.parse(source.read_text()) for source in Path("app").rglob("*.py")}
    constants = {source: constants_of(tree) for source, tree in trees.items()}
    of_other_modules = {name: value for found in constants.values() for name, value in found.items()}
    for source, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                for it in node.args if name in RECORDERS else ():
                    constant = getattr(it, "attr", getattr(it, "id", ""))
                    pattern = as_pattern({**of_other_modules, **constants[source]}.get(constant, it))
                    if pattern is not None:
                        yield pattern


def constants_of(tree: ast.Module) -> dict[str, ast.expr]:
    return {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def as_pattern(argument: ast.expr) -> re.Pattern[str] | None:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return re.compile(re.escape(argument.value))
    if isinstance(argument, ast.JoinedStr):
        parts = (re.escape(str(it.value)) if isinstance(it, ast.Constant) else "[a-z_]+" for it in argument.values)
        return re.compile("".join(parts))
    return None


def test_every_type_that_is_recorded_has_a_rule_and_the_other_way_round() -> None:
    patterns = list(recorded_types())
    assert len(patterns) > 10
    for pattern in patterns:
        assert any(pattern.fullmatch(type) for type in RULES), f"no rule for {pattern.pattern}"
    for type in RULES:
        assert any(pattern.fullmatch(type) for pattern in patterns), f"nothing records {type}"
