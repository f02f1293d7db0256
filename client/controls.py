"""`/incidents`, `/freezes`, `/emergency-stop`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import ClassVar, Unpack

from client.session import Subject, present
from client.types import Freeze, FreezeFilter, Incident, IncidentFilter, Page, Severity, Window


class Incidents(Subject):
    """Incidents and their severity; gates evaluate the incidents of their deployment."""

    def open(
        self,
        severity: Severity,
        title: str,
        *,
        deployment_id: int | None = None,
        idempotency_key: str | None = None,
    ) -> Incident:
        """Open an incident, which may be about one deployment."""
        body = present(severity=severity, title=title, deployment_id=deployment_id)
        return self._session.change(Incident, "POST", "/incidents", body, idempotency_key=idempotency_key)

    def close(
        self,
        incident_id: int,
        resolution: str,
        *,
        if_match: int | None = None,
        idempotency_key: str | None = None,
    ) -> Incident:
        """Close an incident. Whoever requested the deployment that it is about cannot."""
        path, body = f"/incidents/{incident_id}/close", {"resolution": resolution}
        return self._session.change(Incident, "POST", path, body, if_match=if_match, idempotency_key=idempotency_key)

    def get(self, incident_id: int) -> Incident:
        """One incident."""
        return self._session.get(Incident, f"/incidents/{incident_id}")

    def list(self, *, limit: int = 50, cursor: int = 0, **filters: Unpack[IncidentFilter]) -> Page[Incident]:
        """One page of the incidents that match every filter."""
        return self._session.get(Page[Incident], "/incidents", {**filters, "limit": limit, "cursor": cursor})

    def each(self, *, cursor: int = 0, **filters: Unpack[IncidentFilter]) -> Iterator[Incident]:
        """Every incident that matches every filter, after the cursor."""
        return self._session.each(Incident, "/incidents", filters, cursor)


class Stops(Subject):
    """The operations that freezes and emergency stops share."""

    _path: ClassVar[str]

    def lift(
        self, stop_id: int, reason: str, *, if_match: int | None = None, idempotency_key: str | None = None
    ) -> Freeze:
        """Request the lift or, as a second person who may approve, confirm it; then `lifted_at` is set."""
        path, body = f"{self._path}/{stop_id}/lift", {"reason": reason}
        return self._session.change(Freeze, "POST", path, body, if_match=if_match, idempotency_key=idempotency_key)

    def get(self, stop_id: int) -> Freeze:
        """One freeze or stop, with the next times of its windows."""
        return self._session.get(Freeze, f"{self._path}/{stop_id}")

    def list(self, *, limit: int = 50, cursor: int = 0, **filters: Unpack[FreezeFilter]) -> Page[Freeze]:
        """One page of freezes or stops."""
        return self._session.get(Page[Freeze], self._path, {**filters, "limit": limit, "cursor": cursor})

    def each(self, *, cursor: int = 0, **filters: Unpack[FreezeFilter]) -> Iterator[Freeze]:
        """Every freeze or stop after the cursor."""
        return self._session.each(Freeze, self._path, filters, cursor)


class Freezes(Stops):
    """Freezes: they block dispatch; break-glass overrides them."""

    _path = "/freezes"

    def declare(
        self,
        reason: str,
        *,
        application: str | None = None,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        windows: Sequence[Window] = (),
        idempotency_key: str | None = None,
    ) -> Freeze:
        """Freeze one application or all, from now until it is lifted unless times or windows say otherwise.

        Times need a time zone.
        """
        body = present(
            reason=reason,
            application=application,
            starts_at=starts_at and starts_at.isoformat(),
            ends_at=ends_at and ends_at.isoformat(),
            windows=windows,
        )
        return self._session.change(Freeze, "POST", self._path, body, idempotency_key=idempotency_key)


class EmergencyStops(Stops):
    """Emergency stops: they block dispatch, and nothing overrides them."""

    _path = "/emergency-stop"

    def declare(self, reason: str, *, application: str | None = None, idempotency_key: str | None = None) -> Freeze:
        """Stop one application or all at once, until it is lifted."""
        body = present(reason=reason, application=application)
        return self._session.change(Freeze, "POST", self._path, body, idempotency_key=idempotency_key)
