"""The error of the demo."""

from __future__ import annotations


class DemoFailed(Exception):
    """The demo cannot be completed; the message says why."""
