"""The secrets of tokens: how they are made, recognized and compared. Standard library only."""

from __future__ import annotations

import hashlib
import re
import secrets

_MARK = "eucora_"
_SHOWN = len(_MARK) + 6
_SHAPE = re.compile(rf"{_MARK}[A-Za-z0-9_-]{{43}}")


def new_secret() -> str:
    """A secret of 256 random bits; the mark lets scanners find one that was published by mistake."""
    return _MARK + secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is stored of a secret, and looked up.

    A secret has 256 random bits, so a fast hash is as strong as a slow one and adds no time to a request. The database
    compares hashes, never secrets: how long that takes depends on a hash that a caller can neither choose nor learn
    from, so the comparison needs no constant time.
    """
    return hashlib.sha256(secret.encode()).digest()


def prefix(secret: str) -> str:
    """The part of a secret that is kept to recognize it; 220 bits stay unknown."""
    return secret[:_SHOWN]


def is_well_formed(secret: str) -> bool:
    """Whether a text can be one of our secrets; one that cannot is never looked up."""
    return _SHAPE.fullmatch(secret) is not None
