"""`/ddi/{connector}/controller/v1/{device}/…`: polls, feedback and downloads of devices."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar
from urllib.parse import quote

from flask import Blueprint, Flask, Response, jsonify, request

from app import clock
from app.agents import documents, door, due, messages, pace, queries, registration
from app.agents.batches import Batches
from app.agents.due import Asking, Work
from app.agents.errors import ActionOver, NoSuchAction, NotPulled
from app.agents.idle import idle
from app.agents.responses import Agent
from app.agents.schemas import AgentQuery
from app.agents.seen import seen
from app.artifacts import sending
from app.connectors import registry
from app.connectors.pull import writing
from app.connectors.pull.models import ActionState
from app.connectors.pull.settings import PullSettings
from app.connectors.pull.steps import About, Answer
from app.connectors.registry import NoSuchConnector
from app.db import db
from app.errors import OutOfScope
from app.http import exports
from app.http.bodies import takes_file
from app.http.operations import listed, operation
from app.http.rates import unlimited
from app.identity import lookup
from app.identity.authentication import accepts, allowed, caller, readable_by
from app.identity.roles import Role
from app.identity.scopes import Limit, checks
from app.settings import Settings
from app.spelling import cleaned

MOST_BYTES = 256 * 1024
"""Read of a message; the rest of a longer one is thrown away."""
SCHEMES = ("TargetToken", "GatewayToken")
"""How devices send a token: one that is theirs, or one of their connector."""
View = TypeVar("View", bound=Callable[..., object])

blueprint = Blueprint("agents", __name__)
operators = Blueprint("agents_of_connectors", __name__)
_batches = Batches(writing.take)
_DEVICE = "/<connector>/controller/v1/<external_id>"


def _for_devices(view: View) -> View:
    """Mark a view that devices call, whatever they send with the request."""
    marks = (
        unlimited,
        takes_file,
        accepts(*SCHEMES),
        allowed(Role.REPORTER),
        readable_by(Role.REPORTER),
        checks(Limit.CONNECTOR, Limit.DEVICE),
    )
    for mark in marks:
        view = mark(view)
    return view


@blueprint.get(_DEVICE)
@_for_devices
def poll(connector: str, external_id: str) -> Response:
    """Tell a device when to ask again, and what there is to do."""
    _settings(connector)
    known = idle.refresh(db.engine, connector)  # before the device is looked at
    generation = known.generation
    settings, asking = _asking(connector, external_id)
    now = clock.now()
    is_admitted = registration.admit(caller().subject, settings, asking, caller().scopes.device is None)
    seen.note(db.engine, connector, asking.external_id, now)
    sleep = pace.sleep(settings, known.published_at, now)
    if not is_admitted:
        return jsonify({"config": {"polling": {"sleep": sleep}}, "_links": {}})
    answer = documents.poll(asking, sleep, asking.wants_attributes(now), _link(connector, asking.external_id))
    if asking.action_id is None and external_id == asking.external_id:
        seconds = min(lookup.seconds_left(caller().token_id, now), asking.seconds_known(now))
        authorization = request.headers.get("Authorization", "")
        idle.remember(connector, external_id, authorization, settings, seconds, generation)
    return jsonify(answer)


@blueprint.put(f"{_DEVICE}/configData")
@_for_devices
def attributes(connector: str, external_id: str) -> Response:
    """Take what a device says of itself."""
    _, asking = _asking(connector, external_id)
    values, mode = messages.attributes(_body())
    db.session.rollback()
    registration.keep_attributes(connector, asking.external_id, values, mode, clock.now())
    return Response(status=200)


@blueprint.get(f"{_DEVICE}/deploymentBase/<int:action>")
@_for_devices
def deployment(connector: str, external_id: str, action: int) -> Response:
    """Tell a device what to install."""
    work, link = _work(connector, external_id, action)
    if work.state is ActionState.OVER:
        raise ActionOver(f"Action {action} is over.")
    return jsonify(documents.deployment(work, link))


@blueprint.get(f"{_DEVICE}/installedBase/<int:action>")
@_for_devices
def installed(connector: str, external_id: str, action: int) -> Response:
    """Tell a device what it has installed."""
    work, link = _work(connector, external_id, action)
    return jsonify(documents.deployment(work, link))


@blueprint.get(f"{_DEVICE}/cancelAction/<int:action>")
@_for_devices
def cancellation(connector: str, external_id: str, action: int) -> Response:
    """Tell a device what to stop."""
    work, _ = _work(connector, external_id, action)
    if work.state is not ActionState.CANCELLING:
        raise ActionOver(f"Action {action} is not being cancelled.")
    return jsonify(documents.cancel(work))


@blueprint.post(f"{_DEVICE}/deploymentBase/<int:action>/feedback")
@_for_devices
def feedback(connector: str, external_id: str, action: int) -> Response:
    """Take what a device says of an installation."""
    return _take(connector, external_id, action, About.DEPLOYMENT)


@blueprint.post(f"{_DEVICE}/cancelAction/<int:action>/feedback")
@_for_devices
def cancel_feedback(connector: str, external_id: str, action: int) -> Response:
    """Take what a device says of a cancellation."""
    return _take(connector, external_id, action, About.CANCEL)


@blueprint.get(f"{_DEVICE}/actions/<int:action>/<int:place>/<name>")
@_for_devices
def download(connector: str, external_id: str, action: int, place: int, name: str) -> Response:
    """Send a file, or one range of its bytes, or its MD5 in the format of `md5sum`."""
    work, _ = _work(connector, external_id, action)
    file = next((file for n, file in enumerate(work.files) if n == place), None)
    if file is not None and name == f"{file['name']}.MD5SUM":
        return Response(f"{file['md5']}  {file['name']}\n", content_type="text/plain")
    if file is None or name != file["name"]:
        raise NoSuchAction(f"Action {action} has no such file.")
    db.session.rollback()  # the download may take an hour, and holds no connection meanwhile
    return sending.content(file["sha256"], file["size"], file["name"])


def _asking(connector: str, external_id: str) -> tuple[PullSettings, Asking]:
    """The device of the path. Raises NotPulled, OutOfScope."""
    settings = _settings(connector)
    device = cleaned(external_id)
    _require_own(connector, device)
    return settings, due.asking(connector, device)


def _settings(connector: str) -> PullSettings:
    settings = registry.settings(connector)
    if not isinstance(settings, PullSettings):
        raise NotPulled(f"Connector {connector!r} is none whose devices ask for their work.")
    return settings


def _require_own(connector: str, device: str) -> None:
    """Raise OutOfScope unless the token is the device's own, or one of its connector."""
    scopes = caller().scopes
    if scopes.connector is None and scopes.device is None:
        raise OutOfScope(
            "Devices need a token that is limited to their connector, or to one device: create one with `flask tokens "
            f"create --role reporter --connector {connector}`."
        )
    if (problem := scopes.refusal(connector=connector, device=device)) is not None:
        raise OutOfScope(f"This token is limited to {scopes}.", fields=[problem])


