"""Writes docs/openapi.json, the committed copy of the OpenAPI document: `python -m ops.openapi [--check]`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from app.factory import create_app
from app.http.openapi import contract_of

COPY = Path("docs/openapi.json")
SETTINGS = {
    "EUCORA_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:9/none",
    "EUCORA_REDIS_URL": "redis://127.0.0.1:9/0",
    "EUCORA_EVENT_KEY": "0" * 64,
}
"""The settings that are required. Nothing is read from there: the document follows from the code."""


def main(arguments: Sequence[str]) -> int:
    """Write the copy, or with `--check` only say whether it is stale."""
    os.environ.update(SETTINGS)
    app = create_app()
    with app.app_context():
        text = contract_of(app).text
    if COPY.exists() and COPY.read_text() == text:
        return 0
    if "--check" in arguments:
        print(f"{COPY} is stale: run `make docs`.", file=sys.stderr)
        return 1
    COPY.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
