"""`/connectors`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Unpack

from client.session import Subject, segment
from client.types import Agent, AgentFilter, Connector, Items, Page

ConnectorList = list[Connector]


class Connectors(Subject):
    """Connectors and their circuit breakers."""

    def list(self) -> ConnectorList:
        """Every connector with its breaker."""
        return self._session.get(Items[Connector], "/connectors")["items"]

    def get(self, name: str) -> Connector:
        """One connector with its breaker."""
        return self._session.get(Connector, f"/connectors/{segment(name)}")

    def agents(self, name: str, *, limit: int = 50, cursor: int = 0, **filters: Unpack[AgentFilter]) -> Page[Agent]:
        """One page of the devices that have asked a connector for work."""
        query = {**filters, "limit": limit, "cursor": cursor}
        return self._session.get(Page[Agent], f"/connectors/{segment(name)}/agents", query)

    def each_agent(self, name: str, *, cursor: int = 0, **filters: Unpack[AgentFilter]) -> Iterator[Agent]:
        """Every device that has asked a connector for work and matches every filter, the first one first."""
        return self._session.each(Agent, f"/connectors/{segment(name)}/agents", filters, cursor)

    def set_breaker(
        self,
        name: str,
        state: Literal["open", "closed"],
        reason: str,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Connector:
        """Open a connector's breaker until someone closes it, or close it at once."""
        path, body = f"/connectors/{segment(name)}/breaker", {"state": state, "reason": reason}
        return self._session.change(Connector, "POST", path, body, if_match=if_match, idempotency_key=idempotency_key)
