"""A ring with analyses, and carbon to write to what they read."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from flask import Flask
from rq.job import Job as RQJob

from app import queue
from app.deployments.analysis import service
from app.deployments.models import Deployment, Ring
from app.deployments.rules.states import DeploymentState, RingState
from app.events.unit import unit_of_work
from app.queue import QueueName
from app.releases.models import Application, Release
from app.settings import load_settings
from tests.support.analysis import Beat, MakeRing, Written
from tests.support.carbon import Feed
from tests.support.clock import Clock

_number = itertools.count(1)


@pytest.fixture
def write(feed: Feed, clock: Clock) -> Written:
    """Write series, one value a second, the last one a second ago; answers with the folder they are in."""

    def run(series: Mapping[str, Sequence[float | None]]) -> str:
        folder = f"stats.analysed.{time.time_ns()}"
        now = int(clock().timestamp())
        feed(
            (f"{folder}.{name}", value, now - len(values) + position)
            for name, values in series.items()
            for position, value in enumerate(values)
            if value is not None
        )
        return folder

    return run


@pytest.fixture
def graphite_at(database: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Say where Graphite is; it is back at its place afterwards."""

    def change(url: str) -> None:
        monkeypatch.setenv("EUCORA_GRAPHITE_URL", url)
        load_settings.cache_clear()

    yield change
    monkeypatch.undo()
    load_settings.cache_clear()


@pytest.fixture
def beat(database: Flask) -> Beat:
    """Ask for what is due and carry it out, without the ticks that follow; answers with the jobs' names."""

    def run(times: int = 1) -> list[str]:
        for _ in range(times):
            service.due()
        bulk = queue.queue(QueueName.BULK)
        jobs = [RQJob.fetch(job_id, connection=queue.connection()) for job_id in bulk.get_job_ids()]
        for job in jobs:
            bulk.remove(job)
            job.perform()
        return [str(job.func_name).rsplit(".", 1)[-1] for job in jobs]

    return run


@pytest.fixture
def make_ring(database: Flask, clock: Clock) -> MakeRing:
    """Make a live deployment whose only ring has these analyses; answers with the ring's id."""

    def make(*analyses: dict[str, Any], state: str = "running", ring_state: str = "deploying") -> int:
        with unit_of_work("test") as unit:
            session = unit.session
            application = Application(name=f"vpn client {next(_number)}")
            session.add(application)
            session.flush()
            release = Release(
                application_id=application.id, version="1", platform="windows", artifact_hash="sha256:" + "a" * 64
            )
            session.add(release)
            session.flush()
            deployment = Deployment(
                application_id=application.id,
                release_id=release.id,
                platform="windows",
                application_label="_other",
                plan={"name": "p", "version": 1, "rings": [{"name": "lab", "gate": {"analyses": list(analyses)}}]},
                scope={},
                state=DeploymentState(state),
                reason="planned",
                requested_by="tester",
                created_at=clock(),
            )
            session.add(deployment)
            session.flush()
            ring = Ring(
                deployment_id=deployment.id, position=0, name="lab", key="lab", state=RingState(ring_state), waiting={}
            )
            session.add(ring)
            session.flush()
            return ring.id

    return make
