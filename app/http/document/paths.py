"""The OpenAPI 3.1 document as a whole: its operations with their parameters and bodies, and its components."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from flask import Flask
from pydantic import BaseModel
from werkzeug.routing import Rule

from app.http.bodies import CSV, NDJSON, reads_file
from app.http.callers import is_open
from app.http.document.examples import example
from app.http.document.replies import (
    BINARY,
    HEADERS,
    ProblemType,
    common_responses,
    problem_examples,
    problem_types,
    responses,
)
from app.http.document.schemas import lines_of, reference, schemas
from app.http.idempotency import HEADER, MAX_KEY_LENGTH, takes_key
from app.http.operations import JSON, TAGS, Binary, EventsOf, LinesOf, Operation, Text, operation_of
from app.http.problems import TYPE_PREFIX
from app.http.responses import Problem

Roles = Callable[[Callable[..., object], str], tuple[str, ...]]
"""The roles that may call a view with a method, by name."""

DESCRIPTION = f"""
Rolls application releases out to fleets of endpoints ring by ring and records the reason for each decision.

Errors are RFC 9457 problem documents; clients may branch on `type`, which starts with `{TYPE_PREFIX}`. Each operation
lists the types that it can answer with. Any path can also answer 404 (`not-found`) and 405 (`method-not-allowed`).
""".strip()
_PATH_PARAMETERS: Mapping[str, tuple[str, object]] = {
    "applications": ("The name of the application.", "edge-gateway"),
    "artifacts": ("The SHA-256 of the content, in hexadecimal digits.", "a1" * 32),
    "connectors": ("The name of the connector.", "simulated"),
    "dashboards": ("The `uid` of the dashboard.", "eucora-operations"),
    "deployments": ("The id of the deployment.", 1),
    "devices": ("The id of the device, which the list of devices has.", 1),
    "drift": ("The id of the finding.", 1),
    "emergency-stop": ("The id of the emergency stop.", 1),
    "freezes": ("The id of the freeze.", 1),
    "incidents": ("The id of the incident.", 1),
    "panels": ("The id of the panel within its dashboard.", 1),
    "proposals": ("The id of the proposal.", 1),
    "packages": ("The name of the connector.", "edge"),
    "releases": ("The version of the application.", "2.4.0"),
    "ring-plans": ("The name of the ring plan.", "standard"),
    "subjects": ("The id of the subject.", 1),
    "tokens": ("The id of the token.", 1),
    "variables": ("The name of the variable within its dashboard.", "ring"),
}
"""What the parameter after a segment of a path is, with an example."""
_CSV = "A CSV begins with the names of its columns, in any order, separated by commas, semicolons or tabs."
_TAGS = r'^(\*|(W/)?"[!#-~]*"([ \t]*,[ \t]*(W/)?"[!#-~]*")*)$'
_PARAMETERS: Mapping[str, dict[str, Any]] = {
    HEADER: {
        "name": HEADER,
        "in": "header",
        "description": "A key of the caller's choice: a repeated request with it runs once, and gets the first answer.",
        "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH, "examples": ["release-5.2.1-start"]},
    },
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag of the version that the change is based on, or several; `*`, or nothing, for any. "
        'Only the version in it is compared, so `"3"` is enough.',
        "schema": {"type": "string", "pattern": _TAGS, "examples": ['"3"']},
    },
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "description": "ETags that the caller has: 304 if one of them is still right.",
        "schema": {"type": "string", "pattern": _TAGS, "examples": ['"3-0c4f1a9be27d"']},
    },
    "Last-Event-ID": {
        "name": "Last-Event-ID",
        "in": "header",
        "description": "The id of the last event that the caller has; it takes precedence over `after`. Browsers send "
        "it when they connect again.",
        "schema": {"type": "string", "pattern": "^[0-9]*$", "examples": ["1042"]},
    },
    "If-New": {
        "name": "If-None-Match",
        "in": "header",
        "description": "`*`: only create it, and answer 412 if it exists.",
        "schema": {"type": "string", "pattern": r"^\*$", "examples": ["*"]},
    },
    "Range": {
        "name": "Range",
        "in": "header",
        "description": "One range of bytes: `bytes=0-1023`, `bytes=1024-` or `bytes=-512`. Several are not honoured.",
        "schema": {"type": "string", "examples": ["bytes=0-1023"]},
    },
    "If-Range": {
        "name": "If-Range",
        "in": "header",
        "description": "The ETag of what the caller has a part of; with another one, all of the content is sent.",
        "schema": {"type": "string", "examples": [f'"{"a1" * 32}"']},
    },
}
_FILE = {
    "required": True,
    "description": "The content. Any content type is accepted, and kept with it.",
    "content": {"application/octet-stream": BINARY},
}
_SECURITY_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token, which has a subject and a role. Create one with `flask tokens create`.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-eucora_session",
        "description": "The session of a person who has logged in at `GET /login`, if the settings name an identity "
        "provider; `POST /logout` ends it. Without TLS, on the loopback interface, the cookie is `eucora_session`. "
        "Requests that change something must also send the header `X-CSRF-Token` with the `csrf_token` of "
        "`GET /api/v1/whoami`. A token wins over a cookie.",
    },
}


class _Served(NamedTuple):
    """A view at a path."""

    path: str
    method: str
    rule: Rule
    view: Callable[..., object]
    operation: Operation


def document(app: Flask, version: str, roles: Roles) -> dict[str, Any]:
    """The document of the app's views; `roles` names who may call them."""
    served = list(_served(app))
    components = schemas(model for each in served for model in _models(each.operation))
    problems: set[ProblemType] = set()
    paths: dict[str, dict[str, Any]] = {}
    for each in served:
        described, types = _operation(each, roles, components)
        problems.update(types)
        paths.setdefault(each.path, {})[each.method] = described
    queries = {each.operation.query.__name__ for each in served if each.operation.query is not None}
    tags = {each.operation.tag for each in served}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "EUCORA Control Plane",
            "version": version,
            "summary": "Ring-by-ring rollouts to fleets of endpoints.",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": []}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items() if name in tags],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {name: schema for name, schema in components.items() if name not in queries},
            "responses": common_responses(),
            "headers": dict(HEADERS),
            "parameters": dict(_PARAMETERS),
            "examples": problem_examples(problems),
            "securitySchemes": _SECURITY_SCHEMES,
        },
    }


