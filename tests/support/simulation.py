"""Simulated devices and a simulated vendor that behave as a test wants."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app.settings import load_settings

Behave = Callable[..., None]
"""`behave(failure=0.1, ...)`: from now on with this profile."""


@contextmanager
def simulation(**always: Any) -> Iterator[Behave]:
    """Replace the simulated profile, as often as it is called, by `always` and what it is called with."""
    with pytest.MonkeyPatch.context() as environment:

        def behave(**profile: Any) -> None:
            environment.setenv("EUCORA_SIMULATED_PROFILE", json.dumps({**always, **profile}))
            environment.setenv("EUCORA_SIMULATION", "1")
            load_settings.cache_clear()

        yield behave
    load_settings.cache_clear()
