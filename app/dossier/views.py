"""`/deployments/{id}/dossier`: as JSON, or as one page that prints well."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify, render_template, request

from app.deployments.errors import NoSuchDeployment
from app.dossier import service
from app.dossier.responses import Dossier
from app.http.operations import JSON, Reply, Text, operation
from app.http.pages import without_scripts
from app.identity.authentication import caller

HTML = "text/html"
PAGE = Text("The same as one page that can be printed.", "<!doctype html>…")

blueprint = Blueprint("dossier", __name__, template_folder="templates")


@blueprint.get("/deployments/<int:deployment_id>/dossier")
@operation(
    "get_dossier",
    "deployments",
    Reply(200, "The dossier, whose hash is in the log now.", {JSON: Dossier, HTML: PAGE}),
    errors=(NoSuchDeployment,),
)
def show(deployment_id: int) -> Response:
    """Get what auditors ask for: who asked, risk, evidence, sign-offs, every gate, waivers, events, outcome."""
    issued = service.issue(caller().subject, deployment_id)
    if request.accept_mimetypes.best_match((JSON, HTML), JSON) == JSON:
        return jsonify(issued)
    return without_scripts(render_template("dossier.html", **issued))


def install(app: Flask) -> None:
    """Serve the dossiers."""
    app.register_blueprint(blueprint, url_prefix="/api/v1")
