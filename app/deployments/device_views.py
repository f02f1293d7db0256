"""`/devices/{id}` and `/devices/failures`: what became of devices in deployments."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Flask, Response, jsonify

from app.deployments import device_failures, device_history
from app.deployments.errors import NoSuchDevice
from app.deployments.responses import DeviceHistory, FailingDevice
from app.deployments.schemas import DeviceFailureQuery
from app.http import exports
from app.http.operations import listed, ok, operation
from app.identity.authentication import caller
from app.identity.scopes import Limit, checks

blueprint = Blueprint("device_history", __name__)


@blueprint.get("/devices/<int:device_id>")
@operation("get_device", "devices", ok(DeviceHistory), errors=(NoSuchDevice,))
def show(device_id: int) -> Response:
    """Show a device with its releases and the deployments that it is or was in."""
    return jsonify(device_history.of(device_id))


@blueprint.get("/devices/failures")
@checks(*Limit)
@operation("list_failing_devices", "devices", listed(FailingDevice))
def index_failures(query: DeviceFailureQuery) -> Response:
    """List the devices that failed or stayed silent in any deployment: how often, and why last."""
    return exports.answer(FailingDevice, query, partial(device_failures.listing, scopes=caller().scopes))


def install(app: Flask) -> None:
    """Serve what became of devices."""
    app.register_blueprint(blueprint, url_prefix="/api/v1")
