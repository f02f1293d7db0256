"""A small fleet that has its release, and a vendor whose inventory can be made to differ."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.settings import load_settings
from tests.support.api import Api
from tests.support.drift import INSTANT, Fleet, Limit
from tests.support.jobs import Drive, Work
from tests.support.simulation import Behave, simulation


@pytest.fixture
def drift(app: Flask) -> Iterator[Behave]:
    """Have the simulated inventory differ: `drift(drift_missing=1)`; without arguments it no longer does."""
    with simulation(**INSTANT) as change:
        change()
        yield change


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[Limit]:
    """Set how many devices may differ at once: `limits(share=0.05, devices=500)`; at first, any number may."""

    def limit(share: float = 1, devices: int = 1_000_000) -> None:
        monkeypatch.setenv("EUCORA_REMEDIATION_SHARE", str(share))
        monkeypatch.setenv("EUCORA_REMEDIATION_DEVICES", str(devices))
        load_settings.cache_clear()

    limit()
    yield limit
    load_settings.cache_clear()


@pytest.fixture
def fleet(drift: Behave, limits: Limit, api: Api, drive: Drive, work: Work) -> Fleet:
    """The fleet with version 1.0 on every device."""
    made = Fleet(api, drive, work)
    made.roll_out()
    return made
