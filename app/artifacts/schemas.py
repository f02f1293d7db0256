"""The queries of artifacts."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from app.artifacts import hashes
from app.http.fields import Body, Line
from app.http.pagination import PageQuery


def _without_path(name: str) -> str:
    if "/" in name or "\\" in name or name in (".", ".."):
        raise ValueError("must be the name of a file, without folders")
    return name


def _hash(text: str) -> str:
    sha256 = hashes.written(text)
    if sha256 is None:
        raise ValueError("must be a SHA-256 in 64 hexadecimal digits")
    return sha256


FileName = Annotated[Line, AfterValidator(_without_path)]
Hashes = Annotated[
    list[Annotated[str, AfterValidator(_hash)]],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    Field(max_length=100),
]


class UploadQuery(Body):
    """What people see of an artifact that is new."""

    name: FileName = ""
    """The name of the file, with which it is downloaded; without folders."""


class ArtifactQuery(PageQuery):
    """Filters of the list of artifacts."""

    name: Line | None = None
    """Only artifacts with this name."""
    stored_by: Line | None = None
    """Only artifacts that this subject uploaded first."""
    sha256: Hashes = Field(default=[])
    """Only these artifacts; may be repeated."""
