"""PostgreSQL and Redis by URL: several hosts, TLS, and passwords that are never shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask import Flask

from app.doctor import services
from app.doctor.check import CheckContext, CheckState
from ops.local.stack import Stack
from tests.support.tls import at_once, certificate, needs_openssl, tls, when_asked

Make = Callable[..., CheckContext]
Certificates = tuple[Path, Path]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def folder(stack: Stack) -> str:
    """PostgreSQL's socket folder."""
    return parse_qs(urlsplit(stack.environment()["EUCORA_DATABASE_URL"]).query)["host"][0]


def test_the_first_host_that_works_is_used(app: Flask, context: Make, closed: int, folder: str) -> None:
    several = f"postgresql+psycopg://eucora_app:hidden@/eucora?host=127.0.0.1,{quote(folder)}&port={closed},5432"
    result = services.database(context(database_url=f"{several}&target_session_attrs=read-write"))
    assert result.state is CheckState.OK, result
    assert f"at {folder}" in result.detail
    assert "without TLS" in result.detail
    assert "hidden" not in result.detail
    only_standby = services.database(context(database_url=f"{several}&target_session_attrs=standby"))
    assert only_standby.state is CheckState.FAIL


@pytest.fixture
def postgres(folder: str, certificates: Certificates) -> Iterator[int]:
    with tls(*certificates, Path(folder) / ".s.PGSQL.5432", when_asked) as port:
        yield port


@needs_openssl
def test_postgresql_over_tls(app: Flask, context: Make, postgres: int, certificates: Certificates) -> None:
    url = f"postgresql+psycopg://eucora_app:hidden@127.0.0.1:{postgres}/eucora?sslmode=verify-full"
    result = services.database(context(database_url=f"{url}&sslrootcert={quote(str(certificates[0]))}"))
    assert result.state is CheckState.OK, result
    assert f"at 127.0.0.1:{postgres} with TLS" in result.detail
    assert "hidden" not in result.detail
    assert (
        services.migrations(context(database_url=f"{url}&sslrootcert={quote(str(certificates[0]))}")).state
        is CheckState.OK
    )


@needs_openssl
def test_a_certificate_of_somebody_else_is_refused(app: Flask, context: Make, postgres: int, tmp_path: Path) -> None:
    other, _ = certificate(tmp_path, "other")
    url = f"postgresql+psycopg://eucora_app@127.0.0.1:{postgres}/eucora?sslmode=verify-full"
    result = services.database(context(database_url=f"{url}&sslrootcert={quote(str(other))}"))
    assert result.state is CheckState.FAIL
    assert "certificate verify failed" in result.detail


@needs_openssl
def test_redis_over_tls(app: Flask, context: Make, stack: Stack, certificates: Certificates, tmp_path: Path) -> None:
    other, _ = certificate(tmp_path, "other")
    with tls(*certificates, stack.layout.redis_socket, at_once) as port:
        url = f"rediss://127.0.0.1:{port}/0?ssl_ca_certs="
        result = services.redis(context(redis_url=f"{url}{certificates[0]}"))
        assert result.state is CheckState.OK, result
        assert f"at 127.0.0.1:{port} with TLS" in result.detail
        assert services.queues(context(redis_url=f"{url}{certificates[0]}")).state is CheckState.OK
        refused = services.redis(context(redis_url=f"{url}{other}"))
        assert refused.state is CheckState.FAIL
        assert "certificate verify failed" in refused.detail


def test_a_password_of_redis_is_not_shown(context: Make, closed: int) -> None:
    result = services.redis(context(redis_url=f"redis://:hidden@127.0.0.1:{closed}/0"))
    assert result.state is CheckState.FAIL
    assert "hidden" not in f"{result.detail}{result.fix}"
    assert f"127.0.0.1:{closed}" in result.detail
