"""What the tests of the client share: the application in contexts of its own, real servers, and the check of shapes."""

from __future__ import annotations

import contextvars
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import NoneType, UnionType
from typing import (
    Any,
    Literal,
    NotRequired,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from werkzeug.serving import make_server

from client.types import NewDevice

Application = Callable[..., Iterable[bytes]]
ARTIFACT = "sha256:" + "a" * 64


def isolated(application: Application) -> Application:
    """The application, each request in a context of its own, so it shares no session and no `g` with the test."""

    def call(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return contextvars.Context().run(application, environ, start_response)

    return call


@contextmanager
def serving(application: Application) -> Iterator[str]:
    """The address of a server of the application on the loopback interface."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def closed_port() -> Iterator[str]:
    """An address at which nothing listens, nor can listen while the block runs."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


def devices(count: int, first: int = 0) -> list[NewDevice]:
    """Devices to register; the first of every five is in the lab."""
    return [
        {
            "external_id": f"dev-{number:05d}",
            "platform": "windows",
            "connector": "simulated",
            "tags": ["lab"] if number % 5 == 0 else [],
        }
        for number in range(first, first + count)
    ]


def mismatches(value: Any, shape: Any, at: str = "answer", types: dict[Any, Any] | None = None) -> list[str]:
    """Where a JSON value differs from a type: every field must be known and every required one there."""
    origin, of = get_origin(shape), get_args(shape)
    if isinstance(shape, TypeVar):
        return mismatches(value, (types or {})[shape], at)
    if shape is Any:
        return []
    if is_typeddict(origin or shape):
        return _fields(value, origin or shape, at, dict(zip(getattr(origin, "__parameters__", ()), of, strict=True)))
    if origin in (Union, UnionType):
        tried = [mismatches(value, each, at, types) for each in of]
        return [] if [] in tried else min(tried, key=len)
    if origin is Literal:
        return [] if value in of else [f"{at}: {value!r} is not one of {of}"]
    if origin is dict and isinstance(value, dict):
        names = [found for key in value for found in mismatches(key, of[0], f"{at}.{key} (name)", types)]
        return names + [found for key, item in value.items() for found in mismatches(item, of[1], f"{at}.{key}", types)]
    if isinstance(value, list) and of:
        return [found for n, item in enumerate(value) for found in mismatches(item, of[0], f"{at}.{n}", types)]
    wanted = {float: (int, float), None: (NoneType,)}.get(shape, (origin or shape,))
    fits = isinstance(value, wanted) and (not isinstance(value, bool) or shape is bool)
    return [] if fits else [f"{at}: {value!r} is no {shape}"]


def required(shape: Any) -> set[str]:
    """The fields that a TypedDict must have; `__required_keys__` overlooks NotRequired in annotations that are text."""
    hints = get_type_hints(shape, include_extras=True)
    return {name for name in shape.__required_keys__ if get_origin(hints[name]) is not NotRequired}


def _fields(value: Any, shape: Any, at: str, types: dict[Any, Any]) -> list[str]:
    if not isinstance(value, dict):
        return [f"{at}: {value!r} is no object"]
    hints = get_type_hints(shape)
    missing = [f"{at}.{name} is missing" for name in sorted(required(shape) - value.keys())]
    unknown = [f"{at}.{name} is in no type" for name in value.keys() - hints.keys()]
    known = ((name, item) for name, item in value.items() if name in hints)
    inside = [found for name, item in known for found in mismatches(item, hints[name], f"{at}.{name}", types)]
    return missing + unknown + inside
