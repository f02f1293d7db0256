"""Why a backup or a restore did not happen, for people: what is wrong and what to do."""

from __future__ import annotations


class BackupError(Exception):
    """A message for people."""
