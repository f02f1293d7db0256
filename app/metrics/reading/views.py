"""`/metrics`."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify, request

from app.http.operations import JSON, Reply, Text, operation
from app.metrics.reading import current, exposition
from app.metrics.reading.responses import Metrics
from app.metrics.reading.schemas import MetricQuery
from app.settings import Settings

blueprint = Blueprint("metrics", __name__)
TOTALS = Text(
    "The totals of the event log, for Prometheus.",
    'eucora_deployment_total{outcome="completed"} 12.0',
)


@blueprint.get("/metrics")
@operation(
    "list_metrics", "metrics", Reply(200, "The metrics.", {JSON: Metrics, **dict.fromkeys(exposition.FORMATS, TOTALS)})
)
def index(query: MetricQuery) -> Response:
    """Every metric with its current values; with `Accept: text/plain`, the event-derived counters for Prometheus.

    JSON contains the whole catalogue: sums, rates and quantiles of the last `window` seconds from Graphite, the last
    values of gauges, and the exact totals of the event log. If Graphite does not respond, `stale` is true and `reason`
    says why. `text/plain` and `application/openmetrics-text` contain only the totals of the event log.
    """
    form = exposition.negotiated(request.accept_mimetypes)
    response = Response(form.of(query), content_type=form.content_type) if form else jsonify(current.listing(query))
    response.vary.add("Accept")
    return response


def install(app: Flask, settings: Settings) -> None:
    """Serve the metrics, with values from the settings' Graphite."""
    current.install(app, settings)
    app.register_blueprint(blueprint, url_prefix="/api/v1")
