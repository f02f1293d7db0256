"""What callers send with a sign-off and with broken glass."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.deployments.schemas import Words

Said = Annotated[Words, Field(min_length=1)]


class ApproveIn(BaseModel):
    """What the approver has to say."""

    model_config = ConfigDict(extra="forbid")

    comment: Words = ""


class RejectIn(BaseModel):
    """Why it must not go on."""

    model_config = ConfigDict(extra="forbid")

    comment: Said


class BreakGlassIn(BaseModel):
    """Why a freeze must be passed, and the open incident it is for."""

    model_config = ConfigDict(extra="forbid")

    reason: Said
    incident_id: Annotated[int, Field(strict=True, ge=1, lt=2**62)]


class ConfirmIn(BaseModel):
    """What the second person has to say."""

    model_config = ConfigDict(extra="forbid")

    comment: Words = ""
