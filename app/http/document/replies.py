"""The answers of an operation: those that its view declares, and the problems that follow from what the view is."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from app.errors import (
    ControlPlaneError,
    CrossSite,
    Forbidden,
    Invalid,
    OutOfScope,
    Stale,
    TooManyFailures,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from app.http.bodies import BrokenBody, MalformedJSON, SlowBody, UnsupportedBody, UnsupportedEncoding
from app.http.document.examples import example
from app.http.document.schemas import PREFIX, lines_of, reference
from app.http.idempotency import REPLAYED, KeyInProgress, KeyReused
from app.http.operations import Binary, Content, EventsOf, LinesOf, Operation, Text
from app.http.problems import RETRY_AFTER_SECONDS, TOO_LARGE, TYPE_PREFIX, status_of
from app.http.rates import LIMIT, REMAINING, RESET
from app.http.responses import Problem

PROBLEM = "application/problem+json"
TITLES: Mapping[int, str] = {
    400: "The body cannot be read.",
    401: "The request has no valid credentials.",
    403: "The caller may not do this.",
    404: "The resource does not exist.",
    408: "The body arrived too slowly.",
    409: "The request conflicts with the current state; nothing was changed.",
    412: "The resource has changed since it was read; nothing was changed.",
    413: "The body is too large.",
    415: "The body's content type is not accepted.",
    416: "The range is outside of the content.",
    422: "The request is invalid; nothing was changed.",
    429: "Too many requests; nothing was changed.",
    500: "An error of the server.",
    503: "A component that the request needs does not respond.",
    507: "There is no space left; nothing was stored.",
}
HEADERS: Mapping[str, dict[str, Any]] = {
    "Accept-Ranges": {
        "description": "The server honours Range.",
        "required": True,
        "schema": {"type": "string", "const": "bytes"},
    },
    "Content-Disposition": {
        "description": "The name to save the content with.",
        "required": True,
        "schema": {"type": "string", "examples": ["attachment; filename=sbom.json"]},
    },
    "Content-Range": {
        "description": "Which bytes of how many these are.",
        "required": True,
        "schema": {"type": "string", "examples": ["bytes 0-1023/4096"]},
    },
    "ETag": {
        "description": "The version of the resource and a hash of the answer; of an artifact, its SHA-256. "
        "Send it as `If-Match` with a change that is based on it, or as `If-None-Match` to read it only if it changed.",
        "required": True,
        "schema": {"type": "string", "examples": ['"3-0c4f1a9be27d"']},
    },
    "Location": {
        "description": "The path of what was created.",
        "required": True,
        "schema": {"type": "string", "examples": ["/api/v1/deployments/1"]},
    },
    "Retry-After": {
        "description": "Seconds to wait before the request is sent again.",
        "schema": {"type": "integer", "examples": [RETRY_AFTER_SECONDS]},
    },
    "WWW-Authenticate": {
        "description": "How to authenticate.",
        "required": True,
        "schema": {"type": "string", "examples": ["Bearer"]},
    },
    LIMIT: {
        "description": "How many requests the token, or the address without one, may send in a window.",
        "schema": {"type": "integer", "examples": [100]},
    },
    REMAINING: {
        "description": "How many more it may send in this window.",
        "schema": {"type": "integer", "examples": [97]},
    },
    RESET: {
        "description": "Seconds until the window ends, rounded up.",
        "schema": {"type": "integer", "examples": [1]},
    },
    REPLAYED: {
        "description": "`true` if this is the stored answer to an earlier request with the same Idempotency-Key.",
        "schema": {"type": "string", "const": "true"},
    },
    "X-Request-Id": {
        "description": "The id of the request in the logs; the one that the request carried, if it had one.",
        "required": True,
        "schema": {"type": "string", "examples": ["0f6b1d0c5d0f4a5c8f3e2b1a09c7d6e5"]},
    },
}
RATES = (LIMIT, REMAINING, RESET)
WITH_STATUS: Mapping[int, str] = {401: "WWW-Authenticate", 416: "Content-Range", 429: "Retry-After", 503: "Retry-After"}
"""The header that every problem of a status has."""
WITH_RETRY_AFTER = frozenset({KeyInProgress.type})
"""Problems of other statuses that say when to send the request again."""


BINARY: Mapping[str, Any] = {"schema": {"type": "string", "format": "binary"}, "example": "the bytes of the file"}


class ProblemType(NamedTuple):
    """A problem that an operation can answer with."""

    status: int
    slug: str
    title: str

    @classmethod
    def of(cls, error: type[ControlPlaneError]) -> ProblemType:
        """That of an error's class."""
        return cls(int(status_of(error)), error.type, error.title)


BODY_TOO_LARGE = ProblemType(413, TOO_LARGE, "The body is too large")
INTERNAL_ERROR = ProblemType(500, "internal-error", "Internal error")


