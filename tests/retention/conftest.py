"""Settings of retention, and the job."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Keep = Callable[..., None]
"""`keep(reports=30, events=None)`: set the days that something is kept, or keep it without end."""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """The folder of archives."""
    return tmp_path / "archive"


@pytest.fixture
def keep(archive: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keep]:
    from app.settings import load_settings

    def set_days(**days: int | None) -> None:
        monkeypatch.setenv("EUCORA_EVENT_ARCHIVE_DIR", str(archive))
        for what, number in days.items():
            monkeypatch.setenv(f"EUCORA_KEEP_{what.upper()}", str(number or ""))
        load_settings.cache_clear()

    yield set_days
    monkeypatch.undo()
    load_settings.cache_clear()
