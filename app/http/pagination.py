"""Pages of lists: a page starts after the id of the last item of the page before, so every page costs the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from app.http.fields import Body, Digits

MAX_LIMIT = 500


class PageQuery(Body):
    """`limit` items after `cursor`, which is `next` of the previous page."""

    limit: Digits = Field(default=50, ge=1, le=MAX_LIMIT)
    """The most items of a page."""
    cursor: Digits = Field(default=0, ge=0, lt=2**63)
    """`next` of the previous page."""


def page(items: Sequence[Any], limit: int, key: str = "id") -> dict[str, Any]:
    """A page made from up to `limit` + 1 fetched items: `items`, and the cursor `next`, null on the last page."""
    page_items = items[:limit]
    return {"items": list(page_items), "next": page_items[-1][key] if len(items) > limit else None}
