"""How a SHA-256 is written: 64 hexadecimal digits; in texts with `sha256:` before them. Standard library only."""

from __future__ import annotations

import re

PREFIX = "sha256:"
_DIGITS = re.compile("[0-9a-f]{64}")


def written(text: str) -> str | None:
    """The hash in lower case; None if the text is none."""
    lowered = text.lower()
    return lowered if _DIGITS.fullmatch(lowered) else None


def named_in(text: str) -> str | None:
    """The hash that a text such as `sha256:9f86…` consists of; None for any other text."""
    return written(text[len(PREFIX) :]) if text.lower().startswith(PREFIX) else None
