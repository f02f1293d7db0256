"""Properties are checked on the same examples in every run, without a time limit that a busy machine would break."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("repeatable", max_examples=60, derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")
