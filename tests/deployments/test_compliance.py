"""Compliance as it is counted and shown: in time or late by ring and site class, and how long it took."""

from __future__ import annotations

import pytest

from app.deployments.rules.durations import GROWTH
from app.deployments.rules.states import AssignmentState
from app.metrics import catalogue as m
from app.metrics.projection import totals
from tests.support.database import rows
from tests.support.ingest import DEVICES, LIMIT, Report, ingest, put

SUCCEEDED = AssignmentState.SUCCEEDED
LAB, REST = DEVICES[:2], DEVICES[2:]
"""Every second one is `online`, which has a limit, the others are `intermittent`."""


@pytest.fixture
def dispatched(timed_deployment: int) -> int:
    """A running deployment whose devices were all dispatched at one moment."""
    from app.db import db

    put([(AssignmentState.DISPATCHED, True)] * len(DEVICES))
    db.session.rollback()
    return timed_deployment


def succeed(deployment: int, *after: tuple[str, int]) -> None:
    ingest(deployment, "vendor", [Report(device, 1, SUCCEEDED, "", seconds) for device, seconds in after])


def counted() -> dict[str, int]:
    found = totals(rows("SELECT type, payload FROM events"))
    return {series: count for series, count in found.items() if ".compliance." in series}


def series(ring: str, site_class: str, result: str) -> str:
    return m.COMPLIANCE_TOTAL.series("count", ring=ring, site_class=site_class, result=result)


def gauges() -> dict[str, float]:
    from app.db import db
    from app.deployments import queries

    db.session.rollback()
    stem = "deployment.time_to_compliance."
    return {
        measure.path.removeprefix(stem): measure.value
        for measure in queries.levels()
        if measure.metric is m.TIME_TO_COMPLIANCE
    }


def test_devices_are_counted_in_time_or_late_by_ring_and_site_class(dispatched: int) -> None:
    online, without_limit = REST[::2], REST[1::2]
    succeed(dispatched, (LAB[0], LIMIT), (online[0], LIMIT + 1), (online[1], 1), (without_limit[0], 100 * LIMIT))
    assert counted() == {
        series("lab", "online", "in_time"): 1,
        series("canary", "online", "late"): 1,
        series("canary", "online", "in_time"): 1,
        series("canary", "intermittent", "in_time"): 1,
    }


def test_only_what_is_compliant_is_counted_and_only_once(dispatched: int) -> None:
    others = (AssignmentState.INSTALLING, AssignmentState.FAILED, AssignmentState.NOT_APPLICABLE)
    ingest(dispatched, "vendor", [Report(device, 1, it, "", 5) for device, it in zip(DEVICES, others, strict=False)])
    assert counted() == {}
    batch = [Report(REST[-1], 1, AssignmentState.ALREADY_COMPLIANT, "", 5)]
    for source in ("vendor", "vendor", "another"):
        ingest(dispatched, source, batch)
    assert sum(counted().values()) == 1


def test_a_rollback_has_no_compliance(dispatched: int) -> None:
    from app.db import db

    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE deployments SET kind = 'rollback'")
    succeed(dispatched, *((device, 5) for device in DEVICES))
    assert counted() == {}
    assert gauges() == {}
    assert rows("SELECT sum(compliant) AS devices FROM rings")[0].devices == len(DEVICES)


def test_percentiles_are_shown_by_ring_and_site_class(dispatched: int) -> None:
    assert gauges() == {}
    succeed(dispatched, (LAB[0], 10), (LAB[1], 1000))
    shown = gauges()
    assert set(shown) == {
        f"lab.{site_class}.{share}" for site_class in ("online", "intermittent") for share in ("p50", "p95")
    }
    assert shown["lab.online.p50"] == pytest.approx(10, rel=GROWTH - 1)
    assert shown["lab.intermittent.p95"] == pytest.approx(1000, rel=GROWTH - 1)


def test_the_slowest_are_not_guessed_before_nearly_all_are_known(dispatched: int) -> None:
    succeed(dispatched, *((device, 20) for device in REST[:-1]))
    assert {path.rsplit(".", 1)[1] for path in gauges()} == {"p50"}
    ingest(dispatched, "vendor", [Report(REST[-1], 1, AssignmentState.FAILED, "", 20)])
    assert {path.rsplit(".", 1)[1] for path in gauges()} == {"p50", "p95"}


@pytest.fixture
def another(dispatched: int) -> int:
    """A second live deployment whose devices took a long time."""
    from app.db import db

    with db.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO applications (name) VALUES ('other')")
        connection.exec_driver_sql(
            "INSERT INTO deployments SELECT (jsonb_populate_record(it, jsonb_build_object('id', 900, 'application_id',"
            " (SELECT max(id) FROM applications)))).* FROM deployments it"
        )
        connection.exec_driver_sql(
            "INSERT INTO rings SELECT (jsonb_populate_record(it, jsonb_build_object('id', 900 + id, 'deployment_id',"
            """ 900, 'succeeded', eligible, 'pending', 0, 'compliance_times', '{"online": {"20": 5}}'::jsonb))).*"""
            " FROM rings it"
        )
    return 900


def test_of_several_live_deployments_the_worst_is_shown(dispatched: int, another: int) -> None:
    succeed(dispatched, (LAB[0], 5))
    slow = gauges()["lab.online.p50"]
    assert slow == pytest.approx(GROWTH**19.5, rel=GROWTH - 1)
    from app.db import db

    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE deployments SET state = 'aborted' WHERE id = {another}")
    assert gauges()["lab.online.p50"] == pytest.approx(5, rel=GROWTH - 1)
