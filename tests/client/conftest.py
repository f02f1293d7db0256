"""Clients that speak for people, in front of the real application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from flask import Flask

from client import Client
from tests.client.support import isolated
from tests.support.api import make_token

Person = Callable[..., Client]
ADDRESS = "http://eucora.test"


@pytest.fixture
def person(database: Flask) -> Iterator[Person]:
    """A client that speaks for a subject, an admin; the application is called without a network."""
    with ExitStack() as opened:

        def make(subject: str, **options: Any) -> Client:
            options.setdefault("transport", httpx.WSGITransport(isolated(database)))
            return opened.enter_context(Client(ADDRESS, make_token(subject), **options))

        yield make


@pytest.fixture
def operator(person: Person) -> Client:
    """Who asks for deployments."""
    return person("operator")


@pytest.fixture
def colleague(person: Person) -> Client:
    """Another person, who may approve."""
    return person("colleague")
