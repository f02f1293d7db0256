"""Byte ranges (RFC 9110, section 14): one is honoured, several and unknown ones are not. Standard library only."""

from __future__ import annotations

import re

_RANGE = re.compile(r"bytes[ \t]*=[ \t,]*([0-9]*)-([0-9]*)[ \t,]*", re.IGNORECASE)
_MOST_DIGITS = 18


class Unsatisfiable(ValueError):
    """The range begins after the end."""


def selected(header: str | None, size: int) -> tuple[int, int] | None:
    """The part (start, stop) that a Range header asks for; None: all of it. Raises Unsatisfiable.

    A header that is malformed, has another unit or names several ranges is ignored, as the RFC allows.
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None:
        return None
    first, last = (_number(digits) for digits in match.groups())
    if first is None:
        return None if last is None else _suffix(last, size)
    if last is not None and last < first:
        return None
    if first >= size:
        raise Unsatisfiable
    return first, size if last is None else min(last + 1, size)


def _suffix(length: int, size: int) -> tuple[int, int]:
    if length == 0 or size == 0:
        raise Unsatisfiable
    return max(0, size - length), size


def _number(digits: str) -> int | None:
    """The number; one that no content reaches is as good as the largest."""
    return int(digits) if 0 < len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS if digits else None
