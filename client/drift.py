"""`/drift`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Unpack

from client.session import Subject
from client.types import DriftFilter, DriftFinding, FindingFilter, Page, RemediationOrder


class Drift(Subject):
    """Devices whose installed version differs from the expected one."""

    def list(self, *, limit: int = 50, cursor: int = 0, **filters: Unpack[DriftFilter]) -> Page[DriftFinding]:
        """One page of the findings that match every filter, the oldest first."""
        return self._session.get(Page[DriftFinding], "/drift", {**filters, "limit": limit, "cursor": cursor})

    def each(self, *, cursor: int = 0, **filters: Unpack[DriftFilter]) -> Iterator[DriftFinding]:
        """Every finding that matches every filter, after the cursor."""
        return self._session.each(DriftFinding, "/drift", filters, cursor)

    def get(self, finding_id: int) -> DriftFinding:
        """One finding."""
        return self._session.get(DriftFinding, f"/drift/{finding_id}")

    def remediate(
        self, filter: FindingFilter, most: int, reason: str, *, idempotency_key: str | None = None
    ) -> RemediationOrder:
        """Have at most `most` findings that need a person remediated (at most 50,000)."""
        path, body = "/drift/remediations", {"filter": filter, "most": most, "reason": reason}
        return self._session.change(RemediationOrder, "POST", path, body, idempotency_key=idempotency_key)

    def accept(
        self, finding_id: int, reason: str, *, if_match: str | None = None, idempotency_key: str | None = None
    ) -> DriftFinding:
        """Accept the finding until the device changes again."""
        path, body = f"/drift/{finding_id}/accept", {"reason": reason}
        return self._session.change(
            DriftFinding, "POST", path, body, if_match=if_match, idempotency_key=idempotency_key
        )
