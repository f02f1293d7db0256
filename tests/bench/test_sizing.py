"""The table of sizes: what it says follows from its constants, and the page shows what the script prints."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from app.settings import Settings
from bench import sizing
from bench.sizing import FLEETS, Installation

PAGE = Path("docs/scaling.md").read_text()
TEN_THOUSAND = Installation(10_000, 100, hosts=1)


def test_the_page_shows_the_computed_table() -> None:
    shown = re.search(r"<!-- >>> computed by .*? -->\n(.*?)\n<!-- <<< computed -->", PAGE, re.DOTALL)
    assert shown is not None
    assert shown[1] == sizing.table()


def test_a_series_has_the_size_of_carbons_file() -> None:
    """12 bytes a point, for 3,600 + 8,640 + 43,200 + 105,120 points, after a header of 64."""
    assert sizing.series_bytes() == 64 + 12 * 160_560 == 1_926_784


def test_a_year_of_releases_keeps_reports_for_half_of_it() -> None:
    expected = 10_000 * 240 + 1_000_000 * (420 + 390 * 180 / 365)
    assert sizing.database_bytes(TEN_THOUSAND) == pytest.approx(expected)
    assert Settings.model_fields["keep_reports"].default == 180


def test_later_years_add_what_is_kept_without_end() -> None:
    assert sizing.growth_bytes(TEN_THOUSAND) == pytest.approx(1_000_000 * 420)


def test_half_of_the_online_devices_respond_by_the_median() -> None:
    """The rate falls by half in every median, so all of it together is the number of devices that are online."""
    online = 1_000_000 * 0.7 * 0.75
    assert sizing.busiest(Installation(1_000_000, 1)) * 20 * 60 / 0.6931 == pytest.approx(online, rel=1e-3)


@pytest.mark.parametrize(("smaller", "larger"), [*pairwise(FLEETS)])
def test_a_larger_fleet_needs_no_less(smaller: Installation, larger: Installation) -> None:
    for need in (sizing.database_bytes, sizing.busiest, sizing.bulk_workers, sizing.datagrams, sizing.connections):
        assert need(smaller) <= need(larger)


def test_workers_are_busy_for_half_of_the_time() -> None:
    fleet = Installation(40_000_000, 1)
    busy = sizing.busiest(fleet) * sizing.WORKER_SECONDS / sizing.bulk_workers(fleet)
    assert 0.49 < busy <= 0.5


def test_a_backlog_is_shared_by_the_workers() -> None:
    assert sizing.backlog_seconds(TEN_THOUSAND) == pytest.approx(10_000 * sizing.WORKER_SECONDS / 3)


def test_connections_are_those_of_the_pools() -> None:
    """Four gunicorn processes with a pool each, three bulk workers and the one for decisions."""
    assert 4 * Settings.model_fields["db_pool_size"].default == sizing.API_CONNECTIONS
    assert sizing.connections(TEN_THOUSAND) == 32 + 4 * 2
    assert "workers = 4" in Path("gunicorn.conf.py").read_text()


@pytest.mark.parametrize(
    ("number", "text"), [(35e6, "35 MB"), (703e6, "703 MB"), (1.93e9, "1.9 GB"), (175e9, "175 GB"), (2.4e12, "2.4 TB")]
)
def test_volumes_have_two_digits_or_are_whole(number: float, text: str) -> None:
    assert sizing.volume(number) == text
