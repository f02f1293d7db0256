"""Marks: what happened to deployments is found among Graphite's events, once, in time's own order, whatever is down."""

from __future__ import annotations

import time
from dataclasses import replace
from uuid import uuid4

import pytest
from flask import Flask

from app.db import alone, db
from app.events.models import EventCursor
from app.events.unit import unit_of_work
from app.metrics.following import annotations as marks
from app.metrics.projection import RULES
from app.metrics.reading.graphite import Graphite, GraphiteEvent
from tests.support.clock import Clock
from tests.support.imposter import imposter
from tests.support.threads import together

NOBODY = "http://127.0.0.1:9"
"""The discard port: nothing listens there."""


@pytest.fixture
def application() -> str:
    """An application no other test has marks of."""
    return f"app-{uuid4().hex}"


def happened(application: str, *types: str, **payload: str) -> None:
    with unit_of_work("tester") as unit:
        for type in types:
            about = {"application_label": application, "kind": "rollout", "reason": "because", **payload}
            unit.record(type, about, deployment_id=7)


def marked(graphite: Graphite, *tags: str) -> list[GraphiteEvent]:
    now = int(time.time())
    return graphite.events(tags, now - 3600, now + 3600)


def cursor() -> int | None:
    db.session.rollback()
    found = db.session.get(EventCursor, marks.FOLLOWER.name)
    return found.event_id if found else None


def test_every_event_that_is_marked_is_one_there_is() -> None:
    assert set(marks.WORDS) <= set(RULES)
    assert len({layer.tag for layer in marks.LAYERS}) == len(marks.LAYERS)


def test_a_deployment_s_story_is_marked_at_its_own_times(graphite: Graphite, clock: Clock, application: str) -> None:
    clock.advance(-600)
    begun = int(clock.time.timestamp())
    happened(application, "deployment.created", "deployment.planned")
    clock.advance(60)
    happened(application, "deployment.completed", "ring_plan.changed")
    assert marks.follow() == 2
    created, completed = marked(graphite, application)
    assert created == GraphiteEvent(begun, f"deployment created ({application})", "Deployment 7: because", created.tags)
    assert set(created.tags) == {"deployment", marks.PROGRESS.tag, "created", application}
    assert completed.at == begun + 60
    assert marks.PROGRESS.tag in completed.tags


def test_trouble_rollbacks_and_verdicts_have_layers_of_their_own(graphite: Graphite, application: str) -> None:
    happened(application, "deployment.paused", "deployment.failed")
    happened(application, "deployment.created", kind="rollback")
    happened(application, "gate.evaluated", ring="lab", verdict="fail", sentence="7 of 10 devices failed")
    happened(application, "gate.evaluated", ring="lab", verdict="wait", sentence="3 of 5 devices reported")
    assert marks.follow() == 4
    by_layer = {
        layer.tag: [mark.what for mark in marked(graphite, layer.tag) if application in mark.tags]
        for layer in marks.LAYERS
    }
    assert by_layer == {
        marks.PROGRESS.tag: [],
        marks.TROUBLE.tag: [f"deployment paused ({application})", f"deployment failed ({application})"],
        marks.ROLLBACKS.tag: [f"rollback created ({application})"],
        marks.VERDICTS.tag: [f"lab: fail ({application})"],
    }
    (verdict,) = (mark for mark in marked(graphite, marks.VERDICTS.tag) if application in mark.tags)
    assert verdict.data == "Deployment 7: 7 of 10 devices failed"


def test_a_mark_is_made_once(graphite: Graphite, application: str) -> None:
    happened(application, "deployment.created")
    assert [marks.follow(), marks.follow()] == [1, 0]
    happened(application, "deployment.completed")
    assert [marks.follow(), marks.follow()] == [1, 0]
    assert len(marked(graphite, application)) == 2


def test_a_long_log_is_read_in_batches_to_its_end(graphite: Graphite, application: str) -> None:
    happened(application, *["deployment.paused", "deployment.resumed", "deployment.planned"] * 4)
    assert marks.follow(follower=replace(marks.FOLLOWER, batch=3)) == 8
    assert len(marked(graphite, application)) == 8
    assert cursor() == 12


def test_while_graphite_is_down_nothing_is_raised_and_nothing_lost(graphite: Graphite, application: str) -> None:
    happened(application, "deployment.created", "deployment.completed")
    assert marks.follow(NOBODY) == 0
    assert cursor() == 0
    assert marks.follow() == 2
    assert len(marked(graphite, application)) == 2


def test_what_was_marked_before_graphite_broke_down_is_not_marked_again(graphite: Graphite, application: str) -> None:
    happened(application, "deployment.created", "deployment.paused", "deployment.aborted")
    with imposter() as broken:

        def break_down() -> None:
            broken.status = 200 if len(broken.asked) == 1 else 503

        broken.meanwhile = break_down
        assert marks.follow(broken.url) == 1
        assert len(broken.asked) == 2
    assert cursor() == 1
    assert marks.follow() == 2
    assert [mark.what.split()[1] for mark in marked(graphite, application)] == ["paused", "aborted"]


def test_two_runs_at_once_do_not_mark_twice(database: Flask, graphite: Graphite, application: str) -> None:
    happened(application, "deployment.created")

    def other() -> int:
        with database.app_context():
            return marks.follow()

    with alone("follower:annotations") as is_alone:
        assert is_alone
        assert together(other) == [0]
    assert marks.follow() == 1
    assert marks.follow() == 0
    assert len(marked(graphite, application)) == 1
