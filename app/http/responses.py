"""What the bodies of answers share: the base model, pages and lists, field types, and the problem document.

The models describe answers; nothing is validated with them while the API runs. The tests validate every answer.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, Field

Item = TypeVar("Item")


class ResponseBody(BaseModel):
    """Base of what the API answers. A field with a default may be absent; all others are always there.

    The text below a field is its description in the OpenAPI document.
    """


Id = Annotated[int, Field(ge=1, examples=[1])]
Time = Annotated[datetime, Field(examples=["2026-03-02T09:30:00.000Z"])]
"""In UTC, with milliseconds."""
Version = Annotated[int, Field(ge=1, examples=[3])]
"""Where a body has one, its ETag contains it."""
Count = Annotated[int, Field(ge=0, examples=[12])]
Rate = Annotated[float, Field(ge=0, le=1, examples=[0.98])]
Subject = Annotated[str, Field(examples=["maria.lindqvist"])]
"""A person or a service."""
ApplicationName = Annotated[str, Field(examples=["vpn-client"])]
ReleaseVersion = Annotated[str, Field(examples=["5.2.1"])]
DeviceId = Annotated[str, Field(examples=["LT-004711"])]
ConnectorName = Annotated[str, Field(examples=["simulated"])]
RingName = Annotated[str, Field(examples=["canary"])]
PlanName = Annotated[str, Field(examples=["standard"])]
Reason = Annotated[str, Field(examples=["The help desk reports failed sign-ins."])]


NULL = Field(examples=[None])
"""For fields that examples show as null."""


class Page(ResponseBody, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next: Annotated[int, Field(examples=[50])] | None
    """The `cursor` of the following page; null on the last."""

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """`DevicePage` for pages of `Device`."""
        return f"{params[0].__name__}Page"


class Items(ResponseBody, Generic[Item]):
    """A list that has no pages."""

    items: list[Item]

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """`RingList` for a list of `Ring`."""
        return f"{params[0].__name__}List"


class InvalidField(ResponseBody):
    """One invalid input field."""

    field: Annotated[str, Field(examples=["rings.0.share"])]
    """Its path; in parentheses if the error is about more than a field."""
    message: Annotated[str, Field(examples=["must be above 0 and at most 100"])]


class Problem(ResponseBody):
    """An error, after RFC 9457."""

    type: Annotated[str, Field(pattern="^urn:eucora:problem:[a-z0-9'-]+$")]
    """A stable identifier that clients may branch on."""
    title: str
    """What the type means."""
    status: int
    detail: str
    """What went wrong this time, and what to do about it."""
    instance: str
    """The path of the request."""
    errors: list[InvalidField] = []
    """The first 100 invalid fields."""
    errors_omitted: Annotated[int, Field(ge=0, examples=[12])] = 0
    """How many more there are."""
    allowed: list[Annotated[str, Field(examples=["paused"])]] = []
    """The states in which the request would be possible."""


class LineStatus(StrEnum):
    """What became of one line of an upload: what a JSON array answers for an item, or one of the last two."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    RECEIVED = "received"
    LATE = "late"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    STOPPED = "stopped"


class LineResult(ResponseBody):
    """The result of one line of an upload. After `stopped`, this line and all lines after it must be sent again."""

    line: Annotated[int, Field(ge=1, examples=[1])]
    status: LineStatus
    errors: list[InvalidField] = []
    """Why the line was rejected, or the upload stopped."""


class Health(ResponseBody):
    """The process responds."""

    status: Annotated[str, Field(examples=["ok"])]


Service = Annotated[Literal["ok", "does not answer"], Field(examples=["ok"])]


class Readiness(ResponseBody):
    """The services that the API requires, and those that are only reported."""

    status: Annotated[Literal["ok", "unavailable"], Field(examples=["ok"])]
    database: Annotated[str, Field(examples=["ok"])]
    """Required; `ok`, or what is wrong."""
    redis: Service
    """Required."""
    statsd: Service
    graphite: Service
