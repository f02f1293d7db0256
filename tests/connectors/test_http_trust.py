"""What the client of all vendors trusts, and with what it is trusted: authentication, secrets, proxies, CAs."""

from __future__ import annotations

import traceback
from collections.abc import Generator
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from app.connectors.protocol import ConnectorError, ErrorClass
from tests.connectors.web import IMPATIENT, LOOPBACK, Authority, FakeTime, MakeClient, Reply, failure, serve

T, P, V = ErrorClass.TRANSIENT, ErrorClass.PERMANENT, ErrorClass.POLICY_VIOLATION
SECRET = "s3cret"
BUSY = Reply(503)


class TokenAuth(httpx.Auth):
    """Asks for a token before each request, through the client that sends the request."""

    def __init__(self, url: str) -> None:
        self.url = url

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        answer = yield httpx.Request("POST", self.url, data={"client_secret": SECRET})
        if answer.status_code != 200:
            raise ConnectorError(V, "no token")
        request.headers["Authorization"] = f"Bearer {SECRET}"
        answer = yield request
        if answer.status_code == 401:
            yield request


def test_any_auth_of_httpx_serves(make_client: MakeClient) -> None:
    with serve(Reply()) as tokens, serve(BUSY, Reply(401), Reply(body=b"well")) as server:
        assert make_client(server.url, auth=TokenAuth(f"{tokens.url}/token")).get("things").text == "well"
        make_client(server.url, auth=httpx.BasicAuth("user", "pass")).get("things")
    assert [it.headers["Authorization"][:7] for it in server.seen] == ["Bearer "] * 3 + ["Basic d"]


@pytest.mark.parametrize("how", ["silent", "dropped"])
def test_a_token_that_does_not_come_leaves_the_request_unsent(make_client: MakeClient, how: str) -> None:
    with serve(Reply(how=how)) as tokens, serve() as server:
        error = failure(make_client(server.url, IMPATIENT, auth=TokenAuth(f"{tokens.url}/token")), "POST")
    assert (error.error_class, len(tokens.seen), server.seen) == (T, 3, [])
    assert f"POST {tokens.url}/token " in str(error)


def test_what_auth_raises_is_the_error(make_client: MakeClient) -> None:
    with serve(Reply(400)) as tokens, serve() as server:
        error = failure(make_client(server.url, auth=TokenAuth(f"{tokens.url}/token")))
    assert (error.error_class, str(error), len(tokens.seen), server.seen) == (V, "no token", 1, [])


def test_a_body_that_cannot_be_sent_twice_ends_a_repeated_authentication(make_client: MakeClient) -> None:
    with serve() as tokens, serve(Reply(401)) as server:
        client = make_client(server.url, auth=TokenAuth(f"{tokens.url}/token"))
        error = failure(client, "PUT", content=(part for part in [b"body"]))
    assert (error.error_class, len(server.seen)) == (P, 1)


def test_another_origin_sees_no_credentials(make_client: MakeClient) -> None:
    with serve() as server, serve() as storage:
        client = make_client(server.url, auth=httpx.BasicAuth("user", SECRET), headers={"X-Key": SECRET})
        client.get(f"{storage.url}/export?sig=1", headers={"X-Given": "1"})
        client.get(f"{server.url}/things")
    (foreign,), (own,) = storage.seen, server.seen
    assert SECRET not in str(foreign.headers)
    assert "Authorization" not in foreign.headers
    assert foreign.headers["X-Given"] == "1"
    assert (own.headers["X-Key"], own.headers["Authorization"][:5]) == (SECRET, "Basic")


@pytest.mark.parametrize(
    "body",
    [
        f"Bearer {SECRET} is unknown".encode(),
        f'{{"error": "invalid_client", "error_description": "{SECRET} is wrong\\r\\n\\u0000"}}'.encode(),
        f"<html><title>{SECRET}</title></html>".encode(),
        SECRET.encode() * 200,
    ],
)
@pytest.mark.parametrize(
    "carried",
    [
        {"headers": {"Authorization": f"Bearer {SECRET}"}},
        {"headers": {"X-Auth-Token": SECRET}},
        {"data": {"client_secret": SECRET}},
        {"json": {"password": SECRET}},
        {"secrets": [SECRET]},
    ],
)
@pytest.mark.parametrize("status", [401, 503])
def test_an_echo_is_hidden_in_errors_and_logs(
    make_client: MakeClient, carried: dict[str, Any], body: bytes, status: int
) -> None:
    with serve(Reply(status, body=body)) as server, capture_logs() as logs:
        error = failure(
            make_client(server.url), "POST", f"a/{SECRET}?key={SECRET}#{SECRET}", repeatable=True, **carried
        )
    shown = [str(error), "".join(traceback.format_exception(error)), *map(str, logs)]
    assert not [text for text in shown if SECRET in text]
    assert "***" in str(error)
    assert len(logs) == (2 if status == 503 else 0)
    assert str(error).isprintable()
    assert len(str(error)) <= 500


