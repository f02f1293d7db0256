"""The declared metrics: paths that are unique and clean, labels that are checked, and a use for each."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from app.connectors.protocol import ErrorClass
from app.metrics import catalogue as m
from app.metrics.catalogue import METRICS, Kind, Metric, Origin
from app.queue import QueueName

NODE = re.compile(r"[A-Za-z0-9_-]+")
every_metric = pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
labelled = pytest.mark.parametrize("metric", [it for it in METRICS if it.labels], ids=lambda metric: metric.name)


def sample(metric: Metric) -> dict[str, str]:
    """Some labels this metric takes."""
    return {name: allowed[-1] if allowed else f"some.{name}" for name, allowed in metric.labels.items()}


def test_no_two_metrics_share_a_name_or_a_path() -> None:
    assert Counter(metric.name for metric in METRICS).most_common(1)[0][1] == 1
    shapes = Counter((metric.kind, re.sub(r"{\w+}", "*", metric.path)) for metric in METRICS)
    assert shapes.most_common(1)[0][1] == 1


def test_no_series_of_one_metric_can_be_one_of_another() -> None:
    def matches(metric: Metric, path: str) -> bool:
        nodes, others = metric.path.split("."), path.split(".")
        if len(nodes) != len(others):
            return False
        return all(
            node == other
            if not node.startswith("{")
            else not (allowed := metric.labels[node[1:-1]]) or other in allowed
            for node, other in zip(nodes, others, strict=True)
        )

    for metric in METRICS:
        path = metric(**sample(metric))
        assert [it.name for it in METRICS if it.kind is metric.kind and matches(it, path)] == [metric.name]


@every_metric
def test_each_says_what_it_is(metric: Metric) -> None:
    assert metric.help.endswith(".")
    assert metric.help[0].isupper() or metric.help[0] in "1S"
    assert metric.unit
    if metric.name.endswith("_seconds"):
        assert (metric.kind, metric.unit) in ((Kind.TIMER, "ms"), (Kind.GAUGE, "s"))
    if metric.bins:
        assert metric.kind is Kind.TIMER
        assert list(metric.bins) == sorted(set(metric.bins))
    assert (metric.origin is Origin.SAMPLE) == (metric.kind is Kind.GAUGE)


@every_metric
def test_paths_are_clean_and_as_deep_as_declared(metric: Metric) -> None:
    path = metric(**sample(metric))
    assert len(path.split(".")) == len(metric.path.split("."))
    assert all(NODE.fullmatch(node) for node in path.split("."))


@labelled
def test_labels_must_be_exactly_the_declared_ones(metric: Metric) -> None:
    labels = sample(metric)
    first = next(iter(labels))
    with pytest.raises(ValueError, match="takes the labels"):
        metric(**{name: value for name, value in labels.items() if name != first})
    with pytest.raises(ValueError, match="takes the labels"):
        metric(**labels, extra="x")
    with pytest.raises(ValueError, match="has no label"):
        metric.series("count", extra="x")


@labelled
def test_a_closed_label_takes_only_its_values(metric: Metric) -> None:
    for name, allowed in metric.labels.items():
        if allowed:
            with pytest.raises(ValueError, match=f"{name} is one of"):
                metric(**{**sample(metric), name: "surprise"})


@pytest.mark.parametrize("metric", [it for it in METRICS if not it.labels], ids=lambda metric: metric.name)
def test_a_metric_without_labels_takes_none(metric: Metric) -> None:
    assert metric() == metric.path
    with pytest.raises(ValueError, match="takes the labels"):
        metric(ring="lab")


@labelled
def test_nodes_point_at_their_labels_in_the_series(metric: Metric) -> None:
    labels = {name: m.label(value) for name, value in sample(metric).items()}
    series = metric.series("count", **labels)
    assert series == f"stats.{metric.kind.value}.{m.PREFIX}.{metric(**labels)}.count"
    for name, value in labels.items():
        assert series.split(".")[metric.node(name)] == value
        assert metric.series("count").split(".")[metric.node(name)] == "*"


@every_metric
def test_a_series_without_an_aspect_is_the_gauges_own(metric: Metric) -> None:
    assert metric.series("").count(".") == metric.path.count(".") + 3
    assert not metric.series("").endswith(".")


@given(st.text())
def test_any_value_is_one_node(value: str) -> None:
    node = m.label(value)
    assert NODE.fullmatch(node)
    assert len(node) <= 64
    assert m.label(node) == node


def test_a_path_cannot_be_declared_without_its_labels() -> None:
    with pytest.raises(ValueError, match="the path names"):
        Metric("x", "x.{a}", Kind.COUNTER, Origin.SEAM, "X.", "nobody")


def test_only_configured_applications_have_metrics_of_their_own() -> None:
    assert m.application_label("Mail 2.0", ["Mail 2.0"]) == "Mail_2_0"
    assert m.application_label("Mail 2.0", []) == m.OTHER
    assert m.application_label("Caf\u00e9", [" Cafe\u0301 "]) == "Cafe"


def test_names_of_other_scripts_keep_labels_of_their_own() -> None:
    assert m.label("Pare-feu Étendu (x64)") == "Pare-feu_Etendu__x64_"
    assert m.label("火狐") != m.label("雷鸟")
    assert m.label("火狐").startswith("___")
    assert m.label("火" * 100) != m.label("火" * 99)


def test_the_bins_that_statsd_gives_a_timer_are_the_declared_ones() -> None:
    """StatsD takes the first entry whose `metric` is a part of the timer's name."""
    entries = [(f"{m.PREFIX}.{it.stem}", it.bins) for it in METRICS if it.bins]
    for metric in METRICS:
        if metric.kind is Kind.TIMER:
            name = f"{m.PREFIX}.{metric(**sample(metric))}"
            assert next((bins for part, bins in entries if part in name), ()) == metric.bins


