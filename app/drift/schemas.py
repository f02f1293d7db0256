"""Request bodies and list filters of drift findings."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from app.drift.models import FindingReason, FindingState
from app.http.fields import STORABLE, Body, Sentence
from app.http.pagination import PageQuery
from app.vocabulary import DriftKind

Text = Annotated[str, StringConstraints(pattern=STORABLE, max_length=200)]


class DriftQuery(PageQuery):
    """Filters of the list of findings."""

    kind: DriftKind | None = None
    state: FindingState | None = None
    reason: FindingReason | None = None
    application: Text | None = None
    external_id: Text | None = None


class AcceptanceIn(Body):
    """Why the device may stay as it is."""

    reason: Sentence
