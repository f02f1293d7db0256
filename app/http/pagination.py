"""Lists are paged by the id of the last item seen, so a page costs the same wherever it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from app.http.fields import Body

MAX_LIMIT = 500


class PageQuery(Body):
    """`limit` items after `cursor`, which is the `next` of the page before."""

    limit: int = Field(default=50, ge=1, le=MAX_LIMIT)
    cursor: int = Field(default=0, ge=0, lt=2**63)


def page(items: Sequence[Any], limit: int, key: str = "id") -> dict[str, Any]:
    """A page out of `limit` + 1 fetched items: `items` and the cursor `next`, null on the last page."""
    shown = items[:limit]
    return {"items": list(shown), "next": shown[-1][key] if len(items) > limit else None}
