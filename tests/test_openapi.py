"""The OpenAPI document: valid, complete, readable; and no request that follows from it is answered with a 5xx."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import openapi_spec_validator
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.schemas import BaseSchema

from app.http.callers import is_open
from app.http.openapi import contract_of
from app.http.operations import operation_of
from tests.support.api import API, Api

PATH = f"{API}/openapi.json"
COMMITTED = Path("docs/openapi.json")
EXAMPLES = 8
FEW = {f"GET {API}/metrics": 2, f"GET {API}/events/stream": 2, f"GET {API}/deployments/{{deployment_id}}": 2}
"""Operations that take a hundred times as long: the first reads every metric from Graphite, the others wait."""
Operation = dict[str, Any]


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


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def resolved(document: dict[str, Any], node: Any) -> Any:
    while "$ref" in node:
        _, *steps = node["$ref"].split("/")
        node = document
        for step in steps:
            node = node[step]
    return node


def test_validators_accept_it_without_a_warning(document: dict[str, Any], schema: BaseSchema) -> None:
    assert document["openapi"].startswith("3.1")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        openapi_spec_validator.validate(document)
        schema.validate()


def test_the_committed_copy_is_current(database: Flask) -> None:
    assert COMMITTED.read_text() == contract_of(database).text, "run `make docs`"


def test_every_view_of_the_api_is_an_operation(database: Flask, document: dict[str, Any]) -> None:
    declared = set()
    for rule in database.url_map.iter_rules():
        if rule.rule.startswith(API) and not rule.endpoint.startswith("openapi"):
            operation = operation_of(database.view_functions[rule.endpoint])
            assert operation is not None, f"{rule.rule} has no @operation"
            declared.add(operation.id)
    assert len(declared) > 50
    assert declared == {operation["operationId"] for _, _, operation in operations(document)}


def test_an_id_belongs_to_one_view(database: Flask) -> None:
    declared = [operation_of(view) for view in set(database.view_functions.values())]
    ids = [operation.id for operation in declared if operation is not None]
    assert len(set(ids)) == len(ids)


def test_operations_have_names_texts_and_tags(document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"] if tag["description"]}
    ids = []
    for _, path, operation in operations(document):
        ids.append(operation["operationId"])
        assert re.fullmatch(r"[a-z]+(_[a-z]+)+", operation["operationId"]), path
        assert 5 < len(operation["summary"]) <= 120, operation["summary"]
        assert not operation["summary"].endswith(".")
        assert "\n" not in operation["summary"]
        assert operation["description"]
        assert operation["tags"], path
        assert set(operation["tags"]) <= tags
        for parameter in operation.get("parameters", ()):
            assert resolved(document, parameter).get("description"), (path, parameter)
    assert len(set(ids)) == len(ids)
    assert {tag["name"] for tag in document["tags"]} == {operation["tags"][0] for *_, operation in operations(document)}


def test_the_parameters_of_a_path_are_declared(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        declared = [resolved(document, each) for each in operation.get("parameters", ())]
        assert re.findall(r"\{(\w+)\}", path) == [each["name"] for each in declared if each["in"] == "path"]


def test_every_answer_is_described_with_an_example(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        statuses = set(operation["responses"])
        assert {status[0] for status in statuses} >= {"2", "4", "5"}, path
        assert all(re.fullmatch(r"[2-5]\d\d", status) for status in statuses), path
        for status, answer in operation["responses"].items():
            response = resolved(document, answer)
            assert response["description"]
            assert "X-Request-Id" in response["headers"]
            is_problem = status >= "400" and (operation["operationId"], status) != ("get_readiness", "503")
            assert ("application/problem+json" in response["content"]) == is_problem, (path, status)
            for media, content in response["content"].items():
                assert "schema" in content
                assert {"example", "examples"} & content.keys(), (path, status, media)


def test_every_example_is_valid(document: dict[str, Any]) -> None:
    components = {"components": document["components"]}
    checked = 0
    for method, path, operation in operations(document):
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        answers = [resolved(document, answer) for answer in operation["responses"].values()]
        for media, content in (each for body in [*bodies, *answers] for each in body["content"].items()):
            if media == "application/json":
                validator = jsonschema_rs.Draft202012Validator({**content["schema"], **components})
                assert [error.message for error in validator.iter_errors(content["example"])] == [], (method, path)
                checked += 1
    assert checked > 80
    problem = jsonschema_rs.Draft202012Validator({"$ref": "#/components/schemas/Problem", **components})
    assert all(problem.is_valid(example["value"]) for example in document["components"]["examples"].values())


def test_bounds_are_those_of_json_schema(document: dict[str, Any]) -> None:
    def keys(node: Any) -> Iterator[str]:
        for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
            yield str(key)
            yield from keys(value)

    path = document["paths"][f"{API}/deployments/{{deployment_id}}"]["get"]
    (wait,) = (each["schema"] for each in path["parameters"] if each.get("name") == "wait")
    assert wait == {"type": "integer", "minimum": 0, "maximum": 60}
    assert not {"ge", "gt", "le", "lt"} & set(keys(document))


def test_whatever_takes_a_parameter_or_a_condition_can_refuse_it(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        assert not operation.get("parameters") or "422" in operation["responses"], path


def test_the_examples_of_bodies_are_more_than_empty(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        if "requestBody" in operation:
            content = operation["requestBody"]["content"]
            assert content.get("application/json", content.get("application/octet-stream"))["example"], path


def test_bodies_are_described_wherever_there_is_one(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        assert (method in ("get", "delete")) == ("requestBody" not in operation), path
    reports = document["paths"][f"{API}/reports"]["post"]["requestBody"]["content"]
    assert set(reports) == {"application/json", "application/x-ndjson", "text/csv", "text/tab-separated-values"}


def test_every_change_takes_a_key_and_names_its_roles(database: Flask, document: dict[str, Any]) -> None:
    public = set()
    for method, path, operation in operations(document):
        named = {resolved(document, each)["name"] for each in operation.get("parameters", ())}
        by_hash = "/artifacts/{sha256}" in path  # the same request has the same effect without a key
        assert (method != "get" and not by_hash) == ("Idempotency-Key" in named), path
        conditions = {"If-Match", "If-None-Match"} if method == "put" else {"If-Match"}
        assert bool(conditions & named) == ("412" in operation["responses"]), path
        if operation.get("security") == []:
            public.add(operation["operationId"])
            assert "401" not in operation["responses"]
        else:
            assert operation["x-roles"]
            assert all(f"`{role}`" in operation["description"] for role in operation["x-roles"])
            assert "403" in operation["responses"], path
    opened = [operation_of(view) for view in database.view_functions.values() if is_open(view)]
    assert public == {operation.id for operation in opened if operation} == {"get_health", "get_readiness"}
    assert document["security"] == [{"token": []}, {"session": []}]
    assert set(document["components"]["securitySchemes"]) == {"token", "session"}


def test_roles_are_those_of_the_views(document: dict[str, Any]) -> None:
    roles = {operation["operationId"]: operation.get("x-roles") for *_, operation in operations(document)}
    assert roles["break_glass"] == ["admin"]
    assert roles["approve_deployment"] == ["admin", "approver"]
    assert roles["submit_reports"] == ["admin", "operator", "reporter"]
    assert roles["pause_deployment"] == ["admin", "operator"]
    assert roles["list_devices"] == ["admin", "operator", "approver", "reporter", "viewer"]


def test_the_types_of_problems_are_named(document: dict[str, Any]) -> None:
    pause = document["paths"][f"{API}/deployments/{{deployment_id}}/pause"]["post"]["responses"]
    assert pause["409"]["x-problem-types"] == [
        f"urn:eucora:problem:{slug}"
        for slug in ("idempotency-key-in-progress", "idempotency-key-reused", "illegal-transition")
    ]
    assert resolved(document, pause["412"])["x-problem-types"] == ["urn:eucora:problem:stale-version"]
    limits = {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}
    assert set(pause["200"]["headers"]) == {"ETag", "Idempotency-Replayed", "X-Request-Id", *limits}
    created = document["paths"][f"{API}/deployments"]["post"]["responses"]["201"]
    assert {"ETag", "Location"} <= set(created["headers"])


def test_components_have_readable_names_and_are_used(document: dict[str, Any]) -> None:
    def references(node: Any) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*(references(value) for value in node.values()))
        return set().union(*(references(value) for value in node)) if isinstance(node, list) else set()

    components = document["components"]
    assert {"Problem", "Deployment", "DeploymentIn", "DevicePage", "ScopeIn"} <= set(components["schemas"])
    assert [name for name in components["schemas"] if not re.fullmatch(r"[A-Z][A-Za-z]*", name)] == []
    known = {f"#/components/{kind}/{name}" for kind, named in components.items() for name in named}
    schemes = {f"#/components/securitySchemes/{name}" for name in components["securitySchemes"]}
    assert references(document) == known - schemes


def test_what_describes_it_as_a_whole_is_there(document: dict[str, Any]) -> None:
    assert document["info"]["license"] == {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    assert document["info"]["summary"]
    assert document["info"]["description"]
    assert [server["url"] for server in document["servers"]] == ["/"]


def test_it_is_made_once_and_not_sent_again(database: Flask) -> None:
    client = database.test_client()
    contract = contract_of(database)
    assert contract.document is contract.document
    for path in (PATH, "/openapi.json", f"{API}/docs", "/docs"):
        first = client.get(path)
        assert first.status_code == 200
        second = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (second.status_code, second.data) == (304, b"")
        assert client.get(path, headers={"If-None-Match": '"another"'}).data == first.data
    assert contract.served_below("") is contract.served_below("")


def test_it_is_served_at_the_root_too(database: Flask, document: dict[str, Any]) -> None:
    assert database.test_client().get("/openapi.json").json == document


def test_the_page_shows_everything_and_loads_nothing(database: Flask, document: dict[str, Any]) -> None:
    answer = database.test_client().get(f"{API}/docs")
    assert answer.status_code == 200
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//|<script|<link|@import|url\(", answer.text)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for _, path, operation in operations(document):
        assert f'id="{operation["operationId"]}"' in answer.text
        assert path in answer.text
    for name in document["components"]["schemas"]:
        assert f'id="schema-{name}"' in answer.text
    linked = set(re.findall(r'href="#([^"]+)"', answer.text))
    assert linked <= set(re.findall(r'id="([^"]+)"', answer.text))
    assert "illegal-transition" in answer.text
    assert "Role: <code>admin</code> or <code>operator</code>." in answer.text


def test_nothing_that_follows_from_the_document_ends_in_a_5xx(api: Api, schema: BaseSchema) -> None:
    """Nor in an answer that the document does not describe: the application under test compares each one."""
    api.register(25)
    api.deploy()
    failures: list[str] = []
    found = [each.ok() for each in schema.get_all_operations() if isinstance(each, Ok)]
    assert FEW.keys() <= {operation.label for operation in found}
    assert len(found) == sum(len(item) for item in schema.raw_schema["paths"].values())
    for operation in found:

        @settings(
            max_examples=FEW.get(operation.label, EXAMPLES),
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

        call()
    assert failures == []
