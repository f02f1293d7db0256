"""The documents of evidence that are named by hash: which artifacts a deployment refers to.

A hash that the store does not have is valid: the document is kept elsewhere, or is uploaded later, and is protected
from then on. What complete evidence has named stays referred to, also after it was replaced: its seal is in the log.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.artifacts import hashes, queries as artifacts
from app.artifacts.references import Reference, ReferenceKind
from app.deployments.approval import evidence
from app.deployments.approval.models import EvidenceDocument
from app.deployments.models import Deployment
from app.releases.models import Release

ARTIFACT = "artifact"
"""The name of the release's own file beside the parts of the evidence."""


def record(session: Session, deployment: Deployment) -> None:
    """Store what the deployment's evidence names now."""
    replaced = EvidenceDocument.deployment_id == deployment.id, EvidenceDocument.was_sealed.is_(False)
    session.execute(delete(EvidenceDocument).where(*replaced))
    is_sealed = deployment.evidence_hash is not None
    rows = [
        {"deployment_id": deployment.id, "part": part, "sha256": sha256, "was_sealed": is_sealed}
        for part, sha256 in _named(deployment)
    ]
    if rows:
        session.execute(insert(EvidenceDocument).on_conflict_do_nothing(), rows)


def shown(session: Session, deployment: Deployment) -> list[dict[str, Any]]:
    """The release's artifact and each document that is named by hash, with what the store knows of it."""
    release = session.get_one(Release, deployment.release_id)
    sha256 = hashes.named_in(release.artifact_hash)
    named = [*([(ARTIFACT, sha256)] if sha256 else []), *_named(deployment)]
    stored = artifacts.known(session, {each for _, each in named})
    return [
        {
            "part": part,
            "sha256": each,
            "stored": each in stored,
            **stored.get(each, {"size": None, "media_type": None, "name": None}),
            "content": artifacts.PATH + each if each in stored else None,
        }
        for part, each in named
    ]


def references(session: Session, wanted: Collection[str], most: int) -> Iterator[Reference]:
    """The evidence that names these hashes, the newest deployments first."""
    newest = (EvidenceDocument.deployment_id.desc(), EvidenceDocument.part)
    found = (
        select(
            EvidenceDocument.sha256,
            EvidenceDocument.deployment_id,
            EvidenceDocument.part,
            func.count().over(partition_by=EvidenceDocument.sha256).label("total"),
            func.row_number().over(partition_by=EvidenceDocument.sha256, order_by=newest).label("place"),
        )
        .where(EvidenceDocument.sha256.in_(wanted))
        .subquery()
    )
    for row in session.execute(select(found).where(found.c.place <= most).order_by(found.c.sha256, found.c.place)):
        yield Reference(row.sha256, ReferenceKind.EVIDENCE, row.deployment_id, row.part, row.total)


def _named(deployment: Deployment) -> list[tuple[str, str]]:
    """The parts that are named by hash, with the hash."""
    given = [(part, hashes.named_in(deployment.evidence.get(part) or "")) for part in evidence.PARTS]
    return [(part, sha256) for part, sha256 in given if sha256 is not None]
