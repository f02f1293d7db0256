"""The API behind a reverse proxy: whose headers count, and links below a path prefix."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from flask import Flask, Response, jsonify, request
from werkzeug.test import Client

from app.addresses import networks
from app.http.proxies import TrustedProxies
from app.settings import Settings
from client import Client as ApiClient
from tests.support.api import make_token
from tests.support.database import empty
from tests.support.proxy import Proxy, proxy
from tests.support.serving import Served, serving

PREFIX = "/fleet/eucora"
NGINX = Path("ops/proxy/nginx.conf")
HEADERS = {
    "X-Forwarded-For": "198.51.100.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "control.example.org",
    "X-Forwarded-Prefix": PREFIX,
}


def seen(peer: str, trusted: str, headers: dict[str, str]) -> dict[str, str]:
    """What an application sees of a request from `peer` that has these headers."""
    application = Flask("echo")

    @application.get("/")
    def echo() -> Response:
        return jsonify(client=request.remote_addr, url=request.url, root=request.script_root)

    caller = Client(TrustedProxies(application.wsgi_app, networks(trusted)))
    answer = caller.get("/", headers=headers, environ_overrides={"REMOTE_ADDR": peer})
    found: dict[str, str] = answer.get_json()
    return found


@pytest.mark.parametrize("peer", ["10.1.2.3", "::ffff:10.1.2.3", "fd00::5"])
def test_a_trusted_proxys_headers_count(peer: str) -> None:
    assert seen(peer, "10.0.0.0/8, fd00::/8", HEADERS) == {
        "client": "198.51.100.7",
        "url": f"https://control.example.org{PREFIX}/",
        "root": PREFIX,
    }


@pytest.mark.parametrize("peer", ["192.0.2.1", "::1", ""])
def test_headers_from_elsewhere_do_not_count(peer: str) -> None:
    assert seen(peer, "10.0.0.0/8", HEADERS) == {"client": peer, "url": "http://localhost/", "root": ""}


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("198.51.100.7, 10.9.9.9", "198.51.100.7"),
        ("1.1.1.1, 198.51.100.7, 10.9.9.9, 10.8.8.8", "198.51.100.7"),  # what the client wrote itself does not count
        ("10.9.9.9", "10.9.9.9"),
        ("10.9.9.9, 10.8.8.8", "10.9.9.9"),
    ],
)
def test_the_client_is_the_last_address_that_is_no_proxy(forwarded: str, client: str) -> None:
    assert seen("10.1.2.3", "10.0.0.0/8", {"X-Forwarded-For": forwarded})["client"] == client


@pytest.mark.parametrize("prefix", ["//example.org", "/a//b", "https://example.org", "a", "/", '/"><script>', "/a?b"])
def test_a_prefix_that_is_no_path_does_not_count(prefix: str) -> None:
    assert seen("10.1.2.3", "10.0.0.0/8", {"X-Forwarded-Prefix": prefix})["root"] == ""


def test_a_scheme_is_http_or_https() -> None:
    url = seen("10.1.2.3", "10.0.0.0/8", {"X-Forwarded-Proto": "javascript"})["url"]
    assert url == "http://localhost/"


@pytest.mark.parametrize("value", ["proxy", "10.0.0.0/33", "10.1.2.3/8", "10.0.0.1;10.0.0.2"])
def test_a_setting_that_is_no_list_of_networks_is_named(
    app: Flask, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("EUCORA_TRUSTED_PROXIES", value)
    with pytest.raises(ValueError, match="trusted_proxies"):
        Settings()


# -- the real server


@pytest.fixture(scope="module")
def token(app: Flask) -> str:
    empty()
    with app.app_context():
        return make_token("tester")


@pytest.fixture(scope="module")
def api(app: Flask, token: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("api") / "log", EUCORA_TRUSTED_PROXIES="127.0.0.1") as served:
        yield served


@pytest.fixture(scope="module")
def behind(api: Served) -> Iterator[Proxy]:
    with proxy(api.url, PREFIX) as running:
        yield running


def test_the_document_names_the_prefix_as_its_server(behind: Proxy, api: Served) -> None:
    assert httpx.get(f"{behind.url}/openapi.json").json()["servers"] == [{"url": PREFIX}]
    assert httpx.get(f"{api.url}/openapi.json").json()["servers"] == [{"url": "/"}]


def test_every_part_of_the_dashboards_page_is_below_the_prefix(behind: Proxy) -> None:
    page = httpx.get(f"{behind.url}/dashboards")
    parts = re.findall(r'(?:href|src)="(.*?)"', page.text)
    assert len(parts) >= 5
    for part in parts:
        assert part.startswith(f"{PREFIX}/")
        assert httpx.get(f"http://{behind.host}{part}").status_code == 200


def test_links_and_problems_have_the_prefix(behind: Proxy, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "proxied"}
    missing = httpx.get(f"{behind.url}/api/v1/deployments/1", headers=headers)
    assert missing.json()["instance"] == f"{PREFIX}/api/v1/deployments/1"
    incident = {"severity": "P3", "title": "Behind a proxy"}
    opened = httpx.post(f"{behind.url}/api/v1/incidents", headers=headers, json=incident)
    assert opened.status_code == 201, opened.text
    link = opened.headers["Location"]
    assert link.startswith(f"{PREFIX}/api/v1/incidents/")
    assert httpx.get(f"http://{behind.host}{link}", headers=headers).status_code == 200


def test_the_bare_address_leads_below_the_prefix(behind: Proxy) -> None:
    links = httpx.get(f"{behind.url}/").json()["links"]
    assert all(link.startswith(f"{PREFIX}/") for link in links.values())
    browser = httpx.get(f"{behind.url}/", headers={"Accept": "text/html"})
    assert browser.headers["Location"] == f"{PREFIX}/dashboards"


def test_the_typed_client_works_below_a_prefix(behind: Proxy, token: str) -> None:
    with ApiClient(behind.url, token) as client:
        assert client.health.ready()["database"] == "ok"


def test_without_the_setting_the_headers_are_ignored(app: Flask, tmp_path: Path) -> None:
    """gunicorn, too, would believe a local program's `X-Forwarded-Proto`."""
    with serving(tmp_path / "log") as api:
        document = httpx.get(f"{api.url}/openapi.json", headers={**HEADERS, "Script-Name": PREFIX}).json()
        assert document["servers"] == [{"url": "/"}]


