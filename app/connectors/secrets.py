"""Secrets in connectors' settings: the file refers to them, `env:NAME` or `file:/path`, and never holds one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, SecretStr


def resolved(reference: object) -> str:
    """The secret that a reference names. Raises ValueError, which never repeats the value it was given."""
    if not isinstance(reference, str):
        raise ValueError("must refer to a secret: env:NAME or file:/path")
    scheme, _, place = reference.partition(":")
    if scheme == "env" and place:
        secret = os.environ.get(place, "")
        if not secret:
            raise ValueError(f"the environment variable {place} is not set or is empty")
        return secret
    if scheme == "file" and place.startswith("/"):
        try:
            secret = Path(place).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"the file {place} cannot be read: {type(error).__name__}") from error
        if not secret:
            raise ValueError(f"the file {place} is empty")
        return secret
    raise ValueError("must refer to a secret, not hold it: env:NAME or file:/absolute/path")


Secret = Annotated[SecretStr, BeforeValidator(resolved)]
"""A field of a connector's settings that is read from where the file refers to."""
