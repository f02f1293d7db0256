"""Secrets in the settings of connectors: the file refers to them (`env:NAME`, `file:/path`) and never contains one.

For the author of a new vendor: declare each secret as `Secret`. Its value is read once, when the program starts;
`get_secret_value()` returns it. Pass it to nothing that could log it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, SecretStr

_NOT_A_REFERENCE = "must refer to a secret instead of containing it: env:NAME or file:/absolute/path"


def resolved(reference: object) -> str:
    """The secret that a reference names, without a trailing line break.

    Raises ValueError, whose message never repeats the value that it was given.
    """
    if not isinstance(reference, str):
        raise ValueError(_NOT_A_REFERENCE)
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
    raise ValueError(_NOT_A_REFERENCE)


Secret = Annotated[SecretStr, BeforeValidator(resolved)]
"""A field whose value is read from the place that the file refers to. Printing it shows asterisks."""
