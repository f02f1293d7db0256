"""`/connectors`."""

from __future__ import annotations

from typing import Literal

from client.session import Subject, segment
from client.types import Connector, Items

ConnectorList = list[Connector]


class Connectors(Subject):
    """Connectors and their circuit breakers."""

    def list(self) -> ConnectorList:
        """Every connector with its breaker."""
        return self._session.get(Items[Connector], "/connectors")["items"]

    def get(self, name: str) -> Connector:
        """One connector with its breaker."""
        return self._session.get(Connector, f"/connectors/{segment(name)}")

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
