"""Uploading artifacts, and what a store has of them."""

from __future__ import annotations

import hashlib
from typing import Any

from app.artifacts.storage import Storage
from tests.support.api import Api


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def upload(api: Api, content: bytes, **request: Any) -> Any:
    """Upload a content under its own hash, or that of `under`."""
    path = f"/artifacts/{request.pop('under', sha256(content))}"
    return api.raw("PUT", path, data=content, **{"content_type": "application/json", **request})


def kept(place: Storage) -> list[str]:
    """The hashes of what is stored."""
    return [stored.sha256 for stored in place.contents()]
