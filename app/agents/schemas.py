"""The filters of the list of agents."""

from __future__ import annotations

from app.http.fields import Line
from app.http.pagination import PageQuery


class AgentQuery(PageQuery):
    """Filters of the devices that have asked a connector for work."""

    registered: bool | None = None
    """Only devices that are registered with the connector, or only those that are not."""
    external_id: Line | None = None
    """Only the device of this id."""
