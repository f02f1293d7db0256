"""A small fleet that has its release, and a vendor whose inventory can be made to differ."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.support.api import Api
from tests.support.drift import INSTANT, Fleet
from tests.support.jobs import Drive, Work
from tests.support.simulation import Behave, simulation


@pytest.fixture
def drift(app: Flask) -> Iterator[Behave]:
    """Have the simulated inventory differ: `drift(drift_missing=1)`; without arguments it no longer does."""
    with simulation(**INSTANT) as change:
        change()
        yield change


@pytest.fixture
def fleet(drift: Behave, api: Api, drive: Drive, work: Work) -> Fleet:
    """The fleet with version 1.0 on every device."""
    made = Fleet(api, drive, work)
    made.roll_out()
    return made