def test_the_proxy_that_we_ship_buffers_and_has_our_limits() -> None:
    """Read only; `nginx -t` is run where nginx is installed."""
    text = re.sub(r"#.*", "", NGINX.read_text())
    directives = dict(re.findall(r"^\s*([a-z_]+)\s+([^;{]+);", text, re.MULTILINE))
    assert (directives["proxy_request_buffering"], directives["proxy_buffering"]) == ("on", "on")
    limit = max(Settings.model_fields[name].default for name in ("stream_limit", "artifacts_limit"))
    assert int(directives["client_max_body_size"].removesuffix("g")) * 1024**3 == limit
    assert directives["merge_slashes"] == "off"
    assert directives["proxy_next_upstream"] == "off"
    for name in ("client_header_timeout", "client_body_timeout", "send_timeout"):
        assert int(directives[name].removesuffix("s")) <= 60
    headers = dict(re.findall(r"proxy_set_header\s+(X-Forwarded-\w+)\s+([^;]+);", text))
    assert {*headers} == {*HEADERS}
    assert text.count("{") == text.count("}")


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_nginx_accepts_it(tmp_path: Path) -> None:
    text = NGINX.read_text().replace("/etc/nginx/eucora.crt", str(tmp_path / "cert.pem"))
    text = text.replace("/etc/nginx/eucora.key", str(tmp_path / "key.pem"))
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{text}\n}}\n")
    files = ("-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem"))
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=eucora.example.org", *files]
    subprocess.run(made, check=True, capture_output=True)
    checked = subprocess.run(["nginx", "-t", "-c", str(whole)], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
