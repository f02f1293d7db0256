"""Evidence: what must be at hand before people can sign a release off, and its seal."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from app.deployments.approval.schemas import EvidenceIn
from app.events.chain import canonical

PARTS = tuple(EvidenceIn.model_fields)


def missing(evidence: Mapping[str, Any]) -> list[str]:
    """The parts that are not there."""
    return [part for part in PARTS if not evidence.get(part)]


def seal(artifact_hash: str, evidence: Mapping[str, Any]) -> str | None:
    """The hash of the complete evidence of one artifact; None while a part is missing."""
    if missing(evidence):
        return None
    return digest({"artifact_hash": artifact_hash, "evidence": dict(evidence)})


def digest(value: Mapping[str, Any]) -> str:
    """SHA-256 over the one spelling of a JSON object."""
    return f"sha256:{hashlib.sha256(canonical(value)).hexdigest()}"
