"""Closed sets of words that rules, tables, requests and metrics share, each spelt once. Standard library only."""

from __future__ import annotations

from enum import StrEnum

RING_KEYS = ("lab", "canary", "pilot", "department", "global", "ring_6", "ring_7", "ring_8", "ring_9")
"""The keys of rings: what metric paths call them, whatever their names. `rules.ring_keys` gives each ring its own."""


class Severity(StrEnum):
    """Of an incident, the worst first."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


class Platform(StrEnum):
    """Operating systems of endpoints."""

    WINDOWS = "windows"
    MACOS = "macos"
    LINUX = "linux"
    IOS = "ios"
    ANDROID = "android"


class SiteClass(StrEnum):
    """How well a device's site is connected."""

    ONLINE = "online"
    INTERMITTENT = "intermittent"
    AIR_GAPPED = "air_gapped"


class DriftKind(StrEnum):
    """How a device differs from what was decided."""

    MISSING = "missing"
    EXTRA = "extra"
    VERSION = "version"
    SCOPE = "scope"
