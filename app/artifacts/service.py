"""Storing and deleting artifacts.

The content is read and checked before anything is locked. Then, under a lock of its hash that all hosts share, the
content gets its place first and its row second; when it is deleted, the row goes first. So a row always has its
content, and what a crash in between leaves is a content without a row, which `checking` removes later.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge

from app import clock
from app.artifacts import hashes, references, storage
from app.artifacts.errors import (
    ArtifactInUse,
    ContentMissing,
    HashMismatch,
    NoSuchArtifact,
    StoreFull,
    StoreUnavailable,
)
from app.artifacts.models import Artifact
from app.artifacts.storage import Pieces, Storage, Writing
from app.db import alone, db, locked
from app.errors import Invalid, Stale
from app.events.unit import SYSTEM, Unit, unit_of_work
from app.http.bodies import SlowBody
from app.settings import load_settings

if TYPE_CHECKING:
    from hashlib import _Hash

log = structlog.get_logger()

NAMED = 5
"""The most references that a refusal names."""


class Body(Protocol):
    """Where the content comes from."""

    def read(self, size: int, /) -> bytes:
        """The next bytes; none at the end."""


def _weak(name: str) -> _Hash:
    return hashlib.new(name, usedforsecurity=False)


@dataclass
class Digests:
    """The size and the hashes of a content, as it goes by. Only the SHA-256 identifies it."""

    size: int = 0
    sha256: _Hash = field(default_factory=hashlib.sha256)
    sha1: _Hash = field(default_factory=lambda: _weak("sha1"))
    md5: _Hash = field(default_factory=lambda: _weak("md5"))

    def update(self, data: bytes) -> None:
        """Count the next bytes."""
        self.size += len(data)
        for digest in (self.sha256, self.sha1, self.md5):
            digest.update(data)


def required_hash(text: str) -> str:
    """The SHA-256 in a path. Raises Invalid."""
    sha256 = hashes.written(text)
    if sha256 is None:
        raise Invalid(f"{text[:80]!r} is not a SHA-256: write it as 64 hexadecimal digits.")
    return sha256


def lock_of(sha256: str) -> str:
    """The key of the lock under which a content and its row change."""
    return f"artifact {sha256}"


def store(
    actor: str, sha256: str, body: Body, *, length: int | None, name: str, media_type: str, only_new: bool = False
) -> bool:
    """Store a content under its hash; whether it is new. One that is stored is only compared with the hash.

    Raises HashMismatch, Stale for one that is stored if it must be new, StoreFull, StoreUnavailable.
    """
    place = storage.current()
    known = is_stored(db.session(), place, sha256)
    db.session.rollback()  # the upload may take an hour, and holds no connection meanwhile
    if known and only_new:
        raise Stale("The artifact is already stored.")
    if known:
        _copy(body, None, sha256)
        return False
    with closing(place.begin(sha256, length)) as writing:
        digests = _copy(body, writing, sha256)
        with alone(lock_of(sha256), wait=True):
            if is_stored(db.session(), place, sha256):
                if only_new:
                    raise Stale("The artifact was stored meanwhile.")
                return False
            writing.keep()
            with unit_of_work(actor) as unit:
                _add(unit, digests, name, media_type)
    return True


def complete(hashes: Collection[str]) -> None:
    """Store the SHA-1 and MD5 of those contents that are from before they were kept, which reads each once.

    Not inside a unit of work. Raises ContentMissing, StoreUnavailable.
    """
    incomplete = select(Artifact.sha256, Artifact.size).where(Artifact.sha256.in_(hashes), Artifact.sha1.is_(None))
    for sha256, size in db.session.execute(incomplete).all():
        db.session.rollback()  # no connection is held while a large content is read
        digests = Digests()
        for piece in read(sha256, 0, size):
            digests.update(piece)
        with unit_of_work(SYSTEM) as unit:
            artifact = unit.session.execute(select(Artifact).where(Artifact.sha256 == sha256)).scalar_one_or_none()
            if artifact is not None:
                artifact.sha1, artifact.md5 = digests.sha1.hexdigest(), digests.md5.hexdigest()


def delete(actor: str, sha256: str) -> None:
    """Delete an artifact. Raises NoSuchArtifact, ArtifactInUse, StoreUnavailable."""
    place = storage.current()
    place.size(sha256)  # a store that does not respond is found before anything changes
    with alone(lock_of(sha256), wait=True):
        with unit_of_work(actor) as unit:
            statement = locked(select(Artifact).where(Artifact.sha256 == sha256))
            artifact = unit.session.execute(statement).scalar_one_or_none()
            if artifact is None:
                raise NoSuchArtifact(f"No artifact {sha256} is stored.")
            _require_unused(unit.session, sha256)
            unit.session.delete(artifact)
            unit.record("artifact.deleted", _about(artifact))
        try:
            place.delete(sha256)
        except (StoreFull, StoreUnavailable) as error:
            log.warning("content stays until the next check", sha256=sha256, reason=error.detail)


def read(sha256: str, start: int, stop: int, *, head: bool = False) -> Iterable[bytes]:
    """A part of a content; with `head`, none of it. Raises ContentMissing, StoreUnavailable."""
    place = storage.current()
    source = place.open(sha256, start, stop) if not head else None
    if source is None and (not head or place.size(sha256) is None):
        raise ContentMissing("Upload the content again with PUT; its references stay valid.")
    if source is None:
        return ()
    return Pieces(source, stop - start, time.monotonic() + load_settings().artifacts_seconds)


def is_stored(session: Session, place: Storage, sha256: str) -> bool:
    """Whether an artifact is known and its content is there as a whole."""
    size = session.execute(select(Artifact.size).where(Artifact.sha256 == sha256)).scalar_one_or_none()
    return size is not None and place.size(sha256) == size


def _copy(body: Body, writing: Writing | None, sha256: str) -> Digests:
    """Read a body to its end and write it. Raises HashMismatch, SlowBody, RequestEntityTooLarge."""
    settings = load_settings()
    until = time.monotonic() + settings.artifacts_seconds
    digests = Digests()
    while data := body.read(storage.BLOCK):
        digests.update(data)
        if digests.size > settings.artifacts_limit:
            raise RequestEntityTooLarge(f"The content has more than {settings.artifacts_limit} bytes, the limit.")
        if writing is not None:
            writing.write(data)
        if time.monotonic() > until:
            raise SlowBody(
                f"The upload took more than {settings.artifacts_seconds} seconds (EUCORA_ARTIFACTS_SECONDS); nothing "
                "was stored. Send it again over a faster connection."
            )
    if (found := digests.sha256.hexdigest()) != sha256:
        raise HashMismatch(f"The {digests.size} bytes that arrived have the SHA-256 {found}; nothing was stored.")
    return digests


def _add(unit: Unit, digests: Digests, name: str, media_type: str) -> None:
    """The row of a content that now has its place; if there is one, the content had been lost and is back."""
    sha256 = digests.sha256.hexdigest()
    artifact = unit.session.execute(select(Artifact).where(Artifact.sha256 == sha256)).scalar_one_or_none()
    if artifact is not None:
        unit.record("artifact.repaired", _about(artifact))
        return
    artifact = Artifact(
        sha256=sha256,
        size=digests.size,
        media_type=media_type,
        name=name,
        sha1=digests.sha1.hexdigest(),
        md5=digests.md5.hexdigest(),
        stored_by=unit.actor,
        stored_at=clock.now(),
    )
    unit.session.add(artifact)
    unit.record("artifact.stored", _about(artifact))


def _about(artifact: Artifact) -> dict[str, object]:
    values = (artifact.sha256, artifact.size, artifact.name, artifact.media_type)
    return dict(zip(("sha256", "size", "name", "media_type"), values, strict=True))


def _require_unused(session: Session, sha256: str) -> None:
    found = references.to(session, [sha256]).get(sha256)
    if found is not None:
        named = ", ".join(reference.sentence for reference in found.shown[:NAMED])
        more = f" and {found.total - NAMED} more" if found.total > NAMED else ""
        raise ArtifactInUse(f"Referred to by {named}{more}. What was decided by it must stay readable.")