def _served(app: Flask) -> Iterator[_Served]:
    paths_of: dict[str, str] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (-len(rule.rule), rule.rule)):
        view = app.view_functions[rule.endpoint]
        operation = operation_of(view)
        # What is served at the root too is described where all other operations are.
        if operation is None or paths_of.setdefault(operation.id, rule.rule) != rule.rule:
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield _Served(re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule), method.lower(), rule, view, operation)


def _models(operation: Operation) -> Iterator[type[BaseModel]]:
    yield Problem
    for model in (operation.query, operation.json, operation.list_of):
        if model is not None:
            yield model
    for reply in operation.replies:
        for content in reply.content.values():
            if isinstance(content, LinesOf | EventsOf):
                yield content.item
            elif not isinstance(content, Text | Binary):
                yield content


def _operation(
    each: _Served, roles: Roles, components: Mapping[str, Any]
) -> tuple[dict[str, Any], Iterable[ProblemType]]:
    is_public, changes = is_open(each.view), each.method != "get"
    keyed = takes_key(each.view)
    parameters = [*_in_path(each.rule), *_in_query(each.operation, components)]
    has_etag = any("ETag" in reply.headers for reply in each.operation.replies)
    names = [
        *([HEADER] if keyed else []),
        *(["If-Match"] if each.operation.if_match else []),
        *(["If-None-Match"] if has_etag and not changes else []),
        *each.operation.takes,
        *(["If-New"] if each.method == "put" and any(reply.status == 201 for reply in each.operation.replies) else []),
    ]
    if any(reply.status == 206 for reply in each.operation.replies):
        names += ["Range", "If-Range"]
    parameters += [{"$ref": f"#/components/parameters/{name}"} for name in names]
    problems = problem_types(
        each.operation,
        is_open=is_public,
        changes=changes,
        takes_key=keyed,
        has_parameters=bool(parameters),
    )
    allowed = () if is_public else roles(each.view, each.method.upper())
    text = inspect.getdoc(each.view) or ""
    described: dict[str, Any] = {
        "operationId": each.operation.id,
        "summary": _summary(text),
        "description": f"{text}\n\n{_who(allowed)}",
        "tags": [each.operation.tag],
        **({"security": []} if is_public else {"x-roles": list(allowed)}),
        **({"parameters": parameters} if parameters else {}),
    }
    body = _FILE if reads_file(each.view) else _body(each.operation, components)
    if body is not None:
        described["requestBody"] = body
    described["responses"] = responses(
        each.operation, problems, takes_key=keyed, is_read=not changes, components=components
    )
    return described, problems


