"""What the doctor checks: the running stack, or that stack with some ports closed."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from app.doctor.check import CheckContext
from app.settings import Settings, load_settings
from ops.local.stack import Stack


@pytest.fixture(scope="module")
def closed() -> Iterator[int]:
    """A port on which nobody listens, by UDP or TCP, and nobody else will."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
        tcp.bind(("127.0.0.1", 0))
        yield tcp.getsockname()[1]


@pytest.fixture(scope="module")
def settings(stack: Stack) -> Settings:
    """The running stack's."""
    load_settings.cache_clear()
    return Settings()


@pytest.fixture
def context(settings: Settings) -> Callable[..., CheckContext]:
    """The stack, with some settings replaced."""

    def make(patience: float = 1.0, **changes: object) -> CheckContext:
        if "redis_url" in changes:
            changes["redis_url"] = SecretStr(str(changes["redis_url"]))
        return CheckContext(settings.model_copy(update=changes), patience)

    return make
