"""A device's fixed place among all devices, by which shares of a ring plan choose it. Standard library only."""

from __future__ import annotations

import hashlib

BUCKETS = 10_000


def bucket(external_id: str) -> int:
    """A device's place: SHA-256(external id) mod 10,000."""
    return int.from_bytes(hashlib.sha256(external_id.encode()).digest(), "big") % BUCKETS
