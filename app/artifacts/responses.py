"""What the API answers about artifacts."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.artifacts.references import ReferenceKind
from app.http.responses import NULL, Count, Id, ResponseBody, Subject, Time

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=["a1" * 32])]
FileName = Annotated[str, Field(examples=["sbom.json"])]
MediaType = Annotated[str, Field(examples=["application/json"])]
ContentPath = Annotated[str, Field(examples=["/api/v1/artifacts/" + "a1" * 32])]
"""Where the content is downloaded."""


class ArtifactReference(ResponseBody):
    """A release or a deployment's evidence that names the artifact's hash."""

    kind: ReferenceKind
    deployment_id: Annotated[Id | None, NULL]
    """The deployment whose evidence it is; null for a release."""
    what: Annotated[str, Field(examples=["vpn-client 5.2.1 on windows"])]
    """The release, or the part of the evidence."""


class Artifact(ResponseBody):
    """A stored content and what refers to it."""

    id: Id
    sha256: Sha256
    size: Count
    """In bytes."""
    media_type: MediaType
    """As it was given with the first upload."""
    name: FileName
    """The name of the file; may be empty."""
    sha1: Annotated[str | None, Field(examples=["b2" * 20])]
    md5: Annotated[str | None, Field(examples=["c3" * 16])]
    """Both for devices whose protocol asks for them; null until a package names an older artifact."""
    stored_by: Subject
    stored_at: Time
    content: ContentPath
    references: Count
    """How many things refer to it; it can be deleted while this is 0."""
    referred_to_by: list[ArtifactReference]
    """The first 20 of each kind."""
