"""How the list of findings is filtered, and what a person says who accepts one."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from app.drift.models import DriftKind, FindingState
from app.http.pagination import PageQuery

# PostgreSQL stores every character but this one.
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=200)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$")]


class DriftQuery(PageQuery):
    """Filters of the list of findings."""

    kind: DriftKind | None = None
    state: FindingState | None = None
    application: Text | None = None
    external_id: Text | None = None


class AcceptanceIn(BaseModel):
    """Why a device may stay as it is."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason
