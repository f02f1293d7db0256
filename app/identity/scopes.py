"""What a token may be limited to: business units, applications, one connector, one device. Standard library only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, TypeVar

from app.errors import FieldError, OutOfScope

View = TypeVar("View", bound=Callable[..., object])


class Limit(StrEnum):
    """A kind of limit, named as its field of `Scopes`."""

    BUSINESS_UNITS = "business_units"
    APPLICATIONS = "applications"
    CONNECTOR = "connector"
    DEVICE = "device"


@dataclass(frozen=True)
class Scopes:
    """The limits of a token; an empty field is no limit."""

    business_units: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()
    connector: str | None = None
    device: str | None = None

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Scopes:
        """The limits as they are stored with a token."""
        lists = {name: tuple(stored.get(name) or ()) for name in (Limit.BUSINESS_UNITS, Limit.APPLICATIONS)}
        return cls(**lists, connector=stored.get("connector"), device=stored.get("device"))

    def as_json(self) -> dict[str, Any]:
        """The limits that there are."""
        given = self.as_shown().items()
        return {name: list(value) if isinstance(value, tuple) else value for name, value in given if value}

    def as_shown(self) -> dict[str, Any]:
        """Every kind of limit, also those that there are not."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def limits(self) -> frozenset[Limit]:
        """The kinds of limits that there are."""
        return frozenset(limit for limit in Limit if getattr(self, limit))

    def __str__(self) -> str:
        """As `connector simulated, applications vpn, chat`."""
        given = [limit for limit in Limit if limit in self.limits]
        return ", ".join(f"{limit.replace('_', ' ')} {_listed(getattr(self, limit))}" for limit in given)

    def refusal(
        self,
        *,
        business_unit: str | None = None,
        application: str | None = None,
        connector: str | None = None,
        device: str | None = None,
    ) -> FieldError | None:
        """Why something with these properties is out of scope, by its first wrong field; None if it is within.

        A property that is left out is not looked at.
        """
        if self.device is not None and device is not None and device != self.device:
            return FieldError("external_id", f"the token is limited to device {self.device}")
        if self.connector is not None and connector is not None and connector != self.connector:
            return FieldError("connector", f"is {connector}; the token is limited to connector {self.connector}")
        if self.business_units and business_unit is not None and business_unit not in self.business_units:
            message = f"is {business_unit or 'empty'}; the token is limited to {_listed(self.business_units)}"
            return FieldError("business_unit", message)
        if self.applications and application is not None and application not in self.applications:
            message = f"is {application}; the token is limited to {_listed(self.applications)}"
            return FieldError("application", message)
        return None


UNLIMITED = Scopes()


def checks(*limits: Limit) -> Callable[[View], View]:
    """Mark a view that keeps to these limits itself; with any other limit, a token may not use it."""

    def mark(view: View) -> View:
        view.checked_limits = frozenset(limits)  # type: ignore[attr-defined]  # read by `checked_by`
        return view

    return mark


def checked_by(view: Callable[..., object]) -> frozenset[Limit]:
    """The limits that a view keeps to itself."""
    checked: frozenset[Limit] = getattr(view, "checked_limits", frozenset())
    return checked


def require_checked(scopes: Scopes, checked: Iterable[Limit]) -> None:
    """Raise OutOfScope if the token has a limit that the view does not check."""
    unchecked = scopes.limits - frozenset(checked)
    if unchecked:
        names = " and ".join(limit.value for limit in Limit if limit in unchecked)
        raise OutOfScope(
            f"This token is limited to {scopes}. This request is not open to tokens that are limited by {names}; "
            "use a token without that limit."
        )


def _listed(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ", ".join(value)
