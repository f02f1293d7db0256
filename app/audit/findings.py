"""What checking a table row by row found: the first findings in full, all of them as a number."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

MAX_FINDINGS = 100
"""Findings that are kept: a wrong key causes one per row, and a table may have millions of rows."""


@dataclass(frozen=True)
class AuditFinding:
    """A row that is wrong: a word for machines, the row's id, a sentence for people."""

    kind: str
    id: int
    sentence: str


@dataclass
class Audit:
    """How many rows were checked, and what is wrong with them."""

    checked: int = 0
    findings: list[AuditFinding] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def found(self) -> int:
        """How many findings there are, kept or not."""
        return self.kinds.total()

    def add(self, finding: AuditFinding) -> None:
        """Count a finding, and keep it if it is among the first `MAX_FINDINGS`."""
        self.kinds[finding.kind] += 1
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(finding)
