"""What a release is made of for one kind of connector: the base of the kinds' models.

For the author of a new vendor: write a model of what a person says so that your connector can install a release. Its
messages are what that person sees. What is only known later, such as whether the vendor has a job template, is checked
by the connector when it publishes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, StringConstraints

FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.+~-]{0,199}$")]
"""A name that is a part of a path everywhere, without quoting."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class NamedFile(NamedTuple):
    """An artifact, under the name that devices see; without one, the name with which it was uploaded."""

    sha256: str
    name: str | None


class PackageContent(BaseModel):
    """Base of the models: an unknown field is an error, and names no file unless the model says so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def named_files(self, release: str | None) -> Sequence[NamedFile]:
        """The artifacts that it names. `release` is the SHA-256 of the release's own, if that is known already."""
        return ()


class NoContent(PackageContent):
    """For a kind that needs nothing but the release's name."""
