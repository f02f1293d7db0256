"""A client that a generator makes of the OpenAPI document is usable: it sends typed bodies and gets typed answers."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import httpx
import pytest
from flask import Flask

from app.http.openapi import contract_of
from tests.client.support import isolated
from tests.support.api import ARTIFACT, make_token

NAME = "generated_eucora"
LINES = ("application/x-ndjson", "text/csv", "text/tab-separated-values")
"""Bodies that this generator leaves out, with a warning; it sends the JSON form."""


@pytest.fixture(scope="module")
def generated(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The folder of the generated package, which can be imported while the tests run."""
    folder = tmp_path_factory.mktemp("generated")
    document, config = folder / "openapi.json", folder / "config.json"
    document.write_text(contract_of(app).text)
    config.write_text(json.dumps({"post_hooks": [], "package_name_override": NAME}))
    command = [str(Path(sys.executable).with_name("openapi-python-client")), "generate", "--meta", "none"]
    where = ["--path", str(document), "--config", str(config), "--output-path", str(folder / NAME)]
    done = subprocess.run([*command, *where], capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    warnings = re.findall(r"WARNING .*\n+(.*)", done.stdout + done.stderr)
    assert set(warnings) == {f"Unsupported content type {name}" for name in LINES}, done.stdout
    sys.path.insert(0, str(folder))
    yield NAME
    sys.path.remove(str(folder))
    for name in [each for each in sys.modules if each.partition(".")[0] == NAME]:
        del sys.modules[name]


@pytest.fixture
def eucora(generated: str, database: Flask) -> Any:
    """The package's models and a client of it that speaks for an operator."""
    package: Any = importlib.import_module(generated)
    client = package.AuthenticatedClient(
        base_url="http://eucora.test",
        token=make_token("operator"),
        httpx_args={"transport": httpx.WSGITransport(isolated(database))},
    )

    def call(tag: str, operation: str, *given: Any, **fields: Any) -> Any:
        return importlib.import_module(f"{generated}.api.{tag}.{operation}").sync(*given, client=client, **fields)

    return SimpleNamespace(models=importlib.import_module(f"{generated}.models"), call=call)


def test_answers_and_errors_are_typed(eucora: Any) -> None:
    models, call = eucora.models, eucora.call
    device = models.DeviceIn(external_id="dev-1", platform=models.Platform.WINDOWS, connector="simulated")
    registered = call("devices", "register_devices", body=[device])
    assert [each.status for each in registered.items] == [models.RegistrationStatus.CREATED]
    requested = models.DeploymentIn(
        application="vpn",
        version="1.0",
        platform=models.Platform.WINDOWS,
        artifact_hash=ARTIFACT,
        plan="demo",
        scope=models.DeploymentScopeIn(everyone=True),
    )
    created = call("deployments", "create_deployment", body=requested, idempotency_key="once")
    assert isinstance(created, models.Deployment)
    assert created.state is models.DeploymentState.PLANNING
    read = call("deployments", "get_deployment", created.id)
    assert (read.id, read.version, read.created_at.tzinfo is not None) == (created.id, 1, True)
    previewed = call("ring_plans", "preview_ring_plan", "demo")
    assert isinstance(previewed, models.Preview)
    listed = call("deployments", "list_deployments", application="vpn")
    assert [each.id for each in listed.items] == [created.id]
    assert listed.next_ is None
    paused = call("deployments", "pause_deployment", created.id, body=models.DecisionIn("a look"), if_match='"9"')
    assert isinstance(paused, models.Problem)
    assert (paused.status, paused.type_) == (412, "urn:eucora:problem:stale-version")


def test_every_operation_has_a_function_that_returns_something(generated: str, app: Flask) -> None:
    for item in contract_of(app).document["paths"].values():
        for operation in item.values():
            tag = operation["tags"][0].replace(" ", "_")
            module = importlib.import_module(f"{generated}.api.{tag}.{operation['operationId']}")
            answers = {answer.__name__ for answer in get_args(module.sync.__annotations__["return"])}
            assert answers - {"NoneType", "Problem"}, operation["operationId"]
            assert "Any" not in answers or "304" in operation["responses"], operation["operationId"]