COMMON: Mapping[str, tuple[ProblemType, ...]] = {
    "MalformedBody": (ProblemType.of(BrokenBody), ProblemType.of(MalformedJSON)),
    "SlowBody": (ProblemType.of(SlowBody),),
    "Unauthenticated": (ProblemType.of(Unauthenticated),),
    "Refused": (ProblemType.of(CrossSite), ProblemType.of(Forbidden), ProblemType.of(OutOfScope)),
    "Forbidden": (ProblemType.of(Forbidden), ProblemType.of(OutOfScope)),
    "OutOfScope": (ProblemType.of(OutOfScope),),
    "KeyConflict": (ProblemType.of(KeyInProgress), ProblemType.of(KeyReused)),
    "StaleVersion": (ProblemType.of(Stale),),
    "BodyTooLarge": (BODY_TOO_LARGE,),
    "UnsupportedBody": (ProblemType.of(UnsupportedEncoding), ProblemType.of(UnsupportedBody)),
    "Invalid": (ProblemType.of(Invalid),),
    "TooManyRequests": (ProblemType.of(TooManyFailures), ProblemType.of(TooManyRequests)),
    "TooFast": (ProblemType.of(TooManyRequests),),
    "InternalError": (INTERNAL_ERROR,),
    "Unavailable": (ProblemType.of(Unavailable),),
}
"""What many operations answer, by the names that the components have."""
_NAMES = {types: name for name, types in COMMON.items()}


def problem_types(
    operation: Operation, *, is_open: bool, changes: bool, takes_key: bool, has_parameters: bool
) -> list[ProblemType]:
    """Every problem that an operation can answer with, each once, by status."""
    errors: list[type[ControlPlaneError]] = [*operation.errors, TooManyRequests]
    types = {BODY_TOO_LARGE, INTERNAL_ERROR}  # the limit is that of any request
    if not is_open:
        errors += [Unauthenticated, OutOfScope, TooManyFailures, Unavailable]
    if changes:
        errors += [CrossSite, Forbidden, Invalid]
        errors += [MalformedJSON, BrokenBody, SlowBody, UnsupportedBody, UnsupportedEncoding]
    if takes_key:
        errors += [KeyReused, KeyInProgress]
    if operation.if_match:
        errors.append(Stale)
    if has_parameters:
        errors.append(Invalid)
    return sorted({*types, *(ProblemType.of(error) for error in errors)})


def responses(
    operation: Operation,
    problems: Iterable[ProblemType],
    *,
    takes_key: bool,
    is_read: bool,
    components: Mapping[str, Any],
) -> dict[str, Any]:
    """The `responses` of an operation."""
    answers: dict[int, dict[str, Any]] = {}
    for reply in operation.replies:
        replayed = [REPLAYED] if takes_key and reply.status < 300 else []
        names = [*reply.headers, *replayed, *RATES, "X-Request-Id"]
        answers[reply.status] = {
            "description": reply.description,
            "headers": _headers(names),
            "content": {media: _content(body, components) for media, body in reply.content.items()},
        }
        if "ETag" in reply.headers and is_read:
            headers = _headers(("ETag", "X-Request-Id"))
            answers[304] = {"description": "The caller has the newest answer.", "headers": headers, "content": {}}
    by_status: dict[int, list[ProblemType]] = defaultdict(list)
    for each in problems:
        by_status[each.status].append(each)
    for status, types in by_status.items():
        if status in answers:
            _add(answers[status], _problem(status, types))
        elif tuple(types) in _NAMES:
            answers[status] = {"$ref": f"#/components/responses/{_NAMES[tuple(types)]}"}
        else:
            answers[status] = _problem(status, types)
    return {str(status): answers[status] for status in sorted(answers)}


def common_responses() -> dict[str, Any]:
    """What many operations answer, for the components."""
    return {name: _problem(types[0].status, types) for name, types in COMMON.items()}


def problem_examples(problems: Iterable[ProblemType]) -> dict[str, Any]:
    """An example of each problem, by its type, for the components."""
    return {
        each.slug: {
            "summary": each.title,
            "value": {
                "type": TYPE_PREFIX + each.slug,
                "title": each.title,
                "status": each.status,
                "detail": f"{each.title}.",
                "instance": "/api/v1/deployments/1",
            },
        }
        for each in sorted(set(problems), key=lambda each: each.slug)
    }


def _headers(names: Iterable[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _content(body: Content, components: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(body, Text):
        return {"schema": {"type": "string", "description": body.description}, "example": body.example}
    if isinstance(body, Binary):
        return dict(BINARY)
    if isinstance(body, EventsOf):
        text = f"Server-sent events. The data of each is a `{body.item.__name__}`, its id that of the event."
        return {"schema": lines_of(body.item, text), "example": body.example}
    if isinstance(body, LinesOf):
        text = f"One JSON object per line, each a `{body.item.__name__}`."
        line = json.dumps(example(reference(body.item), components))
        return {"schema": lines_of(body.item, text), "example": f"{line}\n"}
    return {"schema": reference(body), "example": example(reference(body), components)}


def _problem(status: int, types: Sequence[ProblemType]) -> dict[str, Any]:
    told = "\n".join(f"- `{each.slug}`: {each.title}." for each in types)
    header = "Retry-After" if WITH_RETRY_AFTER & {each.slug for each in types} else WITH_STATUS.get(status)
    return {
        "description": f"{TITLES[status]}\n\n{told}",
        "headers": _headers([*([header] if header else []), *(RATES if status == 429 else ()), "X-Request-Id"]),
        "content": {
            PROBLEM: {
                "schema": {"$ref": PREFIX + Problem.__name__},
                "examples": {each.slug: {"$ref": f"#/components/examples/{each.slug}"} for each in types},
            }
        },
        "x-problem-types": [TYPE_PREFIX + each.slug for each in types],
    }


def _add(declared: dict[str, Any], problem: dict[str, Any]) -> None:
    """Merge a status that is both the view's own answer and a problem."""
    declared["description"] += "\n\n" + problem["description"]
    declared["content"].update(problem["content"])
    declared["x-problem-types"] = problem["x-problem-types"]
