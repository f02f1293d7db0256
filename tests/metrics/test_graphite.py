"""What becomes of measures in the real StatsD and Graphite, held against what was done and what the database says."""

from __future__ import annotations

import time

import pytest
from flask import Flask, abort

from app.demo import proof
from app.metrics import catalogue as m, emitter
from app.metrics.projection import Measure
from app.metrics.reading.graphite import Graphite, GraphiteUnavailable
from app.settings import Settings
from tests.support.api import Api
from tests.support.gauges import sample_and_send
from tests.support.graphite import Seen
from tests.support.jobs import Drive
from tests.support.statsd import Receiver
from tests.support.waiting import eventually, settled


def http(endpoint: str, method: str, status_class: str) -> str:
    return m.HTTP_REQUEST.series("count", endpoint=endpoint, method=method, status_class=status_class)


def test_every_request_is_counted_once(api: Api, seen: Seen) -> None:
    for _ in range(50):
        assert api.raw("GET", "/connectors/simulated").status_code == 200
    for _ in range(7):
        assert api.raw("GET", "/connectors/nobody").status_code == 404
    assert api.raw("GET", "/no/such/path").status_code == 404
    wanted = {
        http("connectors_show", "GET", "2xx"): 50.0,
        http("connectors_show", "GET", "4xx"): 7.0,
        http("_unmatched", "GET", "4xx"): 1.0,
    }
    assert seen.finally_(wanted) == wanted


@pytest.fixture
def faulty(stack: object, receiver: Receiver, keep_emitter: None) -> Flask:
    """An application with views that fail, whose metrics come to the receiver."""
    from app.factory import create_app
    from app.http.callers import open_to_all

    created = create_app(Settings(statsd_port=receiver.port))

    @open_to_all
    def broken() -> str:
        emitter.emit(Measure(m.SWEEP_HEARTBEAT, m.SWEEP_HEARTBEAT(), 1))
        raise RuntimeError("a defect")

    @open_to_all
    def refused() -> str:
        abort(418)

    created.add_url_rule("/broken", view_func=broken, methods=["GET", "POST"])
    created.add_url_rule("/refused", view_func=refused)
    return created


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_that_raises_is_counted_once_as_5xx(faulty: Flask, receiver: Receiver, method: str) -> None:
    assert faulty.test_client().open("/broken", method=method).status_code == 500
    lines = receiver.lines(2)
    assert [line.partition(":")[0] for line in lines if ".http." in line] == [
        f"eucora.http.request.broken.{method}.5xx"
    ]
    assert receiver.counters() == {"sweep.heartbeat": 1}  # what the view had measured leaves with it
    assert receiver.lines(len(lines) + 1, seconds=0.2) == lines  # nothing comes after it
    assert len(receiver.datagrams) == 1
    assert emitter.current() is None


@pytest.mark.parametrize(
    ("path", "method", "expected"),
    [
        ("/refused", "GET", "refused.GET.4xx"),
        ("/refused", "POST", "_unmatched.POST.4xx"),
        ("/nowhere", "BREW", "_unmatched.OTHER.4xx"),
        ("/healthz", "HEAD", "health_healthz.HEAD.2xx"),
        ("/api/v1/deployments", "GET", "deployments_index.GET.4xx"),
    ],
)
def test_every_other_end_of_a_request_is_counted_once(
    faulty: Flask, receiver: Receiver, path: str, method: str, expected: str
) -> None:
    faulty.test_client().open(path, method=method)
    names = [line.partition(":")[0] for line in receiver.lines(1) if ".http." in line]
    assert names == [f"eucora.http.request.{expected}"]


