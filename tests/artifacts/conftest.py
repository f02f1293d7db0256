"""Each kind of store, empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.artifacts import storage
from app.artifacts.storage import Storage
from app.settings import load_settings
from tests.support import s3 as servers
from tests.support.s3 import S3

Chosen = Callable[..., Storage]
_buckets = iter(range(1_000_000))


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """A running S3 server, one for all tests of this process."""
    with servers.serving() as server:
        yield server


@pytest.fixture
def chosen(database: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chosen]:
    """Change settings for this test; returns the store of them."""

    def choose(**settings: str) -> Storage:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        load_settings.cache_clear()
        return storage.current()

    yield choose
    monkeypatch.undo()
    load_settings.cache_clear()


@pytest.fixture
def folder(chosen: Chosen, tmp_path: Path) -> Storage:
    """An empty folder as the store."""
    return chosen(EUCORA_ARTIFACTS_URL=(tmp_path / "store").as_uri())


@pytest.fixture
def bucket(chosen: Chosen, s3: S3) -> Storage:
    """An empty bucket as the store."""
    place = chosen(**s3.settings(f"bucket-{next(_buckets)}"))
    place.prepare()
    return place


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest) -> Storage:
    """An empty store of either kind."""
    found: Storage = request.getfixturevalue(request.param)
    return found
