"""OpenAPI 3.1 from the views' own types, and a page that shows it without loading anything from elsewhere."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Flask, Response, render_template, request
from pydantic import BaseModel, ValidationError
from spectree import SpecTree
from spectree.models import SecureType, SecurityScheme, SecuritySchemeData

from app.errors import Invalid
from app.http.auth import open_to_all
from app.http.bodies import UnsupportedBody, field_errors, is_stream
from app.http.problems import TYPE_PREFIX

VERSION = "0.1.0"


class Problem(BaseModel):
    """An error, after RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[dict[str, str]] = []


def _refuse(_request: Any, _response: Any, error: Exception | None, *_rest: Any) -> None:
    if isinstance(error, ValidationError):
        what = "query" if request.method == "GET" else "body"
        raise Invalid(f"The {what} is not valid; nothing was changed.", fields=field_errors(error))
    if request.context.json is None:  # type: ignore[attr-defined]  # spectree's, of what it has validated
        return
    # Spectree takes an empty array and a body of another type for an empty object.
    if is_stream():
        raise UnsupportedBody("Send `Content-Type: application/json`; this path takes no lines.")
    if isinstance(request.get_json(silent=True), list):
        raise Invalid("The body must be a JSON object; nothing was changed.")


def _keep(*_args: Any) -> None:
    """Answers are built from models, so nothing is left to check."""


spec = SpecTree(
    "flask",
    title="EUCORA Control Plane",
    version=VERSION,
    description=f"Errors are RFC 9457 problem documents whose type begins with `{TYPE_PREFIX}`.",
    path="docs",
    mode="strict",
    before=_refuse,
    after=_keep,
    validation_error_model=Problem,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
    page_templates={},
    security_schemes=[
        SecurityScheme(
            name="token",
            data=SecuritySchemeData(
                type=SecureType.HTTP, scheme="bearer", description="`flask tokens create` makes one"
            ),
        )
    ],
    security={"token": []},
)

blueprint = Blueprint("openapi", __name__, template_folder="templates")


@blueprint.get("/openapi.json")
@open_to_all
def document() -> Response:
    """The OpenAPI document."""
    return Response(json.dumps(spec.spec), content_type="application/json")


@blueprint.get("/docs")
@open_to_all
def docs() -> str:
    """The OpenAPI document as a page."""
    return render_template("docs.html", spec=spec.spec)


def install(app: Flask) -> None:
    """Serve the document and the page."""
    spec.app = app  # the document is made on first demand, once every route is known
    app.register_blueprint(blueprint, url_prefix="/api/v1")
    app.register_blueprint(blueprint, name="openapi_root")