def test_every_event_born_series_is_equal_in_graphite_and_the_database(
    api: Api, drive: Drive, graphite: Graphite, seen: Seen
) -> None:
    """A rollout that completes, one that is aborted, one that nobody is in; reports of every kind."""
    eventually(lambda: time.time() >= seen.before + 1)
    before, started = proof.last_event_id(), proof.now()
    api.register(1_000)
    first = api.deploy()["id"]
    drive(120, until=lambda: api.get(f"/deployments/{first}")["state"] == "completed")
    drive(5)
    report = {"deployment_id": first, "external_id": "dev-00000", "sequence": 7, "outcome": "failed"}
    assert api.post("/reports", [report])[1]["items"] == [{"status": "late"}]
    assert api.post("/reports", [report])[1]["items"] == [{"status": "duplicate"}]
    assert api.post("/reports", [{**report, "external_id": "stranger"}])[0] == 422
    second = api.deploy(application="mail")["id"]
    drive(2)
    assert api.post(f"/deployments/{second}/pause")[0] == 200
    assert api.post(f"/deployments/{second}/abort")[0] == 200
    third = api.deploy(application="nobody", scope={"tags": ["no-such-tag"]})["id"]
    drive(3)
    assert [api.get(f"/deployments/{n}")["state"] for n in (first, second, third)] == [
        "completed",
        "aborted",
        "rejected",
    ]
    rows = proof.compare(graphite, before, started)
    assert {row.series for row in rows if not row.equal} == set()
    found = {row.series: row.database for row in rows}
    assert found[m.DEVICE_REGISTERED.series("count", connector="simulated", result="created")] == 1_000
    assert found[m.APPLICATION_DEPLOYMENTS.series("count", app=m.OTHER, status="created")] == 3
    assert found[m.REPORT_TOTAL.series("count", result="late")] == 1
    assert found[m.REPORT_TOTAL.series("count", result="duplicate")] == 1
    assert found[m.REPORT_TOTAL.series("count", result="rejected")] == 1
    for ring in ("lab", "canary", "pilot", "department", "global"):
        assert found[m.DEPLOYMENT_TOTAL.series("count", ring=ring, status="passed")] == 1
        assert found[m.DEPLOYMENT_DURATION.series("count", ring=ring, status="passed")] == 1
    cancelled = [series for series in found if series.endswith(".cancelled.count")]
    assert sum(found[series] for series in cancelled) > 0


def test_the_gauges_are_sampled_and_seen(api: Api, drive: Drive, graphite: Graphite) -> None:
    from app import queue
    from app.db import db
    from app.queue import Job

    api.register(1_000)
    api.deploy()
    drive(12)
    db.session.rollback()
    for number in range(3):
        queue.enqueue(Job.COLLECT, 4_711 + number)
    expected = {
        m.BREAKER_STATE.series("", connector="simulated"): 0.0,
        m.CONNECTOR_HEALTH.series("", connector="simulated"): 1.0,
        m.QUEUE_DEPTH.series("", queue="bulk"): 3.0,
        m.QUEUE_DEPTH.series("", queue="control"): 0.0,
        m.WORKERS_ALIVE.series(""): 0.0,
        m.GATE_SUCCESS_RATE.series("", ring="lab"): 1.0,
    }
    began = int(time.time())
    sample_and_send()
    assert newest(graphite, expected, began) == expected


def test_an_open_breaker_and_its_state_are_seen(api: Api, graphite: Graphite) -> None:
    from app.connectors import calling
    from app.connectors.protocol import Connector, ConnectorError, ErrorClass

    def fail(_connector: Connector) -> None:
        raise ConnectorError(ErrorClass.TRANSIENT, "503")

    for _ in range(5):
        with pytest.raises(ConnectorError):
            calling.call("simulated", "publish", fail)
    expected = {
        m.BREAKER_STATE.series("", connector="simulated"): 1.0,
        m.CONNECTOR_HEALTH.series("", connector="simulated"): 1.0,  # what it says of itself is another matter
    }
    began = int(time.time())
    sample_and_send()
    assert newest(graphite, expected, began) == expected


def newest(graphite: Graphite, wanted: dict[str, float], start: int) -> dict[str, float]:
    """The last value of each series after `start`, once all are as wanted."""

    def last() -> dict[str, float]:
        answered = graphite.render(wanted, start, int(time.time()) + 1)
        points = {series.name: [value for value, _ in series.points if value is not None] for series in answered}
        return {name: values[-1] for name, values in points.items() if values}

    return settled(last, wanted)


def test_a_series_that_is_not_there_adds_up_to_nothing(graphite: Graphite) -> None:
    assert graphite.totals(["stats.counters.eucora.no.such.count"], 0, int(time.time())) == {
        "stats.counters.eucora.no.such.count": 0
    }
    assert graphite.answers()


def test_a_graphite_that_does_not_answer_is_one_kind_of_error() -> None:
    nobody = Graphite("http://127.0.0.1:9", timeout=0.5)
    with pytest.raises(GraphiteUnavailable):
        nobody.render(["a"], 0, 1)
    assert not nobody.answers()
