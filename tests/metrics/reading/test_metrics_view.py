"""GET /metrics: the catalogue with its values as JSON, and the event-born counters as Prometheus reads them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain
from prometheus_client.samples import Sample
from sqlalchemy import text

from app.db import db
from app.identity.roles import Role
from app.metrics import catalogue as m
from app.metrics.following import totals
from app.metrics.naming import parse_series
from app.metrics.reading import current
from app.metrics.reading.bounded import BoundedGraphite
from app.settings import Settings, load_settings
from tests.support.api import Api, make_token
from tests.support.carbon import Feed
from tests.support.contract import checked
from tests.support.imposter import Imposter, imposter
from tests.support.log import of_the_log, write
from tests.support.threads import together
from tests.support.waiting import PATIENCE, eventually

PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
"""What Prometheus 3 asks with."""

WritePoints = Callable[[dict[str, list[tuple[float, int]]]], None]
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scraped(api: Api, accept: str = "text/plain", query: str = "") -> Samples:
    answer = api.raw("GET", f"/metrics{query}", headers={"Accept": accept})
    assert answer.status_code == 200, answer.text
    parse = openmetrics if answer.mimetype == "application/openmetrics-text" else plain
    samples: list[Sample] = [sample for family in parse(answer.text) for sample in family.samples]
    found = {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples}
    assert len(found) == len(samples)  # no series twice
    return found


def expected() -> Samples:
    """The totals of all events under the names that Prometheus knows them by."""
    found: Samples = {}
    for series, total in of_the_log().items():
        name = parse_series(series)
        assert name is not None
        suffix = "" if name.metric.kind is m.Kind.COUNTER else "_count"
        labels = frozenset(zip(name.metric.labels, name.labels, strict=True))
        found[f"eucora_{name.metric.name}{suffix}", labels] = total
    return found


def counters(samples: Samples) -> Samples:
    """Without those that are still 0, and without how far the totals are."""
    return {key: value for key, value in samples.items() if value and not key[0].startswith("eucora_event_totals_")}


# Prometheus


def test_the_exposition_is_the_recount_of_the_events(api: Api) -> None:
    write(400)
    first = scraped(api)
    assert counters(first) == expected()
    assert first["eucora_event_totals_last_id", frozenset()] == 400
    assert first["eucora_event_totals_behind", frozenset()] == 0
    write(50, seed=8)
    second = scraped(api)
    assert counters(second) == expected()
    assert all(second[key] >= value for key, value in first.items())


def test_a_whole_rollout_is_exposed(api: Api) -> None:
    api.register(50)
    api.deploy()
    found = scraped(api)
    assert counters(found) == expected()
    labels = frozenset({"connector": "simulated", "result": "created"}.items())
    assert found["eucora_device_registered_total", labels] == 50
    assert found["eucora_deployment_total", frozenset({"ring": "lab", "status": "passed"}.items())] == 0


def test_families_have_the_catalogues_help_and_only_event_born_ones_are_there(api: Api) -> None:
    text = api.raw("GET", "/metrics", headers={"Accept": "text/plain"}).text
    families = {family.name: family for family in plain(text)}
    for metric in m.METRICS:
        name = f"eucora_{metric.name.removesuffix('_total')}"
        assert (name in families) == (metric.origin is m.Origin.EVENT)
        if metric.origin is m.Origin.EVENT:
            assert families[name].documentation == metric.help
            assert families[name].type == ("counter" if metric.kind is m.Kind.COUNTER else "summary")
            assert (metric.kind is m.Kind.COUNTER) == metric.name.endswith("_total")
    assert "python_info" not in text
    assert "process_" not in text


def test_filters_hold_for_the_exposition_too(api: Api) -> None:
    write(100)
    names = {name for name, _ in counters(scraped(api, query="?prefix=report_"))}
    assert names == {"eucora_report_total"}
    assert counters(scraped(api, query="?kind=gauge")) == {}


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),
        ("image/png", "application/json"),
        ("application/json;q=0.5, text/plain", "text/plain"),
        ("text/plain;q=0.4, application/json;q=0.5", "application/json"),
        ("text/plain;q=0", "application/json"),
        ("text/*", "text/plain"),
        ("text/plain", "text/plain"),
        ("text/plain; version=0.0.4", "text/plain"),
        ("application/openmetrics-text;q=0.3, text/plain;version=0.0.4;q=0.7", "text/plain"),
        ("application/openmetrics-text; version=1.0.0", "application/openmetrics-text"),
        (PROMETHEUS, "application/openmetrics-text"),
    ],
)
def test_the_client_says_which_form_it_wants(api: Api, accept: str, kind: str) -> None:
    answer = api.raw("GET", "/metrics?kind=counter&prefix=report_", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.mimetype == kind
    assert "Accept" in answer.headers["Vary"]


def test_both_text_forms_say_the_same(api: Api) -> None:
    write(100)
    assert scraped(api, PROMETHEUS) == scraped(api, "text/plain")
    assert "version=0.0.4" in api.raw("GET", "/metrics", headers={"Accept": "text/plain"}).headers["Content-Type"]
    assert api.raw("GET", "/metrics", headers={"Accept": PROMETHEUS}).text.endswith("# EOF\n")


def test_while_another_counts_the_exposition_says_what_there_is(api: Api) -> None:
    write(30)
    totals.advance(60)
    before = counters(scraped(api))
    write(10, seed=4)
    with db.engine.connect() as other:
        other.execute(text("SELECT * FROM event_cursors FOR UPDATE"))
        found = scraped(api)
    assert counters(found) == before
    assert found["eucora_event_totals_behind", frozenset()] == 10


def test_it_needs_a_token_of_any_role(api: Api, database: Flask) -> None:
    client = database.test_client()
    assert client.get("/api/v1/metrics").status_code == 401
    assert (
        Api(client, make_token("dashboard", Role.VIEWER))
        .raw("GET", "/metrics", headers={"Accept": "text/plain"})
        .status_code
        == 200
    )


# JSON


@pytest.fixture
def write_points(feed: Feed) -> WritePoints:
    """Store values of each series, by seconds ago."""

    def write(points: dict[str, list[tuple[float, int]]]) -> None:
        now = int(time.time())
        feed((series, value, now - ago) for series, values in points.items() for value, ago in values)

    return write


def fresh(api: Api, query: str = "") -> Any:
    """The answer once Graphite has had a share in it; on a busy machine it gets more time for that than elsewhere."""
    patient = BoundedGraphite(load_settings().graphite_url, at_once=current.AT_ONCE, timeout=PATIENCE)

    def ask() -> Any:
        body = api.get(f"/metrics{query}")
        return None if body["stale"] else body

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(api.client.application.extensions, current.EXTENSION, patient)
        return eventually(ask, "Graphite is always too slow")


def series(body: Any, metric: m.Metric, **labels: str) -> Any:
    """One series of a metric in the answer."""
    (item,) = (item for item in body["items"] if item["name"] == metric.name)
    (found,) = (one for one in item["series"] if one["labels"] == labels)
    return found


def test_every_metric_is_listed_with_its_declaration(api: Api) -> None:
    body = fresh(api)
    assert [item["name"] for item in body["items"]] == [metric.name for metric in m.METRICS]
    by_name = {item["name"]: item for item in body["items"]}
    assert by_name["drift_found_total"] | {"series": []} == {
        "name": "drift_found_total",
        "path": "drift.found.{connector}.{drift}",
        "kind": "counter",
        "origin": "event",
        "unit": "1",
        "help": m.DRIFT_FOUND.help,
        "by": "drift.found",
        "labels": {
            "connector": {"values": None, "bounded_by": "the registered connectors"},
            "drift": {"values": list(m.DRIFT_KINDS), "bounded_by": None},
        },
        "aspects": ["count"],
        "series": [],
        "truncated": False,
    }
    assert by_name["http_request_duration_seconds"]["aspects"][-2:] == ["histogram.bin_2500", "histogram.bin_inf"]
    assert by_name["workers_alive"]["aspects"] == []
    assert body["window_seconds"] == 300
    assert (body["stale"], body["reason"]) == (False, None)


def test_counters_have_sums_and_rates_of_the_window(api: Api, write_points: WritePoints) -> None:
    labels = {"connector": "sum", "drift": "extra"}
    write_points({m.DRIFT_FOUND.series("count", **labels): [(3, 40), (4, 20), (100, 900)]})
    short = series(fresh(api, "?prefix=drift_"), m.DRIFT_FOUND, **labels)
    assert short == {
        "labels": labels,
        "graphite": "stats.counters.eucora.drift.found.sum.extra.count",
        "total": 7,
        "rate": round(7 / 300, 6),
    }
    assert series(fresh(api, "?prefix=drift_&window=3000"), m.DRIFT_FOUND, **labels)["total"] == 107


def test_counters_born_of_events_have_the_logs_total_beside(api: Api) -> None:
    api.register(3)
    found = series(fresh(api, "?window=10"), m.DEVICE_REGISTERED, connector="simulated", result="created")
    assert found["database_total"] == 3
    body = fresh(api, "?prefix=device_")
    assert body["events"] == {"counted_to": 1, "behind": 0}


def test_timers_have_the_worst_of_each_quantile(api: Api, write_points: WritePoints) -> None:
    labels = {"connector": "worst", "operation": "find", "outcome": "ok"}
    points: dict[str, list[tuple[float, int]]] = {
        "count": [(2, 40), (3, 20)],
        "upper_50": [(7.5, 40), (3, 20)],
        "upper_95": [(8, 40), (90, 20)],
        "upper_99": [(8, 40), (95, 20), (999, 900)],
    }
    write_points({m.CONNECTOR_OPERATION.series(aspect, **labels): values for aspect, values in points.items()})
    assert series(fresh(api, "?kind=timer"), m.CONNECTOR_OPERATION, **labels) == {
        "labels": labels,
        "graphite": "stats.timers.eucora.connector.operation.worst.find.ok",
        "total": 5,
        "rate": round(5 / 300, 6),
        "p50": 7.5,
        "p95": 90,
        "p99": 95,
    }


def test_gauges_have_their_last_value_until_they_are_forgotten(api: Api, write_points: WritePoints) -> None:
    write_points(
        {
            m.BREAKER_STATE.series("", connector="set"): [(0, 30), (2, 3)],
            m.BREAKER_STATE.series("", connector="forgotten"): [(1, 200)],
        }
    )
    body = fresh(api, "?kind=gauge&prefix=circuit_breaker_state")
    (found,) = (one for one in body["items"][0]["series"] if one["labels"]["connector"] in ("set", "forgotten"))
    assert found["value"] == 2
    assert found["at"] < body["at"]


def test_a_level_that_two_statsds_have_is_that_of_its_newest_owner(api: Api, write_points: WritePoints) -> None:
    """After a take-over, the former owner's StatsD repeats its last value for a while, up to the same second."""
    former = m.BREAKER_STATE.series("", connector="handed_over")
    repeated, own = [(2.0, ago) for ago in (20, 10, 4)], [(1.0, ago) for ago in (10, 4)]
    write_points({former: repeated, former.replace("stats.", "stats_b.", 1): own})
    body = fresh(api, "?kind=gauge&prefix=circuit_breaker_state")
    (found,) = (one for one in body["items"][0]["series"] if one["labels"]["connector"] == "handed_over")
    assert (found["value"], found["graphite"]) == (1, former)


