"""Every answer of the application under test is compared with the OpenAPI document that it serves."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Mapping
from functools import cached_property
from typing import Any

import jsonschema_rs
from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_options_header

from app.http.openapi import contract_of
from app.http.operations import operation_of

Application = Callable[..., Iterable[bytes]]
PROBLEM = "application/problem+json"
NDJSON = "application/x-ndjson"
COMPONENTS = "urn:eucora:components"
ANYWHERE = {404: "not-found", 405: "method-not-allowed"}
"""What any path can answer that is none, or not with that method."""


class Contract:
    """The document of an application, and where an answer differs from it."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._validators: dict[str, Any] = {}

    @cached_property
    def document(self) -> Mapping[str, Any]:
        return contract_of(self._app).document

    @cached_property
    def _operations(self) -> dict[str, Mapping[str, Any]]:
        described = (operation for path in self.document["paths"].values() for operation in path.values())
        return {operation["operationId"]: operation for operation in described}

    @cached_property
    def _strict(self) -> jsonschema_rs.Registry:
        """The components, in which no object may have a field that is not described."""
        return jsonschema_rs.Registry([(COMPONENTS, {"components": _closed(self.document["components"])})])

    def differences(self, environ: Mapping[str, Any], status: int, headers: Headers, body: bytes) -> list[str]:
        """Where an answer differs from what is documented for its request."""
        media, _ = parse_options_header(headers.get("Content-Type"))
        try:
            operation = self._operation(environ)
        except HTTPException:
            is_path = False
        else:
            is_path = not (status == 404 and b'"urn:eucora:problem:not-found"' in body)
        if not is_path:
            types = {f"urn:eucora:problem:{ANYWHERE.get(status)}"}
            return [] if status < 400 else self._problem(body, media, types)
        if operation is None:
            return [] if status < 400 else self._problem(body, media)
        documented = operation["responses"].get(str(status))
        if documented is None:
            return [f"status {status} is not documented: {body[:300]!r}"]
        response = self._resolved(documented)
        missing = [name for name, header in response["headers"].items() if name not in headers and self._must(header)]
        found = [f"header {name} is missing" for name in missing]
        content = response["content"].get(media)
        if content is None and not response["content"] and not body:
            return found
        if content is None:
            return [*found, f"content type {media} is not documented"]
        if environ["REQUEST_METHOD"] == "HEAD":
            return found
        if media == PROBLEM:
            return [*found, *self._problem(body, media, set(response["x-problem-types"]))]
        if media == NDJSON:
            line = content["schema"]["contentSchema"]
            return [*found, *(each for text in body.splitlines() for each in self._invalid(line, json.loads(text)))]
        return [*found, *(self._invalid(content["schema"], json.loads(body)) if media == "application/json" else [])]

    def _operation(self, environ: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The operation of a request; None for a page. Raises HTTPException for a path that is neither."""
        method = environ["REQUEST_METHOD"]
        adapter = self._app.url_map.bind_to_environ(dict(environ))
        rule, _ = adapter.match(method="GET" if method == "HEAD" else method, return_rule=True)
        declared = operation_of(self._app.view_functions[rule.endpoint])
        return None if declared is None or method == "OPTIONS" else self._operations[declared.id]

    def _problem(self, body: bytes, media: str, types: Container[str] | None = None) -> list[str]:
        if media != PROBLEM:
            return [f"an error is answered as {media}: {body[:300]!r}"]
        problem = json.loads(body)
        is_known = types is None or problem["type"] in types
        unknown = [] if is_known else [f"{problem['type']} is not documented: {problem['detail']}"]
        return [*unknown, *self._invalid({"$ref": "#/components/schemas/Problem"}, problem)]

    def _resolved(self, node: Any) -> Any:
        while "$ref" in node:
            _, _, kind, name = node["$ref"].split("/")
            node = self.document["components"][kind][name]
        return node

    def _must(self, header: Any) -> bool:
        return bool(self._resolved(header).get("required"))

    def _invalid(self, schema: Mapping[str, Any], value: Any) -> list[str]:
        key = schema["$ref"]
        if key not in self._validators:
            self._validators[key] = jsonschema_rs.Draft202012Validator(
                {"$ref": COMPONENTS + key}, registry=self._strict, validate_formats=True
            )
        return [f"{error.instance_path}: {error.message}"[:500] for error in self._validators[key].iter_errors(value)]


class Checked:
    """WSGI middleware that raises AssertionError for an answer that differs from the document."""

    def __init__(self, application: Application, contract: Contract) -> None:
        self._application, self._contract = application, contract

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        started: list[tuple[int, Headers]] = []

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            started.append((int(status.split()[0]), Headers(headers)))
            return start_response(status, headers, *error)

        asked = dict(environ)
        pieces = self._application(environ, start)
        try:
            body = b"".join(pieces)
        finally:
            getattr(pieces, "close", lambda: None)()
        differences = self._contract.differences(asked, *started[-1], body)
        assert not differences, (f"{asked['REQUEST_METHOD']} {asked['PATH_INFO']}", differences)
        return [body]


def checked(app: Flask) -> Flask:
    """The application, each of whose answers must be as its document says."""
    app.wsgi_app = Checked(app.wsgi_app, Contract(app))  # type: ignore[method-assign]  # as Flask documents it
    return app


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if isinstance(closed.get("properties"), dict) and closed.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed
