"""A folder as the store: `9f/9f86d0…`, on a disk that every host with an API or a worker sees."""

from __future__ import annotations

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import structlog

from app.artifacts import hashes
from app.artifacts.errors import StoreFull, StoreUnavailable
from app.artifacts.stored import Stored

log = structlog.get_logger()

INCOMING = "incoming"
"""The folder of what is being written; on the same file system, so that keeping it is a rename."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Folder:
    """Contents as files, in a folder for each of the first two digits."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __str__(self) -> str:
        return str(self.root)

    def begin(self, sha256: str, size: int | None) -> _File:
        """A new file beside the others."""
        incoming = self.root / INCOMING
        with _faults(self.root):
            incoming.mkdir(parents=True, exist_ok=True)
            if size is not None and shutil.disk_usage(incoming).free < size:
                raise StoreFull(f"The disk of {self.root} has less than {size} bytes left; nothing was stored.")
            return _File(self.root, incoming / uuid.uuid4().hex, self._path(sha256))

    def size(self, sha256: str) -> int | None:
        """The size of the file."""
        with _faults(self.root):
            try:
                return self._path(sha256).stat().st_size
            except FileNotFoundError:
                return None

    def open(self, sha256: str, start: int, stop: int) -> BinaryIO | None:
        """The file, at the place where the part begins."""
        del stop
        with _faults(self.root):
            try:
                stream = self._path(sha256).open("rb")
            except FileNotFoundError:
                return None
            stream.seek(start)
            return stream

    def delete(self, sha256: str) -> None:
        """Delete the file."""
        with _faults(self.root):
            self._path(sha256).unlink(missing_ok=True)

    def contents(self) -> Iterator[Stored]:
        """Every file whose name is a hash; there is nothing before the first upload."""
        with _faults(self.root):
            folders = sorted(self.root.glob("[0-9a-f][0-9a-f]"))
        for folder in folders:
            with _faults(self.root):
                found = [self._stored(file) for file in sorted(folder.iterdir()) if hashes.written(file.name)]
            yield from (each for each in found if each is not None)

    def discard_unfinished(self, before: datetime) -> int:
        """Delete what programs that were killed left behind."""
        gone = 0
        with _faults(self.root):
            for file in (self.root / INCOMING).glob("*"):
                with suppress(FileNotFoundError):  # it was kept or discarded meanwhile
                    if file.stat().st_mtime < before.timestamp():
                        file.unlink()
                        gone += 1
        return gone

    def prepare(self) -> None:
        """Create the folder."""
        with _faults(self.root):
            (self.root / INCOMING).mkdir(parents=True, exist_ok=True)

    def _path(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256

    def _stored(self, file: Path) -> Stored | None:
        try:
            status = file.stat()
        except FileNotFoundError:  # deleted meanwhile
            return None
        return Stored(file.name, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))


class _File:
    """A file that gets its name when it is kept."""

    def __init__(self, root: Path, temporary: Path, place: Path) -> None:
        self._root, self._temporary, self._place = root, temporary, place
        self._stream = os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "wb")

    def write(self, data: bytes) -> None:
        """Append to the file."""
        with _faults(self._root):
            self._stream.write(data)

    def keep(self) -> None:
        """Have the disk hold all of it, then name it."""
        with _faults(self._root):
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
            self._place.parent.mkdir(exist_ok=True)
            self._temporary.replace(self._place)
            for folder in (self._place.parent, self._root):
                _sync(folder)

    def close(self) -> None:
        """Delete the file unless it has its name."""
        for step in (self._stream.close, lambda: self._temporary.unlink(missing_ok=True)):
            try:
                step()
            except OSError as error:  # on a full disk, closing writes what is left in the buffer
                log.debug("unfinished artifact", file=str(self._temporary), reason=str(error))


def _sync(folder: Path) -> None:
    """Have the disk hold the folder's entries."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _faults(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            detail = f"The disk of {root} is full; nothing was stored. Free some space, then try again."
            raise StoreFull(detail) from error
        log.error("store of artifacts", folder=str(root), exc_info=error)
        reason = error.strerror or type(error).__name__
        raise StoreUnavailable(f"The folder of artifacts cannot be used: {reason}. Try again shortly.") from error
