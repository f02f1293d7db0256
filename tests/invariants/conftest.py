"""The fixture that the API's tests share, and devices that behave as a test wants."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from tests.http.support import client as client

Behave = Callable[..., None]


@pytest.fixture
def behave(app: Flask) -> Iterator[Behave]:
    """Give the simulated devices and their vendor another profile, as often as it is called."""
    from app.settings import load_settings

    before = {name: os.environ.get(name) for name in ("EUCORA_SIMULATED_PROFILE", "EUCORA_SIMULATION")}

    def change(**profile: Any) -> None:
        os.environ["EUCORA_SIMULATED_PROFILE"] = json.dumps(profile)
        os.environ["EUCORA_SIMULATION"] = "1"
        load_settings.cache_clear()

    yield change
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    load_settings.cache_clear()
