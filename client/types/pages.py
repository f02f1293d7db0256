"""Lists: in pages, or whole."""

from __future__ import annotations

from typing import Generic, TypedDict, TypeVar

Item = TypeVar("Item")


class Page(TypedDict, Generic[Item]):
    """One page of a list; `next` is the cursor of the following page, null on the last."""

    items: list[Item]
    next: int | None


class Items(TypedDict, Generic[Item]):
    """A list that has no pages."""

    items: list[Item]
