"""A connector of pulling devices, what it installs, and devices that speak the protocol."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.agents.idle import idle
from app.settings import load_settings
from tests.support.http import Client

EDGE = "edge"
CONNECTORS = """
[connectors.simulated]
kind = "simulated"

[connectors.edge]
kind = "pull"
poll_seconds = 60
poll_due_seconds = 5
"""


@contextmanager
def configured(folder: Path, extra: str = "", connectors: str = CONNECTORS) -> Iterator[None]:
    """Connectors of a file: `simulated`, and `edge`, whose devices pull; `extra` are more settings of `edge`."""
    file = folder / "connectors.toml"
    file.write_text(connectors + extra)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("EUCORA_CONNECTORS_FILE", str(file))
        load_settings.cache_clear()
        idle.forget()
        yield
    load_settings.cache_clear()


def packaged(client: Client, version: str = "1.0", application: str = "gateway", content: bytes | None = None) -> str:
    """Upload the file of a release and store its package; returns the hash of the release."""
    data = content if content is not None else f"{application} {version}".encode()
    sha256 = hashlib.sha256(data).hexdigest()
    answer = client.raw("PUT", f"/artifacts/{sha256}?name={application}-{version}.swu", data=data)
    assert answer.status_code in (200, 201), answer.text
    path = f"/applications/{application}/releases/{version}/packages/{EDGE}"
    answer = client.raw("PUT", path, json={"files": [{"sha256": sha256}]})
    assert answer.status_code in (200, 201), answer.text
    return f"sha256:{sha256}"


class Agent:
    """A device that does what a person tells it, over the protocol."""

    def __init__(self, client: Any, token: str, name: str, scheme: str = "GatewayToken", root: str = "/ddi") -> None:
        self.name, self.root = name, f"{root}/{EDGE}/controller/v1/{name}"
        self._client, self._headers = client, {"Authorization": f"{scheme} {token}"}

    def raw(self, method: str, path: str = "", **request: Any) -> Any:
        """Any request; `path` is an address, or what follows the device's own."""
        address = path if path.startswith("http") else f"{self.root}{path}"
        headers = {**self._headers, **request.pop("headers", {})}
        return self._client.open(address, method=method, headers=headers, **request)

    def poll(self) -> dict[str, Any]:
        answer = self.raw("GET", headers={"Content-Type": "application/json", "charsets": "utf-8"})
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json
        return document

    def work(self) -> dict[str, Any] | None:
        """What it is to install, if there is anything."""
        link = self.poll()["_links"].get("deploymentBase")
        if link is None:
            return None
        answer = self.raw("GET", link["href"])
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json
        return document

    def say(
        self, action: str, execution: str, finished: str = "none", *details: str, about: str = "deploymentBase"
    ) -> int:
        """Send feedback; the status of the answer."""
        body = {
            "id": int(action),
            "time": "20261126T113032",
            "status": {
                "execution": execution,
                "result": {"finished": finished, "progress": {"cnt": 0, "of": 0}},
                "details": list(details),
            },
        }
        answer = self.raw("POST", f"/{about}/{action}/feedback", json=body)
        return int(answer.status_code)

    def install(self) -> bytes | None:
        """Do all that a poll asks for, as swupdate does; what was downloaded."""
        work = self.work()
        if work is None:
            return None
        content = b""
        for artifact in work["deployment"]["chunks"][0]["artifacts"]:
            answer = self.raw("GET", artifact["_links"]["download-http"]["href"])
            assert answer.status_code == 200
            content += answer.data
            assert hashlib.sha1(answer.data).hexdigest() == artifact["hashes"]["sha1"]
            assert hashlib.sha256(answer.data).hexdigest() == artifact["hashes"]["sha256"]
            assert len(answer.data) == artifact["size"]
        assert self.say(work["id"], "proceeding") == 200
        assert self.say(work["id"], "closed", "success", "Update Installed.") == 200
        return content
