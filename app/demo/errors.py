"""How the demonstration fails."""

from __future__ import annotations


class DemoFailed(Exception):
    """The demonstration could not be carried to its end; the message says why."""
