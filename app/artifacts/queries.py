"""Reading artifacts: one, a page of them, and what is known of the hashes that others name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.artifacts import references
from app.artifacts.errors import NoSuchArtifact
from app.artifacts.models import Artifact
from app.artifacts.references import References
from app.artifacts.schemas import ArtifactQuery
from app.db import db
from app.http.pagination import page, paged
from app.identity.scopes import UNLIMITED, Scopes
from app.metrics import catalogue as m
from app.metrics.projection import Measure

PATH = "/api/v1/artifacts/"
_ARTIFACT = select(
    Artifact.id,
    Artifact.sha256,
    Artifact.size,
    Artifact.media_type,
    Artifact.name,
    Artifact.sha1,
    Artifact.md5,
    Artifact.stored_by,
    Artifact.stored_at,
)


def artifact(sha256: str, scopes: Scopes = UNLIMITED) -> dict[str, Any]:
    """One artifact with what refers to it, which limited tokens do not see. Raises NoSuchArtifact."""
    row = db.session.execute(_ARTIFACT.where(Artifact.sha256 == sha256)).mappings().first()
    if row is None:
        raise NoSuchArtifact(f"No artifact {sha256} is stored. Upload it with PUT.")
    shown = _shown(row, references.to(db.session(), [sha256]))
    return {**shown, "referred_to_by": []} if scopes.limits else shown


def artifacts(query: ArtifactQuery) -> dict[str, Any]:
    """A page of artifacts, each with what refers to it."""
    statement = _ARTIFACT
    if query.name is not None:
        statement = statement.where(Artifact.name == query.name)
    if query.stored_by is not None:
        statement = statement.where(func.lower(Artifact.stored_by) == query.stored_by.lower())
    if query.sha256:
        statement = statement.where(Artifact.sha256.in_(query.sha256))
    rows = db.session.execute(paged(statement, Artifact.id, query)).mappings().all()
    referred = references.to(db.session(), [row["sha256"] for row in rows])
    return page([_shown(row, referred) for row in rows], query)


def known(session: Session, hashes: Collection[str]) -> dict[str, dict[str, Any]]:
    """Size, media type and name of those of the hashes that are stored."""
    statement = select(Artifact.sha256, Artifact.size, Artifact.media_type, Artifact.name)
    rows = session.execute(statement.where(Artifact.sha256.in_(hashes))).mappings() if hashes else ()
    return {row["sha256"]: {"size": row["size"], "media_type": row["media_type"], "name": row["name"]} for row in rows}


def is_known(prefixed: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """The condition that a column such as `sha256:9f86…` names a stored artifact."""
    return exists(select(Artifact.id).where(Artifact.sha256 == func.substr(prefixed, len("sha256:") + 1)))


def levels() -> list[Measure]:
    """The gauge of the store."""
    size = db.session.execute(select(func.coalesce(func.sum(Artifact.size), 0))).scalar_one()
    return [Measure(m.ARTIFACT_SIZE, m.ARTIFACT_SIZE(), int(size))]


def _shown(row: RowMapping, referred: Mapping[str, References]) -> dict[str, Any]:
    found = referred.get(row["sha256"], references.NONE)
    return {
        **row,
        "content": PATH + row["sha256"],
        "references": found.total,
        "referred_to_by": [
            {"kind": each.kind, "deployment_id": each.deployment_id, "what": each.what} for each in found.shown
        ],
    }
