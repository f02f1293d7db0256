"""Whisper files that were cut: found by their header, and moved aside so that carbon starts new ones.

carbon can neither read nor write such a file: it drops every point of the series, and no repair can reach it. Only for
a folder on this machine (`EUCORA_WHISPER_DIR`). The format is whisper's: a header of 16 bytes with the number of
archives, then offset, step and points of each.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from pathlib import Path

_HEADER, _ARCHIVE = struct.Struct("!2LfL"), struct.Struct("!3L")
_POINT_BYTES = 12
_MOST_ARCHIVES = 100
CREATION_SECONDS = 1.0
"""carbon creates a file in several writes, within milliseconds; one that is still short after this time was cut."""


def damaged(folder: Path, wait: Callable[[float], object] = time.sleep) -> list[Path]:
    """The files below a folder that are shorter than their header says, or have no valid header."""
    short = [file for file in sorted(folder.rglob("*.wsp")) if _is_short(file)]
    if short:
        wait(CREATION_SECONDS)
    return [file for file in short if _is_short(file)]


def _is_short(file: Path) -> bool:
    try:
        with file.open("rb") as content:
            needed = _needed_bytes(content.read(_HEADER.size + _MOST_ARCHIVES * _ARCHIVE.size))
        return file.stat().st_size < needed
    except OSError:
        return False  # carbon has just removed it, or it is not ours to read


def set_aside(file: Path) -> Path:
    """Rename a file so that neither carbon nor graphite-web takes it for a series; returns its new path."""
    return file.rename(file.with_name(f"{file.name}.damaged-{int(time.time())}"))


def _needed_bytes(head: bytes) -> int:
    """The size that the header promises; more than any file has if there is no header."""
    if len(head) < _HEADER.size:
        return _HEADER.size
    count: int = _HEADER.unpack_from(head)[3]
    ends = _HEADER.size + count * _ARCHIVE.size
    if not 1 <= count <= _MOST_ARCHIVES or len(head) < ends:
        return max(ends, len(head) + 1)
    archives = (_ARCHIVE.unpack_from(head, _HEADER.size + number * _ARCHIVE.size) for number in range(count))
    return max(int(offset + points * _POINT_BYTES) for offset, _, points in archives)
