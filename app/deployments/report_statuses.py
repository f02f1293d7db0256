"""What a reporter learns about each of its reports: stored, too late, sent before, or in conflict with what was."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.connectors.protocol import DeviceResult
from app.db import array_literal

RECEIVED, LATE, DUPLICATE, CONFLICT, REJECTED = "received", "late", "duplicate", "conflict", "rejected"
STATUSES = (RECEIVED, LATE, DUPLICATE, CONFLICT, REJECTED)

Key = tuple[str, int]
"""What identifies a report among those of its reporter: the device's external id and the sequence."""
Content = tuple[int, str, str]
"""What a report says: deployment, outcome and reason. Its time is no part of it: a reporter may date each attempt."""


@dataclass(frozen=True)
class ReportRow(DeviceResult):
    """One report from any source: a device's result in one deployment."""

    deployment_id: int

    @property
    def key(self) -> Key:
        """What identifies it among its reporter's reports."""
        return self.external_id, self.sequence

    @property
    def content(self) -> Content:
        """What it says."""
        return self.deployment_id, self.outcome, self.reason


_CONTENTS = text("""
    SELECT report.external_id, report.sequence, assignment.deployment_id, report.outcome, report.reason
      FROM unnest(CAST(:external_ids AS text[]), CAST(:sequences AS bigint[])) AS known(external_id, sequence)
      JOIN reports AS report ON report.source = :source AND report.external_id = known.external_id
                            AND report.sequence = known.sequence
      JOIN assignments AS assignment ON assignment.id = report.assignment_id
""")


def contents(session: Session, source: str, keys: Collection[Key]) -> dict[Key, Content]:
    """What the stored reports with these keys say."""
    if not keys:
        return {}
    parameters = {
        "source": source,
        "external_ids": array_literal([external_id for external_id, _ in keys]),
        "sequences": array_literal([str(sequence) for _, sequence in keys]),
    }
    stored = session.execute(_CONTENTS, parameters)
    return {(row.external_id, row.sequence): (row.deployment_id, row.outcome, row.reason) for row in stored}


def statuses_of(
    rows: Sequence[ReportRow],
    unassigned: Collection[tuple[int, str]],
    late: Collection[Key],
    known: Mapping[Key, Content],
) -> list[str]:
    """A status for each row. `known` is what reports that were stored before this batch say."""
    said = dict(known)
    statuses = []
    for row in rows:
        if (row.deployment_id, row.external_id) in unassigned:
            statuses.append(REJECTED)
        elif row.key in said:
            statuses.append(DUPLICATE if said[row.key] == row.content else CONFLICT)
        else:
            said[row.key] = row.content
            statuses.append(LATE if row.key in late else RECEIVED)
    return statuses
