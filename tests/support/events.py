"""Server-sent events, as readers see them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any


def blocks(lines: Iterable[str]) -> Iterable[dict[str, str]]:
    """The fields of each block, as its empty line arrives; comments have the name ''."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        else:
            yield fields
            fields = {}


def events(text: str) -> list[dict[str, Any]]:
    """The data of every event in a whole stream."""
    return [json.loads(block["data"]) for block in blocks(text.splitlines()) if "data" in block]
