"""`/reports`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from client.session import UPLOAD_SECONDS, Content, Subject
from client.types import Items, LineFormat, LineResult, Report, ReportReceipt


class Reports(Subject):
    """What happened to devices."""

    def submit(self, reports: Sequence[Report], *, idempotency_key: str | None = None) -> list[ReportReceipt]:
        """Report outcomes, all or nothing; the receipt of each, in order."""
        shape = Items[ReportReceipt]
        return self._session.change(shape, "POST", "/reports", reports, idempotency_key=idempotency_key)["items"]

    def upload(
        self, content: Content, content_type: LineFormat = "application/x-ndjson", *, timeout: float = UPLOAD_SECONDS
    ) -> Iterator[LineResult]:
        """Report the outcomes of NDJSON or CSV lines; the result of each line.

        The upload is made by this call; sent again, its reports are duplicates. The iterator raises UploadStopped
        where the server could not go on.
        """
        return self._session.upload("/reports", content, content_type, timeout)
