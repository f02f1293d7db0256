"""What the API answers about connectors."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.connectors.breaker import State
from app.http.responses import NULL, ConnectorName, Count, ResponseBody, Time

BreakerState = StrEnum("BreakerState", {state.name: state.value for state in State})  # type: ignore[misc]  # from the rules


class Connector(ResponseBody):
    """A connector with its circuit breaker."""

    name: ConnectorName
    state: BreakerState
    failures: Count
    """Consecutive calls that failed."""
    successes: Count
    """Consecutive probes that succeeded."""
    retry_at: Annotated[Time | None, NULL]
    """When an open breaker is probed; null if a person opened it, or it is closed."""
    wait_seconds: Count
    probe_until: Annotated[Time | None, NULL]
    opened_at: Annotated[Time | None, NULL]
    version: Annotated[str, Field(examples=["5f0c2d9a41b7"])]
    """Changes with what a person decides by; `If-Match` compares it."""