def test_labels_are_those_of_the_field() -> None:
    assert set(m.BREAKER_FAILURES.labels["error_class"]) == {error.value for error in ErrorClass}
    assert set(m.CONNECTOR_OPERATION.labels["outcome"]) == {"ok", *(error.value for error in ErrorClass)}
    assert set(m.QUEUE_DEPTH.labels["queue"]) == set(m.JOB_WAIT.labels["queue"]) == {it.value for it in QueueName}


def test_every_metric_is_emitted_somewhere() -> None:
    constants = {name for name, value in vars(m).items() if isinstance(value, Metric)}
    used: set[str] = set()
    for source in [*Path("app").rglob("*.py"), *Path("workers").rglob("*.py")]:
        if source.name not in ("catalogue.py", "seams.py") and "demo" not in source.parts:
            for node in ast.walk(ast.parse(source.read_text())):
                used |= {node.attr} if isinstance(node, ast.Attribute) else set()
                used |= {node.id} if isinstance(node, ast.Name) else set()
    assert constants - used == set()


@pytest.mark.parametrize(
    ("expression", "of_all"),
    [
        ("sumSeries(stats.counters.eucora.a.*.count)", "sumSeries(stats*.counters.eucora.a.*.count)"),
        (
            "sumSeries(stats.gauges.eucora.a.{b,c})",
            "sumSeries(aliasSub(groupByNodes(stats*.gauges.eucora.a.{b,c},'max',1,2,3,4),'^','stats.'))",
        ),
        (
            "alias(stats.gauges.eucora.${ring}.[[b]],'a')",
            "alias(aliasSub(groupByNodes(stats*.gauges.eucora.${ring}.[[b]],'max',1,2,3,4),'^','stats.'),'a')",
        ),
        ("stats*.gauges.statsd.timestamp_lag", "stats*.gauges.statsd.timestamp_lag"),
    ],
)
def test_counts_of_all_statsds_are_series_and_a_gauge_stays_one(expression: str, of_all: str) -> None:
    assert m.everywhere(expression) == of_all
