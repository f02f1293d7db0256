"""How a view declares its part of the contract: its id, its tag, what it answers, and the errors that it can give.

What other marks of a view say is not declared again: open views, roles, `Idempotency-Key`, the models of its query and
body. `document` makes the OpenAPI document from all of it, and the tests check every answer against that document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar, cast, get_type_hints

from pydantic import BaseModel

from app.errors import ControlPlaneError
from app.http.responses import LineResult, Page
from app.http.validation import spec

Tag = Literal[
    "releases",
    "deployments",
    "approval",
    "ring plans",
    "reports",
    "devices",
    "drift",
    "connectors",
    "incidents",
    "freezes",
    "attention",
    "identity",
    "events",
    "artifacts",
    "metrics",
    "dashboards",
    "health",
]
TAGS: Mapping[Tag, str] = {
    "releases": "What the connectors need to install each version of an application.",
    "deployments": "Rollouts and rollbacks: create, watch, decide.",
    "approval": "A deployment's risk, evidence, sign-off and break-glass.",
    "ring plans": "Which devices get a release in which order, and what each ring must show before the next starts.",
    "reports": "What happened to devices, as agents and inventories report it.",
    "devices": "The fleet: register, retire, list.",
    "drift": "Devices whose installed version differs from the expected one.",
    "connectors": "The systems that reach devices, each with its circuit breaker.",
    "incidents": "Incidents, which gates take into account.",
    "freezes": "What blocks dispatch: freezes and emergency stops.",
    "attention": "What needs a person now.",
    "identity": "Who calls: tokens, and the people and services they speak for.",
    "events": "The log of everything that was decided and done.",
    "artifacts": "Files of releases and of their evidence, by SHA-256.",
    "metrics": "Every metric of the catalogue with its current values.",
    "dashboards": "The committed dashboards and the series of their panels.",
    "health": "Whether the process, and what it needs, responds.",
}

JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"
EVENT_STREAM = "text/event-stream"
View = TypeVar("View", bound=Callable[..., object])


@dataclass(frozen=True)
class LinesOf:
    """A body with one JSON object of `item` per line."""

    item: type[BaseModel]


@dataclass(frozen=True)
class Text:
    """A body that is text: what it contains, and an example."""

    description: str
    example: str


@dataclass(frozen=True)
class Binary:
    """A body of bytes."""


@dataclass(frozen=True)
class EventsOf:
    """A body of server-sent events, whose data is a JSON object of `item` each, and an example."""

    item: type[BaseModel]
    example: str


Content = type[BaseModel] | LinesOf | EventsOf | Text | Binary


@dataclass(frozen=True)
class Reply:
    """One status with which a view itself answers: what that means, the body by content type, the headers."""

    status: int
    description: str
    content: Mapping[str, Content]
    headers: tuple[str, ...] = ()


def ok(body: type[BaseModel], description: str = "Done.", *, etag: bool = False) -> Reply:
    """200 with a JSON body; with `etag`, its `version` is the ETag."""
    return Reply(200, description, {JSON: body}, ("ETag",) if etag else ())


def created(
    body: type[BaseModel], description: str = "Created.", *, etag: bool = False, location: bool = True
) -> Reply:
    """201 with what was created, and its address in `Location` unless that is the path of the request."""
    headers = (*(["Location"] if location else []), *(["ETag"] if etag else []))
    return Reply(201, description, {JSON: body}, headers)


def accepted(body: type[BaseModel], description: str, *, etag: bool = False) -> Reply:
    """202: what was asked for is stored, and something else must happen before it takes effect."""
    return Reply(202, description, {JSON: body}, ("ETag",) if etag else ())


def listed(item: type[BaseModel]) -> Reply:
    """200 with a page of items as JSON, or all that follow the cursor as NDJSON or CSV, as `Accept` asks for."""
    description = "A page of the list; as NDJSON or CSV, all items that follow the cursor."
    columns = ",".join(item.model_fields)
    table = Text("The names of the fields, then a line for each item; lists and objects are JSON.", f"{columns}\n")
    return Reply(200, description, {JSON: Page[item], NDJSON: LinesOf(item), CSV: table})  # type: ignore[valid-type]


def streamed(item: type[BaseModel], example: str) -> Reply:
    """200 with server-sent events, whose data is a JSON object of `item` each."""
    return Reply(200, "The stream.", {EVENT_STREAM: EventsOf(item, example)})


def uploaded(results: type[BaseModel]) -> tuple[Reply, ...]:
    """What a view answers that takes a JSON array or lines: `results` for the one, a result per line for the other."""
    lines = LinesOf(LineResult)
    stopped = "The upload stopped; the last line of the answer says where to go on."
    return (
        Reply(200, "The result of each item, or of each line, in order.", {JSON: results, NDJSON: lines}),
        *(Reply(status, stopped, {NDJSON: lines}) for status in (400, 408, 413, 422, 500, 503)),
    )


@dataclass(frozen=True)
class Operation:
    """The contract of one view, as far as the view declares it."""

    id: str
    tag: Tag
    replies: tuple[Reply, ...]
    errors: tuple[type[ControlPlaneError], ...] = ()
    if_match: bool = False
    """Whether it refuses a version other than that of `If-Match`."""
    list_of: type[BaseModel] | None = None
    """What its body is an array of, or lines of."""
    takes: tuple[str, ...] = ()
    """Headers that it reads, which are described in `document/paths.py`."""
    query: type[BaseModel] | None = None
    json: type[BaseModel] | None = None


def operation(
    id: str,
    tag: Tag,
    *replies: Reply,
    errors: Sequence[type[ControlPlaneError]] = (),
    if_match: bool = False,
    list_of: type[BaseModel] | None = None,
    takes: tuple[str, ...] = (),
) -> Callable[[View], View]:
    """Declare a view's contract, and validate its query and its JSON body by the models of its arguments.

    `id` is a verb and what it is about, as `pause_deployment`: generated clients name their functions after it.
    """

    def declare(view: View) -> View:
        models = get_type_hints(view)
        validated = spec.validate(tags=[tag])(view)
        validated.operation = Operation(
            id, tag, replies, tuple(errors), if_match, list_of, takes, models.get("query"), models.get("json")
        )
        return cast(View, validated)

    return declare


def operation_of(view: Callable[..., object]) -> Operation | None:
    """The contract that a view declares; None for a page."""
    return getattr(view, "operation", None)
