"""Simulated devices and a simulated vendor that behave as a test wants."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from app.connectors.protocol import Connector
from app.connectors.simulated.connector import SimulatedConnector
from app.connectors.simulated.profile import SimulatedProfile
from app.settings import load_settings

Behave = Callable[..., None]
"""`behave(failure=0.1, ...)`: from now on with this profile."""
CONNECTORS = ("simulated", "second")


class Vendors(Mapping[str, Connector]):
    """Two simulated connectors, always with the present profile."""

    def __getitem__(self, name: str) -> Connector:
        settings = load_settings()
        return SimulatedConnector(SimulatedProfile(**settings.simulated_profile), settings.simulation, name)

    def __iter__(self) -> Iterator[str]:
        return iter(CONNECTORS)

    def __len__(self) -> int:
        return len(CONNECTORS)


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
