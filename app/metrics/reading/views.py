"""`/metrics`."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify, request

from app.http.openapi import spec
from app.metrics.reading import current, exposition
from app.metrics.reading.schemas import MetricQuery
from app.settings import Settings

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
@spec.validate(tags=["metrics"])
def index(query: MetricQuery) -> Response:
    """Every metric with its current values; with `Accept: text/plain`, the event-born counters for Prometheus.

    JSON has the whole catalogue: sums, rates and quantiles of the last `window` seconds from Graphite, gauges' last
    values, and the exact totals of the event log. If Graphite does not answer it is `stale`, and says why.
    As `text/plain` or `application/openmetrics-text` it has the totals of the event log alone.
    """
    form = exposition.wanted(request.accept_mimetypes)
    answer = Response(form.of(query), content_type=form.content_type) if form else jsonify(current.listing(query))
    answer.vary.add("Accept")
    return answer


def install(app: Flask, settings: Settings) -> None:
    """Serve the metrics, their values read from the settings' Graphite."""
    current.install(app, settings)
    app.register_blueprint(blueprint, url_prefix="/api/v1")
