"""`/artifacts`."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Unpack

from client.errors import DamagedDownload, Problem
from client.session import Subject, segment
from client.types import Artifact, ArtifactFilter, Page

ANY_TYPE = "application/octet-stream"
PART = ".part"
"""What the name of a file ends with while its download is not complete."""
_BLOCK = 1024 * 1024


class Artifacts(Subject):
    """Files of releases and of their evidence, by the SHA-256 of their content."""

    def upload(self, path: str | Path, *, name: str | None = None, media_type: str | None = None) -> Artifact:
        """Upload a file unless the store has its content. An upload that breaks off is repeated from the start.

        The name is that of the file, and the type is guessed by it, unless they are given.
        """
        file = Path(path)
        name = file.name if name is None else name
        with file.open("rb") as content:
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        try:
            return self.get(sha256)
        except Problem as problem:
            if problem.type != "no-such-artifact":
                raise
        kind = media_type or mimetypes.guess_type(name)[0] or ANY_TYPE
        return self._session.send_file(Artifact, _path(sha256), file, {"name": name}, kind)

    def download(self, sha256: str, path: str | Path) -> None:
        """Download a content to a file and check its SHA-256.

        What arrived of an earlier download that broke off is in `path` + `.part`, and is used. Raises DamagedDownload.
        """
        file = Path(path)
        part = file.with_name(file.name + PART)
        with part.open("ab+") as target:
            self._session.receive(_path(sha256), target, sha256.lower())
            found = _digest(target)
        if found != sha256.lower():
            part.unlink()
            raise DamagedDownload(f"The content that arrived has the SHA-256 {found}, not {sha256}; it was deleted.")
        part.replace(file)

    def get(self, sha256: str) -> Artifact:
        """What is known of an artifact, and what refers to it."""
        return self._session.get(Artifact, f"{_path(sha256)}/metadata")

    def list(self, *, limit: int = 50, cursor: int = 0, **filters: Unpack[ArtifactFilter]) -> Page[Artifact]:
        """One page of the artifacts that match every filter."""
        return self._session.get(Page[Artifact], "/artifacts", {**filters, "limit": limit, "cursor": cursor})

    def each(self, *, cursor: int = 0, **filters: Unpack[ArtifactFilter]) -> Iterator[Artifact]:
        """Every artifact that matches every filter, the oldest first."""
        return self._session.each(Artifact, "/artifacts", filters, cursor)

    def delete(self, sha256: str) -> Artifact:
        """Delete an artifact that nothing refers to; returns what it was."""
        return self._session.change(Artifact, "DELETE", _path(sha256), None)


def _path(sha256: str) -> str:
    return f"/artifacts/{segment(sha256)}"


def _digest(target: BinaryIO) -> str:
    target.seek(0)
    digest = hashlib.sha256()
    while data := target.read(_BLOCK):
        digest.update(data)
    return digest.hexdigest()
