"""The hash that links each event to the one before it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

GENESIS = bytes(32)
"""The previous hash of the first event."""


def canonical(value: Mapping[str, Any]) -> bytes:
    """JSON in the canonical form that is hashed: sorted keys, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def link(
    key: bytes,
    previous: bytes,
    *,
    id: int,
    at: datetime,
    type: str,
    actor: str,
    deployment_id: int | None,
    payload: Mapping[str, Any],
) -> bytes:
    """HMAC-SHA-256 over the previous hash and the event's own content: 32 bytes."""
    content = canonical(
        {
            "id": id,
            "at": at.isoformat(timespec="microseconds"),
            "type": type,
            "actor": actor,
            "deployment_id": deployment_id,
            "payload": payload,
        }
    )
    return hmac.new(key, previous + content, hashlib.sha256).digest()