def _work(connector: str, external_id: str, action: int) -> tuple[Work, documents.Link]:
    """The device's action. Raises NotPulled, OutOfScope, NoSuchAction."""
    _settings(connector)
    device = cleaned(external_id)
    _require_own(connector, device)
    work = due.work(connector, device, action)
    if work is None:
        raise NoSuchAction(f"Device {device!r} has no action {action}.")
    return work, _link(connector, device)


def _take(connector: str, external_id: str, action: int, about: About) -> Response:
    settings, device = _settings(connector), cleaned(external_id)
    _require_own(connector, device)
    db.session.rollback()  # the batch has a connection of its own
    message = messages.feedback(_body(), action, device, about)
    answer = Answer.UNKNOWN if action >= 2**31 else _batches.take(connector, settings, message)
    if answer is Answer.UNKNOWN:
        raise NoSuchAction(f"Device {device!r} has no action {action}.")
    if answer is Answer.GONE:
        raise ActionOver(f"Action {action} is over.")
    return Response(status=200)


def _body() -> bytes:
    """The beginning of the body, which is read to its end."""
    body = request.stream.read(MOST_BYTES)
    while request.stream.read(MOST_BYTES):
        pass
    return bytes(body)


def _link(connector: str, external_id: str) -> documents.Link:
    """Makes addresses of the device, as the client reaches us."""
    path = request.path.partition("/controller/v1/")[0]
    base = f"{request.root_url.rstrip('/')}{path}/controller/v1/{quote(external_id, safe='')}"
    return lambda *parts: "/".join([base, *(quote(str(part), safe="") for part in parts)])


@operators.get("/connectors/<name>/agents")
@operation("list_agents", "connectors", listed(Agent), errors=(NoSuchConnector,))
def index(name: str, query: AgentQuery) -> Response:
    """List the devices that have asked a connector for work, with what they were told to do last."""
    return exports.answer(Agent, query, partial(queries.listing, name))


def install(app: Flask, settings: Settings) -> None:
    """Serve devices, and the people who look after them."""
    app.register_blueprint(operators, url_prefix="/api/v1")
    app.register_blueprint(blueprint, url_prefix=settings.agents_path or "/")
    door.install(app, settings.agents_path)
