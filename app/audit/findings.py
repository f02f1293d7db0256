"""What looking through a table found: the first findings in full, all of them as a number."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

KEPT = 100
"""Findings kept: a wrong key makes one of every row, and a table may have millions."""


@dataclass(frozen=True)
class Finding:
    """Something that is wrong: a word for machines, the row's id, a sentence for people."""

    kind: str
    id: int
    sentence: str


@dataclass
class Audit:
    """How many rows were looked at, and what is wrong with them."""

    checked: int = 0
    findings: list[Finding] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def found(self) -> int:
        """How many findings there are, kept or not."""
        return self.kinds.total()

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it if it is among the first."""
        self.kinds[finding.kind] += 1
        if len(self.findings) < KEPT:
            self.findings.append(finding)
