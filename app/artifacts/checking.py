"""Comparing the rows of artifacts with the contents in the store, and removing contents that no row has."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from app.artifacts import service, storage
from app.artifacts.errors import StoreUnavailable
from app.artifacts.models import Artifact
from app.artifacts.storage import Pieces, Storage, Stored
from app.db import alone, db
from app.events.unit import SYSTEM, unit_of_work

Database = Session | Connection
ROWS = 1_000
"""Rows that are read at once."""


@dataclass
class Comparison:
    """How rows and contents differ; `missing`, `damaged` and `orphans` are hashes in order."""

    artifacts: int = 0
    size: int = 0
    missing: list[str] = field(default_factory=list)
    """Rows whose content is not there."""
    damaged: list[str] = field(default_factory=list)
    """Rows whose content has another size, or another hash if it was read."""
    orphans: list[Stored] = field(default_factory=list)
    """Contents without a row."""


def compare(place: Storage, database: Database, *, reads_all: bool = False) -> Comparison:
    """Compare every row with the store; with `reads_all`, the SHA-256 of each content too. Raises StoreUnavailable."""
    found = Comparison()
    rows, contents = _rows(database), place.contents()
    row, content = next(rows, None), next(contents, None)
    while row is not None or content is not None:
        if content is None or (row is not None and row[0] < content.sha256):
            assert row is not None  # one of the two is left
            _count(found, row)
            found.missing.append(row[0])
            row = next(rows, None)
        elif row is None or content.sha256 < row[0]:
            found.orphans.append(content)
            content = next(contents, None)
        else:
            _count(found, row)
            if row[1] != content.size or (reads_all and not _is_whole(place, content)):
                found.damaged.append(row[0])
            row, content = next(rows, None), next(contents, None)
    return found


def remove_orphans(before: datetime, is_over: Callable[[], bool] = lambda: False) -> dict[str, int]:
    """Delete contents that have been without a row since before a time, and uploads begun before it; returns how many.

    Younger ones may be of an upload that is about to add the row. Raises StoreUnavailable.
    """
    place = storage.current()
    removed = 0
    for content in compare(place, db.session()).orphans:
        if is_over():
            break
        if content.at < before:
            with alone(service.lock_of(content.sha256), wait=True):
                if not _has_row(content.sha256):
                    place.delete(content.sha256)
                    removed += 1
    gone = {"orphans": removed, "unfinished": place.discard_unfinished(before)}
    if any(gone.values()):
        with unit_of_work(SYSTEM) as unit:
            unit.record("artifacts.swept", gone)
    return gone


def _rows(database: Database) -> Iterator[tuple[str, int]]:
    """Hash and size of each row, by hash, in pages: no transaction waits for the store."""
    after = ""
    by_bytes = Artifact.sha256.collate("C")
    while True:
        statement = select(Artifact.sha256, Artifact.size).where(by_bytes > after).order_by(by_bytes).limit(ROWS)
        page = [(row.sha256, row.size) for row in database.execute(statement)]
        database.rollback()
        yield from page
        if len(page) < ROWS:
            return
        after = page[-1][0]


def _count(found: Comparison, row: tuple[str, int]) -> None:
    found.artifacts += 1
    found.size += row[1]


def _has_row(sha256: str) -> bool:
    db.session.rollback()
    known = db.session.execute(select(Artifact.id).where(Artifact.sha256 == sha256)).first() is not None
    db.session.rollback()
    return known


def _is_whole(place: Storage, content: Stored) -> bool:
    source = place.open(content.sha256, 0, content.size)
    if source is None:
        return False
    digest, pieces = hashlib.sha256(), Pieces(source, content.size, float("inf"))
    try:
        for piece in pieces:
            digest.update(piece)
    except StoreUnavailable:
        return False
    finally:
        pieces.close()
    return digest.hexdigest() == content.sha256
