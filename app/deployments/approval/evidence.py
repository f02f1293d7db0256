"""Evidence: the documents that approval requires, and their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from app.deployments.approval.schemas import EvidenceIn
from app.events.chain import canonical

PARTS = tuple(EvidenceIn.model_fields)


def missing(evidence: Mapping[str, Any]) -> list[str]:
    """The names of the missing documents."""
    return [part for part in PARTS if not evidence.get(part)]


def seal(artifact_hash: str, evidence: Mapping[str, Any]) -> str | None:
    """The hash of an artifact's complete evidence; None while a document is missing."""
    if missing(evidence):
        return None
    return digest({"artifact_hash": artifact_hash, "evidence": dict(evidence)})


def digest(value: Mapping[str, Any]) -> str:
    """SHA-256 of a JSON object in its canonical form."""
    return f"sha256:{hashlib.sha256(canonical(value)).hexdigest()}"