def test_the_clients_own_secrets_are_hidden(make_client: MakeClient) -> None:
    with serve(Reply(400, body=SECRET.encode())) as server:
        url = server.url.replace("//", f"//user:{SECRET}@")
        errors = [failure(make_client(server.url, secrets=[SECRET])), failure(make_client(url))]
    assert [str(error) for error in errors] == [f"GET {server.url}/things answered 400 Bad Request: ***"] * 2


@pytest.mark.parametrize("value", [f"Bearer {SECRET}\n", f"Bearer {SECRET}\x00", f"Bearer {SECRET}é"])
def test_a_header_that_cannot_be_sent_is_not_shown(make_client: MakeClient, value: str) -> None:
    with serve() as server:
        error = failure(make_client(server.url), headers={"Authorization": value})
    assert error.error_class is P
    assert SECRET not in "".join(traceback.format_exception(error))


def test_an_unreadable_base_url_is_not_shown(make_client: MakeClient) -> None:
    for url in (
        f"http://user:{SECRET}@[::1",
        f"ftp://user:{SECRET}@vendor.example",
        f"/{SECRET}",
        f"http://v/?{SECRET}",
    ):
        with pytest.raises(ConnectorError, match="base URL") as caught:
            make_client(url)
        assert caught.value.error_class is P
        assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_tls_trusts_the_ca_that_the_environment_names(
    make_client: MakeClient, ca: Authority, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, str(ca.bundle if name == "SSL_CERT_FILE" else ca.folder))
    with serve(tls=ca.server) as server:
        assert make_client(server.url).post("things").status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_ca_is_permanent_and_says_what_to_do(
    make_client: MakeClient, ca: Authority, fake_time: FakeTime, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca.bundle))
    with serve(tls=ca.server) as server:
        error = failure(make_client(server.url), method)
    assert (error.error_class, fake_time.slept, server.seen) == (P, [], [])
    assert "SSL_CERT_FILE" in str(error)


def test_a_host_that_does_not_speak_tls_is_transient(make_client: MakeClient, fake_time: FakeTime) -> None:
    with serve() as server:
        error = failure(make_client(server.url.replace("http:", "https:")), "POST")
    assert (error.error_class, len(fake_time.slept)) == (T, 2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SSL_CERT_FILE", "/nowhere/ca.pem"),
        ("HTTP_PROXY", f"carrier-pigeon://user:{SECRET}@proxy.example"),
        ("ALL_PROXY", f"socks5://user:{SECRET}@proxy.example"),
    ],
)
def test_an_environment_that_cannot_be_used_is_permanent(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConnectorError, match=name) as caught:
        make_client("http://vendor.example")
    assert caught.value.error_class is P
    assert SECRET not in str(caught.value)


def test_the_proxy_of_the_environment_is_used(make_client: MakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(Reply(body=b"by proxy")) as proxy, serve(Reply(body=b"direct")) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("//", "//user:pass@"))
        monkeypatch.setenv("NO_PROXY", LOOPBACK)
        assert make_client("http://vendor.invalid/api").get("things").text == "by proxy"
        assert make_client(server.url).get("things").text == "direct"
    (seen,) = proxy.seen
    assert seen.target == "http://vendor.invalid/api/things"
    assert seen.headers["Proxy-Authorization"].startswith("Basic ")


@pytest.mark.parametrize(("status", "error_class", "attempts"), [(407, V, 1), (403, V, 1), (502, T, 3)])
def test_a_proxy_that_refuses_a_tunnel_has_sent_nothing(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch, status: int, error_class: ErrorClass, attempts: int
) -> None:
    with serve(Reply(status, how="cut")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        error = failure(make_client("https://vendor.invalid"), "POST")
    assert (error.error_class, len(proxy.seen)) == (error_class, attempts)
    assert f"refused by the proxy: {status}" in str(error)
