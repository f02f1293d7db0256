"""A deployment of eight devices whose reports are timed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.connectors import registry
from app.deployments import progress
from tests.support.api import Api
from tests.support.connectors import Scripted
from tests.support.fleet import Fleet
from tests.support.http import Client
from tests.support.ingest import DEVICES, PLAN, SITES
from tests.support.jobs import Drive
from tests.support.simulation import simulation


@pytest.fixture
def vendor(app: Flask) -> Iterator[Scripted]:
    """In place of the simulated connector."""
    double = Scripted()
    with registry.replaced({"simulated": double}):
        yield double


@pytest.fixture
def timed_deployment(client: Client) -> int:
    """Its id: two devices in the lab, half of each ring in a class of sites without a limit."""
    assert client.raw("PUT", "/ring-plans/timed", json=PLAN).status_code in (200, 201)
    for n, external_id in enumerate(DEVICES):
        fields = {"site_class": SITES[n % 2], "tags": ["lab"] if n < 2 else []}
        body = [{"external_id": external_id, "platform": "windows", "connector": "simulated", **fields}]
        assert client.post("/devices", body)[0] == 200
    deployment = int(client.deploy(plan="timed")["id"])
    progress.plan(deployment)
    return deployment


@pytest.fixture
def fleet(api: Api, drive: Drive) -> Iterator[Fleet]:
    """Four devices that say only what a test reports for them."""
    with simulation(silent=1, failure=0, already_compliant=0) as behave:
        behave()
        yield Fleet(api, drive)