def test_there_is_an_end_to_the_series_of_one_metric(api: Api, write_points: WritePoints) -> None:
    write_points(
        {
            m.DRIFT_RESOLVED.series("count", connector=f"many-{n:03}", drift="scope"): [(1, 30)]
            for n in range(current.MAX_SERIES + 5)
        },
    )
    (item,) = fresh(api, "?prefix=drift_resolved")["items"]
    assert item["truncated"]
    assert len(item["series"]) == current.MAX_SERIES
    assert series({"items": [item]}, m.DRIFT_RESOLVED, connector="many-000", drift="scope")["total"] == 1


@pytest.mark.parametrize("query", ["window=9", "window=3601", "window=x", "kind=histogram", "prefix=a.b", "all=1"])
def test_a_wrong_query_names_its_field(api: Api, query: str) -> None:
    answer = api.raw("GET", f"/metrics?{query}")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json["errors"]] == [query.partition("=")[0]]


# A Graphite that is not well


@pytest.fixture
def ill() -> Iterator[Imposter]:
    """A graphite-web of the test's own."""
    with imposter() as server:
        yield server


def with_graphite(api: Api, url: str) -> Api:
    """The same client of an application that reads from another Graphite."""
    from app.factory import create_app

    other = checked(create_app(Settings(graphite_url=url)))
    return Api(other.test_client(), api.headers["Authorization"].removeprefix("Bearer "))


