"""The queries of the dashboards' API: a time range, values of variables, a number of points."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from app.dashboards.targets import Range, seconds
from app.errors import FieldError, Invalid
from app.http.fields import Digits

LONGEST_DAYS = 732
"""Two years, one of them a leap year: Graphite keeps no points longer."""
PREFIX = "var-"
_RELATIVE = re.compile(r"now(?:-(\d{1,6}[smhdwMy]))?")

_PARAMETER = re.compile(r"var-\w{1,50}", re.ASCII)
_PARAMETERS: JsonDict = {
    "propertyNames": {"pattern": rf"^{_PARAMETER.pattern}$"},
    "additionalProperties": {
        "type": "string",
        "pattern": "^[A-Za-z0-9_*-]{1,200}$",
        "description": "`var-<name>=<value>` selects a value of a variable; repeat it for several values.",
    },
}
"""The parameters `var-<name>` in the documentation."""
# A node of a path, or `*`. No comma, bracket or quote: a value never becomes part of an expression.
_VALUE = re.compile(r"[A-Za-z0-9_*-]{1,200}")


def _checked_value(value: str) -> str:
    if not _VALUE.fullmatch(value):
        raise ValueError("must be 1 to 200 letters, digits, `_`, `-` or `*`; repeat the parameter for several values")
    return value


def _checked_parameter(name: str) -> str:
    if not _PARAMETER.fullmatch(name):
        raise ValueError("is not a parameter of this path; select a variable's value with `var-<name>`")
    return name


VariableValue = Annotated[str, AfterValidator(_checked_value)]
VariableValues = Annotated[
    list[VariableValue],
    BeforeValidator(lambda given: given if isinstance(given, list) else [given]),
    Field(min_length=1, max_length=100),
]
VariableParameter = Annotated[str, AfterValidator(_checked_parameter)]
RangeEnd = Annotated[str, StringConstraints(pattern=r"^(\d{1,10}|now(-\d{1,6}[smhdwMy])?)$")]


class RangeQuery(BaseModel):
    """A time range; `var-<name>`, which may be repeated, selects values of a variable."""

    model_config = ConfigDict(extra="allow", json_schema_extra=_PARAMETERS)
    __pydantic_extra__: dict[VariableParameter, VariableValues]

    from_: RangeEnd | None = Field(
        default=None, alias="from", description="Epoch seconds or `now-6h`; by default the dashboard's"
    )
    until: RangeEnd | None = Field(default=None, description="Epoch seconds or `now`; by default the dashboard's")

    def resolved(self, now: datetime, default: Mapping[str, Any]) -> Range:
        """The range in epoch seconds. Raises Invalid if it is empty or too long."""
        start = self._epoch("from", self.from_, str(default.get("from", "now-1h")), now)
        until = self._epoch("until", self.until, str(default.get("to", "now")), now)
        if start >= until:
            raise _invalid("from", "must be earlier than `until`")
        if until - start > LONGEST_DAYS * 86400:
            raise _invalid("from", f"must be at most {LONGEST_DAYS} days before `until`")
        return Range(start, until)

    def values(self) -> dict[str, list[str]]:
        """The selected values, by the names of their variables."""
        return {name.removeprefix(PREFIX): list(values) for name, values in (self.__pydantic_extra__ or {}).items()}

    @staticmethod
    def _epoch(field: str, given: str | None, default: str, now: datetime) -> int:
        text = given or default
        if text.isdigit():
            return int(text)
        relative = _RELATIVE.fullmatch(text)
        if relative is None:
            raise _invalid(field, f"is required: the dashboard's default {default!r} is not supported here")
        return int(now.timestamp() - (seconds(relative[1]) if relative[1] else 0))


class PanelQuery(RangeQuery):
    """A time range, values of variables, and the number of points."""

    max_points: Digits | None = Field(
        default=None, ge=10, le=5000, description="Points of each series; by default the panel's"
    )


def _invalid(field: str, message: str) -> Invalid:
    return Invalid("The time range is invalid.", fields=[FieldError(field, message)])
