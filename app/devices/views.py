"""`/devices`."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify

from app.connectors.registry import UnknownConnector
from app.devices import service
from app.devices.responses import Device, Registration, Retirement
from app.devices.schemas import DeviceIn, DeviceQuery, RetireIn
from app.devices.service import DuplicateDevices, UnknownDevices
from app.http.bodies import is_stream, parse_list
from app.http.idempotency import idempotent
from app.http.operations import ok, operation, uploaded
from app.http.responses import Items, Page
from app.http.uploads import Streamed, carry_out
from app.identity.authentication import caller

blueprint = Blueprint("devices", __name__)


@blueprint.post("/devices")
@idempotent
@operation(
    "register_devices",
    "devices",
    *uploaded(Items[Registration]),
    errors=(DuplicateDevices, UnknownConnector),
    list_of=DeviceIn,
)
def create() -> Response | Streamed:
    """Register devices. A JSON array is all or nothing; NDJSON and CSV are processed line by line."""
    if is_stream():
        return carry_out(DeviceIn, service.Upload(caller().subject))
    items = parse_list(DeviceIn)
    statuses = service.register(caller().subject, items)
    return jsonify(items=[{"external_id": i.external_id, "status": s} for i, s in zip(items, statuses, strict=True)])


@blueprint.post("/devices/retire")
@idempotent
@operation("retire_devices", "devices", ok(Items[Retirement]), errors=(UnknownDevices,))
def retire(json: RetireIn) -> Response:
    """Retire devices, all or nothing. Running deployments no longer wait for them."""
    statuses = service.retire(caller().subject, json.external_ids)
    answered = zip(json.external_ids, statuses, strict=True)
    return jsonify(items=[{"external_id": external_id, "status": status} for external_id, status in answered])


@blueprint.get("/devices")
@operation("list_devices", "devices", ok(Page[Device]))
def index(query: DeviceQuery) -> Response:
    """List devices, filtered and in pages."""
    return jsonify(service.listing(query))


def install(app: Flask) -> None:
    """Serve the devices."""
    app.register_blueprint(blueprint, url_prefix="/api/v1")
