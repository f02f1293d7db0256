"""`/reports`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from client.session import UPLOAD_SECONDS, Content, Subject
from client.types import Items, LineFormat, LineResult, Report, ReportReceipt


class Reports(Subject):
    """Reports of outcomes on devices."""

    def submit(self, reports: Sequence[Report], *, idempotency_key: str | None = None) -> list[ReportReceipt]:
        """Report outcomes, all or nothing; the receipt of each, in order."""
        shape = Items[ReportReceipt]
        return self._session.change(shape, "POST", "/reports", reports, idempotency_key=idempotency_key)["items"]

    def upload(
        self, content: Content, content_type: LineFormat = "application/x-ndjson", *, timeout: float = UPLOAD_SECONDS
    ) -> Iterator[LineResult]:
        """Report the outcomes of NDJSON or CSV lines; the result of each line.

        This call sends the upload; uploading the same lines again reports duplicates. The iterator raises
        UploadStopped if the server stopped early.
        """
        return self._session.upload("/reports", content, content_type, timeout)
