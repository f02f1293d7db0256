"""Artifacts."""

from __future__ import annotations

from typing import TypedDict

from client.types.values import ReferenceKind


class ArtifactReference(TypedDict):
    """A release, or a part of the evidence of a deployment, that names an artifact's hash."""

    kind: ReferenceKind
    deployment_id: int | None
    what: str


class Artifact(TypedDict):
    """A stored content; `content` is its path, and it can be deleted while `references` is 0."""

    id: int
    sha256: str
    size: int
    media_type: str
    name: str
    sha1: str | None
    md5: str | None
    stored_by: str
    stored_at: str
    content: str
    references: int
    referred_to_by: list[ArtifactReference]
