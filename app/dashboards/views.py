"""The page `/dashboards`, and its data under `/api/v1/dashboards`."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Flask, Response, jsonify, render_template, send_from_directory

from app.dashboards.errors import NoSuchDashboard, NoSuchPanel, NoSuchVariable, UnknownVariable
from app.dashboards.responses import Annotation, Dashboard, ListedDashboard, PanelData, VariableValues
from app.dashboards.schemas import PanelQuery, RangeQuery
from app.dashboards.service import EXTENSION, Dashboards, installed
from app.http.callers import open_to_all, outlives_database
from app.http.operations import ok, operation
from app.http.responses import Items
from app.identity import login
from app.metrics.reading.bounded import GraphiteBusy
from app.metrics.reading.graphite import GraphiteUnavailable
from app.settings import Settings

blueprint = Blueprint("dashboards", __name__)
pages = Blueprint("dashboard_pages", __name__, template_folder="templates")

POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "font", "connect")),
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


@blueprint.get("/dashboards")
@outlives_database
@operation("list_dashboards", "dashboards", ok(Items[ListedDashboard]))
def index() -> Response:
    """The committed dashboards."""
    return jsonify(items=[board.summary() for board in installed().boards()])


@blueprint.get("/dashboards/<string:uid>")
@outlives_database
@operation("get_dashboard", "dashboards", ok(Dashboard), errors=(NoSuchDashboard,))
def show(uid: str) -> Response:
    """One dashboard, as Grafana reads it."""
    return jsonify(installed().board(uid).document)


@blueprint.get("/dashboards/<string:uid>/panels/<int:panel_id>")
@outlives_database
@operation(
    "get_panel",
    "dashboards",
    ok(PanelData),
    errors=(NoSuchDashboard, NoSuchPanel, UnknownVariable, GraphiteBusy, GraphiteUnavailable),
)
def panel(uid: str, panel_id: int, query: PanelQuery) -> Response:
    """The series of one panel; `var-<name>=<value>`, which may be repeated, selects values of a variable."""
    return jsonify(installed().series(uid, panel_id, query))


@blueprint.get("/dashboards/<string:uid>/variables/<string:name>")
@outlives_database
@operation(
    "get_variable",
    "dashboards",
    ok(VariableValues),
    errors=(NoSuchDashboard, NoSuchVariable, UnknownVariable, GraphiteBusy, GraphiteUnavailable),
)
def variable(uid: str, name: str, query: RangeQuery) -> Response:
    """The values of one variable in a time range."""
    return jsonify(installed().values(uid, name, query))


@blueprint.get("/dashboards/<string:uid>/annotations")
@outlives_database
@operation(
    "list_annotations",
    "dashboards",
    ok(Items[Annotation]),
    errors=(NoSuchDashboard, UnknownVariable, GraphiteBusy, GraphiteUnavailable),
)
def marks(uid: str, query: RangeQuery) -> Response:
    """The annotations of one dashboard in a time range."""
    return jsonify(installed().annotations(uid, query))


@pages.get("/dashboards")
@pages.get("/dashboards/<string:uid>")
@open_to_all
def page(uid: str = "") -> str:
    """The page. It contains no data and asks for a token itself, or for a login."""
    return render_template("dashboards.html", logins=login.installed() is not None)


@pages.get("/dashboards/static/<path:name>")
@open_to_all
def static(name: str) -> Response:
    """The page's scripts, styles and images."""
    return send_from_directory(f"{pages.root_path}/static", name)


@pages.after_request
def protect(response: Response) -> Response:
    """Allow only our own scripts and styles, no framing, and no outdated part of the page."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-cache"
    return response


def install(app: Flask, settings: Settings, folder: Path) -> None:
    """Serve the page and its data: the dashboards in `folder`, with series from the settings' Graphite."""
    app.extensions[EXTENSION] = Dashboards.of(settings, folder)
    app.register_blueprint(blueprint, url_prefix="/api/v1")
    app.register_blueprint(pages)
