"""A device's fixed bucket, from which the shares of a ring plan select devices. Standard library only."""

from __future__ import annotations

import hashlib

BUCKETS = 10_000


def bucket(external_id: str) -> int:
    """The bucket of a device, from 0 to 9,999: SHA-256(external id) mod 10,000."""
    return int.from_bytes(hashlib.sha256(external_id.encode()).digest(), "big") % BUCKETS
