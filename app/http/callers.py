"""What the HTTP layer needs to know about callers: which views are open, and who owns an idempotency key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from flask import g

View = TypeVar("View", bound=Callable[..., object])


class KeyOwner(Protocol):
    """The authenticated caller, as far as this layer uses it."""

    @property
    def token_id(self) -> int:
        """Each token has its own keys."""

    @property
    def subject(self) -> str:
        """The actor of the unit of work."""


def open_to_all(view: View) -> View:
    """Mark a view that needs no credentials."""
    view.open_to_all = True  # type: ignore[attr-defined]  # a mark on the function, read by `is_open`
    return view


def is_open(view: Callable[..., object]) -> bool:
    """Whether a view needs no credentials."""
    return bool(getattr(view, "open_to_all", False))


def outlives_database(view: View) -> View:
    """Mark a view that reads nothing from the database: while that is down, callers verified lately may go on."""
    view.outlives_database = True  # type: ignore[attr-defined]  # a mark on the function, read by `may_outlive`
    return view


def may_outlive(view: Callable[..., object]) -> bool:
    """Whether a view reads nothing from the database."""
    return bool(getattr(view, "outlives_database", False))


def key_owner() -> KeyOwner:
    """The authenticated caller of this request."""
    owner: KeyOwner = g.caller
    return owner
