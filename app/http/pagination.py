"""Pages of lists: a page starts after the id of the last item of the page before, so every page costs the same.

Rows that appear or change meanwhile move nothing: with the newest first, new ones come before the first page.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from app.errors import FieldError, Invalid
from app.http.fields import Body, Digits

MAX_LIMIT = 500


class Order(StrEnum):
    """Which items come first: ids follow the order in which items are stored."""

    NEWEST = "newest"
    OLDEST = "oldest"


def _split(value: Any) -> Any:
    """`a,b` as well as `a` and `b` each in a parameter of its own."""
    values = [value] if isinstance(value, str) else value
    return [part for each in values for part in each.split(",")] if isinstance(values, list) else values


class PageQuery(Body):
    """`limit` items after `cursor`, which is `next` of the previous page."""

    limit: Digits = Field(default=50, ge=1, le=MAX_LIMIT)
    """The most items of a page."""
    cursor: Digits = Field(default=0, ge=0, lt=2**63)
    """`next` of the previous page."""
    order: Order = Order.NEWEST
    """Which items come first."""
    fields: Annotated[list[str], BeforeValidator(_split), Field(max_length=50)] = Field(default=[])
    """Only these fields of each item, separated by commas; all by default."""


Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


def after_cursor(statement: Query, id_column: InstrumentedAttribute[int], query: PageQuery) -> Query:
    """The statement's rows after the cursor, in the order that was asked for."""
    newest = query.order is Order.NEWEST
    if query.cursor:
        statement = statement.where(id_column < query.cursor if newest else id_column > query.cursor)
    return statement.order_by(id_column.desc() if newest else id_column)


def paged(statement: Query, id_column: InstrumentedAttribute[int], query: PageQuery) -> Query:
    """The rows of one page, and one more, by which `page` knows that there is another."""
    return after_cursor(statement, id_column, query).limit(query.limit + 1)


def page(items: Sequence[dict[str, Any]], query: PageQuery, key: str = "id") -> dict[str, Any]:
    """A page made from up to `limit` + 1 fetched items: `items`, and the cursor `next`, null on the last page.

    Raises Invalid for a field that the items do not have.
    """
    page_items = items[: query.limit]
    following = page_items[-1][key] if len(items) > query.limit else None
    return {"items": [_chosen(item, query.fields) for item in page_items], "next": following}


def _chosen(item: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    unknown = [name for name in names if name not in item]
    if unknown:
        message = f"{unknown[0]!r} is none of its fields: {', '.join(item)}"
        raise Invalid("The query is invalid; nothing was changed.", fields=(FieldError("fields", message),))
    return {name: item[name] for name in names} if names else item
