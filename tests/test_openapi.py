"""The OpenAPI document: valid, complete, readable; and no request that follows from it is answered with a 5xx."""

from __future__ import annotations

import re
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.schemas import BaseSchema

from tests.support.api import API, Api

PATH = f"{API}/openapi.json"
EXAMPLES = 15


@pytest.fixture
def document(database: Flask) -> dict[str, Any]:
    answer = database.test_client().get(PATH)
    assert answer.status_code == 200
    return dict(answer.get_json())


@pytest.fixture
def schema(database: Flask) -> BaseSchema:
    generation = GenerationConfig(deterministic=True, max_examples=EXAMPLES, database="none")
    config = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(generation=generation)))
    return schemathesis.openapi.from_wsgi(PATH, database, config=config)


def test_it_is_valid_openapi_3_1(document: dict[str, Any], schema: BaseSchema) -> None:
    assert document["openapi"].startswith("3.1")
    schema.validate()


def test_every_route_is_in_it(database: Flask, document: dict[str, Any]) -> None:
    routed = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in database.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(API) and not rule.endpoint.startswith("openapi")
    }
    described = {
        (path, method) for path, item in document["paths"].items() for method in item if method != "parameters"
    }
    assert len(routed) > 10
    assert routed <= described


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    identities = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert operation.get("summary") or operation.get("description"), (method, path)
            assert operation.get("tags"), (method, path)
            identities.append(operation.get("operationId"))
    assert len(set(identities)) == len(identities)


def test_components_have_the_names_of_their_classes(document: dict[str, Any]) -> None:
    names = set(document["components"]["schemas"])
    assert {"Problem", "DeploymentIn", "ScopeIn"} <= names
    assert [name for name in names if not re.fullmatch(r"[A-Z][A-Za-z]*", name)] == []


def test_bodies_are_described_wherever_there_is_one(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        if "post" in item:
            content = item["post"]["requestBody"]["content"]["application/json"]["schema"]
            assert "$ref" in content or "$ref" in content["items"], path
    reports = document["paths"][f"{API}/reports"]["post"]["requestBody"]["content"]
    assert set(reports) == {"application/json", "application/x-ndjson", "text/csv", "text/tab-separated-values"}


def test_every_refusal_is_described_as_a_problem(document: dict[str, Any]) -> None:
    for item in document["paths"].values():
        for operation in item.values():
            assert "application/problem+json" in operation["responses"]["default"]["content"]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(node: Any) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*(references(value) for value in node.values()))
        return set().union(*(references(value) for value in node)) if isinstance(node, list) else set()

    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) <= known


def test_it_is_served_at_the_root_too_and_as_a_page(database: Flask, document: dict[str, Any]) -> None:
    client = database.test_client()
    assert client.get("/openapi.json").json == document
    page = client.get(f"{API}/docs")
    assert page.status_code == 200
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", page.text)  # nothing is loaded from elsewhere


def test_nothing_that_follows_from_the_document_ends_in_a_5xx(api: Api, schema: BaseSchema) -> None:
    api.register(25)
    api.deploy()
    failures: list[str] = []
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) == sum(len(item) for item in schema.raw_schema["paths"].values())
    for operation in operations:

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def call(case: schemathesis.Case[Any]) -> None:
            answer = case.call(headers=api.headers)
            if answer.status_code >= 500:
                failures.append(f"{answer.status_code} {case.as_curl_command()}")
            elif answer.status_code >= 400:
                kind = answer.headers["content-type"][0]
                assert kind == "application/problem+json", (kind, case.as_curl_command())

        call()
    assert failures == []
