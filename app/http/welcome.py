"""`/`: where to go from the bare address."""

from __future__ import annotations

from flask import Blueprint, Flask, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from app.http.callers import open_to_all
from app.http.openapi import VERSION

LINKS = {
    "dashboards": "dashboard_pages.page",
    "docs": "openapi_root.docs",
    "openapi": "openapi.served_document",
    "health": "health.healthz",
    "readiness": "health.readyz",
}

blueprint = Blueprint("welcome", __name__)


@blueprint.get("/")
@open_to_all
def welcome() -> Response:
    """Browsers are sent to the dashboards; other clients get the addresses as JSON."""
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        return redirect(url_for(LINKS["dashboards"]))
    links = {name: url_for(endpoint) for name, endpoint in LINKS.items()}
    return jsonify(name="EUCORA Control Plane", version=VERSION, links=links)


def install(app: Flask) -> None:
    """Serve the root."""
    app.register_blueprint(blueprint)
