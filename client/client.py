"""The client: one object for each subject of the API."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Self

import httpx

from client.artifacts import Artifacts
from client.attention import AttentionList
from client.connectors import Connectors
from client.controls import EmergencyStops, Freezes, Incidents
from client.dashboards import Dashboards
from client.deployments import Deployments
from client.devices import Devices
from client.drift import Drift
from client.events import Events
from client.health import Health
from client.metrics import Metrics
from client.packages import Packages
from client.reports import Reports
from client.ring_plans import RingPlans
from client.session import Hooks, Session
from client.tokens import Subjects, Tokens


class Client:
    """A client of one control plane, authenticated with one token.

    `url` is the address of the API without `/api/v1`. `timeout` is in seconds and applies to connecting and to each
    read. GETs, and mutations with their idempotency key, are retried up to `retries` times after a broken connection
    and after a 503 with `Retry-After`; `sleep` waits in between. `transport` and `event_hooks` are httpx's: the first
    sets certificates and proxies, the second observes requests and answers.

    Every operation raises Problem if it is rejected and Unreachable if it is not answered.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: float = 30.0,
        retries: int = 2,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
        event_hooks: Hooks | None = None,
    ) -> None:
        """Raises ValueError for an invalid address or token."""
        session = Session(
            url,
            token,
            timeout=timeout,
            retries=retries,
            sleep=sleep,
            transport=transport,
            event_hooks=event_hooks,
        )
        self._session = session
        self.artifacts = Artifacts(session)
        self.attention = AttentionList(session)
        self.connectors = Connectors(session)
        self.dashboards = Dashboards(session)
        self.deployments = Deployments(session)
        self.devices = Devices(session)
        self.drift = Drift(session)
        self.emergency_stops = EmergencyStops(session)
        self.events = Events(session)
        self.freezes = Freezes(session)
        self.health = Health(session)
        self.incidents = Incidents(session)
        self.metrics = Metrics(session)
        self.packages = Packages(session)
        self.reports = Reports(session)
        self.ring_plans = RingPlans(session)
        self.subjects = Subjects(session)
        self.tokens = Tokens(session)

    @property
    def url(self) -> str:
        """The address of the API without `/api/v1`."""
        return self._session.url

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document of the API."""
        return self._session.get(dict[str, Any], "/openapi.json")

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self.url!r})"