def _summary(text: str) -> str:
    """The first sentence, without its full stop."""
    first = text.split("\n\n")[0].replace("\n", " ")
    return re.split(r"\.(?:\s|$)", first, maxsplit=1)[0]


def _who(roles: tuple[str, ...]) -> str:
    if not roles:
        return "No token is needed."
    names = [f"`{role}`" for role in roles]
    return f"Role: {', '.join(names[:-1])} or {names[-1]}." if len(names) > 1 else f"Role: {names[0]}."


def _in_path(rule: Rule) -> list[dict[str, Any]]:
    found = []
    for segment, converter, name in re.findall(r"([\w-]+)/<(?:([^:>]+):)?(\w+)>", rule.rule):
        description, shown = _PATH_PARAMETERS[segment]
        number = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
        schema = {**(number if converter == "int" else {"type": "string", "minLength": 1}), "examples": [shown]}
        found.append({"name": name, "in": "path", "required": True, "description": description, "schema": schema})
    return found


def _in_query(operation: Operation, components: Mapping[str, Any]) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    schema = components[operation.query.__name__]
    required = schema.get("required", ())
    found = []
    for name, field in schema["properties"].items():
        own = _not_null(field)
        described = {"description": own.pop("description")} if "description" in own else {}
        found.append({"name": name, "in": "query", "required": name in required, **described, "schema": own})
    return [*found, *_of_any_name(schema)]


def _of_any_name(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Parameters with names of the caller's choice: each field of an object is one of them."""
    value = schema.get("additionalProperties")
    if not isinstance(value, Mapping):
        return []
    fields = {"type": "object", "propertyNames": schema["propertyNames"], "additionalProperties": value}
    form = {"style": "form", "explode": True, "schema": fields}
    return [{"name": "variables", "in": "query", "required": False, "description": value["description"], **form}]


def _not_null(field: Mapping[str, Any]) -> dict[str, Any]:
    """The schema without `null`: a query parameter that is not given is left out."""
    kinds = [each for each in field.get("anyOf", ()) if each.get("type") != "null"]
    if len(kinds) != 1:
        return dict(field)
    rest = {key: value for key, value in field.items() if key not in ("anyOf", "default")}
    return {**kinds[0], **rest}


def _body(operation: Operation, components: Mapping[str, Any]) -> dict[str, Any] | None:
    if operation.list_of is not None:
        return {"required": True, "content": _list_of(operation.list_of, components)}
    if operation.json is None:
        return None
    schema = reference(operation.json)
    is_required = bool(components[operation.json.__name__].get("required"))
    return {
        "required": is_required,
        "content": {JSON: {"schema": schema, "example": example(schema, components)}},
    }


def _list_of(item: type[BaseModel], components: Mapping[str, Any]) -> dict[str, Any]:
    """A body that is an array, or lines."""
    array = {"type": "array", "items": reference(item), "minItems": 1}
    shown = example(reference(item), components)
    found: dict[str, Any] = {JSON: {"schema": array, "example": [shown]}}
    json_lines = lines_of(item, f"One JSON object per line, each a `{item.__name__}`.")
    found[NDJSON[0]] = {"schema": json_lines, "example": f"{json.dumps(shown)}\n"}
    for media, separator in zip(CSV, (",", "\t"), strict=True):
        rows = (shown.keys(), (";".join(value) if isinstance(value, list) else str(value) for value in shown.values()))
        text = "".join(f"{separator.join(row)}\n" for row in rows)
        found[media] = {"schema": {"type": "string", "description": f"One `{item.__name__}` per line. {_CSV}"}}
        found[media]["example"] = text
    return found
