"""What may be asked of a dashboard: a range, values of its variables, a number of points."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from app.dashboards.targets import Range, seconds
from app.errors import FieldError, Invalid

LONGEST_DAYS = 732
"""Two years, one of them a leap year: as long as Graphite keeps anything."""
PREFIX = "var-"
_RELATIVE = re.compile(r"now(?:-(\d{1,6}[smhdwMy]))?")

_NAME = re.compile(r"var-\w{1,50}", re.ASCII)
# What a node of a path may be, and `*`. No comma, bracket or quote: a value never becomes a part of an expression.
_VALUE = re.compile(r"[A-Za-z0-9_*-]{1,200}")


def _plain(value: str) -> str:
    if not _VALUE.fullmatch(value):
        raise ValueError("must be 1 to 200 letters, digits, `_`, `-` or `*`; repeat the parameter for several values")
    return value


def _variable(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("is no parameter here; a variable's value is chosen by `var-<name>`")
    return name


Value = Annotated[str, AfterValidator(_plain)]
Values = Annotated[
    list[Value],
    BeforeValidator(lambda given: given if isinstance(given, list) else [given]),
    Field(min_length=1, max_length=100),
]
Name = Annotated[str, AfterValidator(_variable)]
Time = Annotated[str, StringConstraints(pattern=r"^(\d{1,10}|now(-\d{1,6}[smhdwMy])?)$")]


class RangeQuery(BaseModel):
    """From when until when; `var-<name>`, also several times, chooses a variable's values."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[Name, Values]

    from_: Time | None = Field(default=None, alias="from", description="Epoch seconds or `now-6h`; the dashboard's own")
    until: Time | None = Field(default=None, description="Epoch seconds or `now`; the dashboard's own")

    def shown(self, now: datetime, usual: dict[str, Any]) -> Range:
        """The range, in seconds. Raises Invalid if it is empty or too long."""
        start = self._moment("from", self.from_, str(usual.get("from", "now-1h")), now)
        until = self._moment("until", self.until, str(usual.get("to", "now")), now)
        if start >= until:
            raise _wrong("from", "must be earlier than `until`")
        if until - start > LONGEST_DAYS * 86400:
            raise _wrong("from", f"must be at most {LONGEST_DAYS} days before `until`")
        return Range(start, until)

    def values(self) -> dict[str, list[str]]:
        """What was chosen, by the variables' names."""
        return {name.removeprefix(PREFIX): list(values) for name, values in (self.__pydantic_extra__ or {}).items()}

    @staticmethod
    def _moment(field: str, given: str | None, usual: str, now: datetime) -> int:
        text = given or usual
        if text.isdigit():
            return int(text)
        found = _RELATIVE.fullmatch(text)
        if found is None:
            raise _wrong(field, "must be given: the dashboard's own range is no plain one")
        return int(now.timestamp() - (seconds(found[1]) if found[1] else 0))


class PanelQuery(RangeQuery):
    """A range, values of variables, and how many points are wanted."""

    max_points: int | None = Field(default=None, ge=10, le=5000, description="Points of each series; the panel's own")


def _wrong(field: str, message: str) -> Invalid:
    return Invalid("The range is not valid.", fields=[FieldError(field, message)])
