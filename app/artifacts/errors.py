"""The errors of artifacts, each with its stable type."""

from __future__ import annotations

from app.errors import Conflict, Invalid, NotFound, OutOfSpace, Unavailable


class NoSuchArtifact(NotFound):
    type = "no-such-artifact"
    title = "The store has no artifact with this SHA-256"


class ContentMissing(NotFound):
    type = "artifact-content-missing"
    title = "The artifact is known, but its content is no longer in the store"


class HashMismatch(Invalid):
    type = "hash-mismatch"
    title = "The content does not have the SHA-256 of the path"


class ArtifactInUse(Conflict):
    type = "artifact-in-use"
    title = "The artifact is referred to and cannot be deleted"


class StoreFull(OutOfSpace):
    type = "store-full"
    title = "The store of artifacts has no space left"


class StoreUnavailable(Unavailable):
    type = "store-unavailable"
    title = "The store of artifacts does not respond"
