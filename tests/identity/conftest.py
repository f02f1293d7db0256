"""The application with logins, before a real OpenID Connect server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.factory import create_app
from app.identity import attempts
from tests.support.browser import CALLBACK, Browser, people, settings
from tests.support.contract import checked
from tests.support.provider import IdentityProvider


@pytest.fixture(scope="session")
def running_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    running = IdentityProvider(tmp_path_factory.mktemp("provider"), CALLBACK)
    people(running)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def provider(running_provider: IdentityProvider) -> IdentityProvider:
    """The server, with the accounts that it had at first."""
    people(running_provider)
    return running_provider


@pytest.fixture(scope="session")
def site(app: Flask, running_provider: IdentityProvider) -> Flask:
    """The application with logins; each of its answers must be as the OpenAPI document says."""
    return checked(create_app(settings(running_provider.issuer)))


@pytest.fixture
def browser(database: Flask, site: Flask, provider: IdentityProvider) -> Iterator[Browser]:
    """A browser in which nobody is logged in, at an address that is not limited."""
    attempts._limited.clear()
    yield Browser(site)
    attempts._limited.clear()