def test_without_graphite_the_catalogue_is_stale(api: Api, keep_emitter: None) -> None:
    api.register(2)
    stale = with_graphite(api, "http://127.0.0.1:9")
    body = stale.get("/metrics")
    assert body["stale"] is True
    assert "graphite-web" in body["reason"]
    assert len(body["items"]) == len(m.METRICS)
    found = series(body, m.DEVICE_REGISTERED, connector="simulated", result="created")
    assert (found["database_total"], found["total"], found["rate"]) == (2, None, None)
    assert counters(scraped(stale)) == expected()


@pytest.mark.parametrize(("status", "body", "hangs"), [(500, b"no", False), (200, b"<html>", False), (200, b"", True)])
def test_whatever_ails_graphite_the_answer_is_stale(
    api: Api, keep_emitter: None, ill: Imposter, status: int, body: bytes, hangs: bool
) -> None:
    ill.status, ill.body, ill.hangs = status, body, hangs
    answer = with_graphite(api, ill.url).get("/metrics")
    assert answer["stale"] is True
    assert answer["reason"]
    assert ill.asked == ["/render"]  # and it is left alone


def test_the_whole_catalogue_takes_two_questions(api: Api, keep_emitter: None, ill: Imposter) -> None:
    well = with_graphite(api, ill.url)
    assert well.get("/metrics")["stale"] is False
    assert ill.asked == ["/render", "/render"]
    assert well.get("/metrics?kind=gauge")["stale"] is False
    assert len(ill.asked) == 3


def test_a_graphite_that_hangs_keeps_few_threads_waiting(api: Api, keep_emitter: None, ill: Imposter) -> None:
    hanging = with_graphite(api, ill.url)

    def ask() -> str:
        client = hanging.client.application.test_client()
        return str(client.get("/api/v1/metrics", headers=hanging.headers).get_json()["reason"])

    def others_are_refused() -> bool:
        """Unless a turn was free again before the last of them came, as on a busy machine."""
        before = len(ill.asked)
        reasons = together(*[ask] * (current.AT_ONCE + 3))
        return (len(ill.asked) - before, sum("Too many" in it for it in reasons)) == (current.AT_ONCE, 3)

    ill.hangs = True
    eventually(others_are_refused)
