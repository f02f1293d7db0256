"""`/devices`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Unpack

from client.session import UPLOAD_SECONDS, Content, Subject
from client.types import (
    Device,
    DeviceFailureFilter,
    DeviceFilter,
    DeviceHistory,
    FailingDevice,
    Items,
    LineFormat,
    LineResult,
    NewDevice,
    Page,
    Registration,
    Retirement,
)

Registrations = list[Registration]
Retirements = list[Retirement]


class Devices(Subject):
    """The fleet."""

    def register(self, devices: Sequence[NewDevice], *, idempotency_key: str | None = None) -> Registrations:
        """Register devices, all or nothing; the result of each, in order. A known external id is updated."""
        shape = Items[Registration]
        return self._session.change(shape, "POST", "/devices", devices, idempotency_key=idempotency_key)["items"]

    def upload(
        self, content: Content, content_type: LineFormat = "text/csv", *, timeout: float = UPLOAD_SECONDS
    ) -> Iterator[LineResult]:
        """Register the devices of CSV or NDJSON lines; the result of each line.

        This call sends the upload; uploading the same lines again changes nothing. The iterator raises UploadStopped if
        the server stopped early.
        """
        return self._session.upload("/devices", content, content_type, timeout)

    def retire(self, external_ids: Sequence[str], *, idempotency_key: str | None = None) -> Retirements:
        """Retire devices, all or nothing (at most 10,000); the result of each, in order."""
        body = {"external_ids": external_ids}
        answer = self._session.change(
            Items[Retirement], "POST", "/devices/retire", body, idempotency_key=idempotency_key
        )
        return answer["items"]

    def get(self, device_id: int) -> DeviceHistory:
        """A device by its id, which the list of devices has: its releases and its deployments."""
        return self._session.get(DeviceHistory, f"/devices/{device_id}")

    def failures(
        self, *, limit: int = 50, cursor: int = 0, **filters: Unpack[DeviceFailureFilter]
    ) -> Page[FailingDevice]:
        """One page of the devices that failed in deployments that match every filter: how often, and why last."""
        query = {**filters, "limit": limit, "cursor": cursor}
        return self._session.get(Page[FailingDevice], "/devices/failures", query)

    def each_failing(self, *, cursor: int = 0, **filters: Unpack[DeviceFailureFilter]) -> Iterator[FailingDevice]:
        """Every device that failed in deployments that match every filter, after the cursor."""
        return self._session.each(FailingDevice, "/devices/failures", filters, cursor)

    def list(self, *, limit: int = 50, cursor: int = 0, **filters: Unpack[DeviceFilter]) -> Page[Device]:
        """One page of the devices that match every filter."""
        return self._session.get(Page[Device], "/devices", {**filters, "limit": limit, "cursor": cursor})

    def each(self, *, cursor: int = 0, **filters: Unpack[DeviceFilter]) -> Iterator[Device]:
        """Every device that matches every filter, after the cursor."""
        return self._session.each(Device, "/devices", filters, cursor)
