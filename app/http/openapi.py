"""The OpenAPI 3.1 document, made from the types of the views, and a self-contained page that shows it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, Flask, Response, render_template, request
from pydantic import BaseModel, ValidationError
from spectree import SpecTree
from spectree.models import SecureType, SecurityScheme, SecuritySchemeData

from app.errors import Invalid
from app.http.bodies import CSV, NDJSON, UnsupportedBody, field_errors, is_stream
from app.http.callers import open_to_all
from app.http.problems import TYPE_PREFIX

VERSION = "0.6.0"
_CSV = "A CSV begins with the names of its columns, in any order, separated by commas, semicolons or tabs."
JSON_ONLY = "Send `Content-Type: application/json`; this path does not accept NDJSON or CSV."


class Problem(BaseModel):
    """An error, after RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[dict[str, str]] = []


def _reject(_request: Any, _response: Any, error: Exception | None, *_rest: Any) -> None:
    if isinstance(error, ValidationError):
        if is_stream() and request.method != "GET":
            raise UnsupportedBody(JSON_ONLY)
        what = "query" if error.title.endswith("Query") else "body"
        raise Invalid(f"The {what} is invalid; nothing was changed.", fields=field_errors(error))
    if request.context.json is None:  # type: ignore[attr-defined]  # set by spectree for a validated body
        return
    # Spectree treats an empty array, and a body of another content type, as an empty object.
    if is_stream():
        raise UnsupportedBody(JSON_ONLY)
    if isinstance(request.get_json(silent=True), list):
        raise Invalid("The body must be a JSON object; nothing was changed.")


def _keep(*_args: Any) -> None:
    """Responses are built from models, so there is nothing left to validate."""


spec = SpecTree(
    "flask",
    title="EUCORA Control Plane",
    version=VERSION,
    description=f"Errors are RFC 9457 problem documents; their type starts with `{TYPE_PREFIX}`.",
    path="docs",
    mode="strict",
    before=_reject,
    after=_keep,
    validation_error_model=Problem,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
    page_templates={},
    security_schemes=[
        SecurityScheme(
            name="token",
            data=SecuritySchemeData(
                type=SecureType.HTTP, scheme="bearer", description="Create one with `flask tokens create`"
            ),
        )
    ],
    security={"token": []},
)

blueprint = Blueprint("openapi", __name__, template_folder="templates")
View = TypeVar("View", bound=Callable[..., object])


def takes_lists_of(item: type[BaseModel]) -> Callable[[View], View]:
    """Mark a view whose body is a JSON array of `item`, or one `item` per line as NDJSON or CSV."""

    def mark(view: View) -> View:
        view.list_item = item  # type: ignore[attr-defined]  # a mark on the function, read in `complete`
        return view

    return mark


def complete() -> dict[str, Any]:
    """The document with what spectree leaves out: the responses of every path, and the bodies that are lists."""
    complete_spec: dict[str, Any] = spec.spec
    schemas = complete_spec["components"]["schemas"]
    problem = {"application/problem+json": {"schema": _schema(Problem, schemas)}}
    rejected = {"description": "The request was rejected.", "content": problem}
    for path in complete_spec["paths"].values():
        for operation in path.values():
            operation["responses"].setdefault("2XX", {"description": "Done.", "content": {"application/json": {}}})
            operation["responses"].setdefault("default", rejected)
    for rule in spec.app.url_map.iter_rules():
        item = getattr(spec.app.view_functions[rule.endpoint], "list_item", None)
        if item is not None:
            items = {"type": "array", "items": _schema(item, schemas), "minItems": 1}
            lines = {"schema": {"type": "string", "description": f"{item.__name__}s, one per line. {_CSV}"}}
            content = {"application/json": {"schema": items}, **dict.fromkeys((NDJSON[0], *CSV), lines)}
            complete_spec["paths"][rule.rule]["post"]["requestBody"] = {"required": True, "content": content}
    return complete_spec


def _schema(model: type[BaseModel], schemas: dict[str, Any]) -> dict[str, str]:
    """A reference to a model; adds the model and the models it contains to `schemas`."""
    own = model.model_json_schema(ref_template="#/components/schemas/{model}")
    for name, nested in own.pop("$defs", {}).items():
        schemas.setdefault(name, nested)
    schemas.setdefault(model.__name__, own)
    return {"$ref": f"#/components/schemas/{model.__name__}"}


@blueprint.get("/openapi.json")
@open_to_all
def document() -> Response:
    """The OpenAPI document; its server is the path prefix of a reverse proxy, if there is one."""
    served = {**complete(), "servers": [{"url": request.script_root or "/"}]}
    return Response(json.dumps(served), content_type="application/json")


@blueprint.get("/docs")
@open_to_all
def docs() -> str:
    """The OpenAPI document as a page."""
    return render_template("docs.html", spec=complete())


def install(app: Flask) -> None:
    """Serve the document and the page."""
    spec.app = app  # the document is made when it is first requested, after all routes are registered
    app.register_blueprint(blueprint, url_prefix="/api/v1")
    app.register_blueprint(blueprint, name="openapi_root")
