"""Tests that need IPv6, which some containers do not have."""

from __future__ import annotations

import pytest

from app.addresses import to_listen_on


def _is_there() -> bool:
    try:
        return to_listen_on("::1") == "::1"
    except OSError:
        return False


needs_ipv6 = pytest.mark.skipif(not _is_there(), reason="this machine has no IPv6")
