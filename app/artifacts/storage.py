"""Where contents are kept. A store is a folder or a bucket; each content has the SHA-256 as its name.

A content is either there as a whole or not at all: what is being written has another place until `keep`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import unquote, urlsplit

from app.artifacts.errors import StoreUnavailable
from app.artifacts.folder import Folder
from app.artifacts.stored import Stored as Stored
from app.settings import Settings, load_settings

BLOCK = 256 * 1024
"""Bytes of a content that are in memory at once while it is sent."""


class Writing(Protocol):
    """A content that is being written; `close` discards it unless it was kept."""

    def write(self, data: bytes) -> None:
        """Add to the content. Raises StoreFull, StoreUnavailable."""

    def keep(self) -> None:
        """Make it the content of its hash. Raises StoreFull, StoreUnavailable."""

    def close(self) -> None:
        """Discard what was not kept; raises nothing."""


class Source(Protocol):
    """A content, or a part of it, that is being read."""

    def read(self, size: int = ..., /) -> bytes: ...
    def close(self) -> object: ...


class Storage(Protocol):
    """A store. Everything but `Writing.close` raises StoreUnavailable if the store does not respond."""

    def begin(self, sha256: str, size: int | None) -> Writing:
        """Begin to write a content of that size, if it is known. Raises StoreFull."""

    def size(self, sha256: str) -> int | None:
        """The size of a content; None if it is not there."""

    def open(self, sha256: str, start: int, stop: int) -> Source | None:
        """The bytes from `start` to before `stop`, to read; None if the content is not there."""

    def delete(self, sha256: str) -> None:
        """Delete a content; one that is not there is no error."""

    def contents(self) -> Iterator[Stored]:
        """Every content, by hash."""

    def discard_unfinished(self, before: datetime) -> int:
        """Discard what was begun before a time and neither kept nor discarded; returns how many there were."""

    def prepare(self) -> None:
        """Create the folder or bucket if it does not exist."""

    def __str__(self) -> str:
        """As people name the place."""


@dataclass
class Pieces:
    """The rest of a source, in blocks. A source that ends early raises StoreUnavailable, never looks complete."""

    source: Source
    left: int
    until: float
    """When the reader is given up, by the monotonic clock; it can go on with a range."""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        if not self.left:
            raise StopIteration
        data = self.source.read(min(BLOCK, self.left))
        if time.monotonic() > self.until:
            raise TimeoutError("the download took too long")
        if not data:
            raise StoreUnavailable(f"The content ends {self.left} bytes early.")
        self.left -= len(data)
        return data

    def close(self) -> None:
        """Let go of the source."""
        self.source.close()


def current() -> Storage:
    """The store of the settings."""
    return of(load_settings())


def of(settings: Settings) -> Storage:
    """The store of these settings; nothing is asked of it yet."""
    return _opened(
        settings.artifacts_url,
        settings.artifacts_endpoint,
        settings.artifacts_region,
        settings.artifacts_access_key,
        settings.artifacts_secret_key.get_secret_value(),
    )


@lru_cache(maxsize=4)
def _opened(url: str, endpoint: str, region: str, access_key: str, secret_key: str) -> Storage:
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Folder(Path(unquote(parts.path)))
    from app.artifacts.bucket import Bucket  # boto3 takes a while, and only this store needs it

    return Bucket(
        parts.netloc,
        unquote(parts.path).strip("/"),
        endpoint=endpoint,
        region=region,
        access_key=access_key,
        secret_key=secret_key,
    )
