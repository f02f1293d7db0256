"""Request bodies and list filters of drift findings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from app.deployments.scope_schemas import ScopeIn
from app.devices.schemas import Platform
from app.drift.models import FindingReason, FindingState
from app.http.fields import Body, Line, Sentence, Whole, example
from app.http.pagination import PageQuery
from app.vocabulary import DriftKind

ORDERED_AT_ONCE = 50_000
"""Findings of one order: ten full commands."""


class DriftQuery(PageQuery):
    """Filters of the list of findings."""

    kind: DriftKind | None = None
    """Only findings of this kind."""
    state: FindingState | None = None
    """Only findings in this state."""
    reason: FindingReason | None = None
    """Only findings that need a person for this reason."""
    application: Line | None = None
    """Only findings of this application."""
    external_id: Line | None = None
    """Only findings of this device."""


class FindingFilter(Body):
    """Findings of one application on one platform. Omitted fields match all."""

    application: Line
    platform: Platform
    connector: Line | None = None
    deployment_id: Annotated[Whole, Field(ge=1, lt=2**62)] | None = None
    ring: Line | None = None
    kind: Literal[DriftKind.MISSING, DriftKind.VERSION] | None = None
    reason: FindingReason | None = None
    scope: ScopeIn = ScopeIn()


class RemediationIn(Body):
    """Which findings that need a person are remediated, at most `most` of them, and why."""

    model_config = example(
        {
            "filter": {"application": "vpn-client", "platform": "windows", "reason": "too_many"},
            "most": 500,
            "reason": "The inventory is right.",
        }
    )

    filter: FindingFilter
    most: Annotated[Whole, Field(ge=1, le=ORDERED_AT_ONCE)]
    reason: Sentence


class AcceptanceIn(Body):
    """Why the device may stay as it is."""

    model_config = example({"reason": "The owner needs the older version."})

    reason: Sentence
