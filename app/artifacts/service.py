"""Storing and deleting artifacts.

The content is read and checked before anything is locked. Then, under a lock of its hash that all hosts share, the
content gets its place first and its row second; when it is deleted, the row goes first. So a row always has its
content, and what a crash in between leaves is a content without a row, which `checking` removes later.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from contextlib import closing
from typing import Protocol

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
from app.events.unit import Unit, unit_of_work
from app.http.bodies import SlowBody
from app.settings import load_settings

log = structlog.get_logger()

NAMED = 5
"""The most references that a refusal names."""


class Body(Protocol):
    """Where the content comes from."""

    def read(self, size: int, /) -> bytes:
        """The next bytes; none at the end."""


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
        size = _copy(body, writing, sha256)
        with alone(lock_of(sha256), wait=True):
            if is_stored(db.session(), place, sha256):
                if only_new:
                    raise Stale("The artifact was stored meanwhile.")
                return False
            writing.keep()
            with unit_of_work(actor) as unit:
                _add(unit, sha256, size, name, media_type)
    return True


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


def _copy(body: Body, writing: Writing | None, sha256: str) -> int:
    """Read a body to its end and write it; returns its size. Raises HashMismatch, SlowBody, RequestEntityTooLarge."""
    settings = load_settings()
    until = time.monotonic() + settings.artifacts_seconds
    digest, size = hashlib.sha256(), 0
    while data := body.read(storage.BLOCK):
        size += len(data)
        if size > settings.artifacts_limit:
            raise RequestEntityTooLarge(f"The content has more than {settings.artifacts_limit} bytes, the limit.")
        digest.update(data)
        if writing is not None:
            writing.write(data)
        if time.monotonic() > until:
            raise SlowBody(
                f"The upload took more than {settings.artifacts_seconds} seconds (EUCORA_ARTIFACTS_SECONDS); nothing "
                "was stored. Send it again over a faster connection."
            )
    if digest.hexdigest() != sha256:
        raise HashMismatch(f"The {size} bytes that arrived have the SHA-256 {digest.hexdigest()}; nothing was stored.")
    return size


def _add(unit: Unit, sha256: str, size: int, name: str, media_type: str) -> None:
    """The row of a content that now has its place; if there is one, the content had been lost and is back."""
    artifact = unit.session.execute(select(Artifact).where(Artifact.sha256 == sha256)).scalar_one_or_none()
    if artifact is not None:
        unit.record("artifact.repaired", _about(artifact))
        return
    artifact = Artifact(
        sha256=sha256, size=size, media_type=media_type, name=name, stored_by=unit.actor, stored_at=clock.now()
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
