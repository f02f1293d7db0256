"""Packages: what they may contain, how they change, and what a deployment does with them."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from app.db import db
from tests.support.agents import EDGE, configured, packaged
from tests.support.api import deployment
from tests.support.database import nothing_written, rows
from tests.support.http import Client, refused
from tests.support.jobs import Drive

PATH = f"/applications/gateway/releases/1.0/packages/{EDGE}"
GATE = {"target": 0.5, "min_reported": 1, "min_coverage": 0.5, "soak_seconds": 0, "error_ceiling": 0.6}


@pytest.fixture(autouse=True)
def edge(database: Flask, tmp_path: Path) -> Iterator[None]:
    with configured(tmp_path):
        yield


def uploaded(client: Client, content: bytes, name: str = "file.swu") -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    assert client.raw("PUT", f"/artifacts/{sha256}?name={name}", data=content).status_code in (200, 201)
    return sha256


def put(client: Client, content: Any, path: str = PATH, **headers: str) -> Any:
    return client.raw("PUT", path, json=content, headers={name.replace("_", "-"): headers[name] for name in headers})


def asked(artifact_hash: str, version: str = "1.0", **more: Any) -> dict[str, Any]:
    return deployment(application="gateway", version=version, platform="linux", artifact_hash=artifact_hash, **more)


def register(client: Client, connector: str = EDGE, count: int = 3) -> None:
    devices = [{"external_id": f"{connector}-{n}", "platform": "linux", "connector": connector} for n in range(count)]
    assert client.post("/devices", devices)[0] == 200


def test_a_package_is_stored_and_every_change_is_kept(client: Client) -> None:
    one, two = uploaded(client, b"one", "one.swu"), uploaded(client, b"two", "two.swu")
    first = put(client, {"files": [{"sha256": one}]})
    assert (first.status_code, first.json["version"]) == (201, 1)
    (file,) = first.json["files"]
    assert (file["name"], file["size"], file["sha1"]) == ("one.swu", 3, hashlib.sha1(b"one").hexdigest())
    same = put(client, {"files": [{"sha256": one}]})
    assert (same.status_code, same.json) == (200, first.json)
    second = put(client, {"files": [{"sha256": two, "name": "gateway.swu"}], "part": "bApp"})
    assert (second.status_code, second.json["version"], second.json["files"][0]["name"]) == (201, 2, "gateway.swu")
    assert client.get(PATH) == second.json
    assert client.get(f"{PATH}?number=1") == first.json
    listed = client.get("/applications/gateway/releases/1.0/packages")["items"]
    assert listed == [second.json, first.json]
    assert client.get("/applications/gateway/releases/1.0/packages?newest=true")["items"] == [second.json]


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"files": [{"sha256": "x"}]}, "files.0.sha256"),
        ({"files": [{"sha256": "a" * 64, "name": "../x"}]}, "files.0.name"),
        ({"files": [{"sha256": "a" * 64, "name": "a b"}]}, "files.0.name"),
        ({"file": []}, "file"),
        ({"part": "kernel"}, "part"),
        ({"files": [{"sha256": "a" * 64}]}, "files.0.sha256"),
    ],
)
def test_a_content_that_the_connector_cannot_use_is_refused(client: Client, content: Any, field: str) -> None:
    with nothing_written():
        refused(put(client, content), 422, "invalid-package", field)


def test_a_kind_that_needs_nothing_takes_nothing(client: Client) -> None:
    path = PATH.replace(EDGE, "simulated")
    assert put(client, {}, path).status_code == 201
    refused(put(client, {"files": []}, path), 422, "invalid-package", "files")
    refused(put(client, {}, PATH.replace(EDGE, "nowhere")), 404, "no-such-connector")
    refused(client.raw("GET", PATH), 404, "no-such-package")


def test_a_change_is_based_on_what_was_read(client: Client) -> None:
    one, two = uploaded(client, b"one"), uploaded(client, b"two")
    assert put(client, {"files": [{"sha256": one}]}, If_None_Match="*").status_code == 201
    refused(put(client, {"files": [{"sha256": two}]}, If_None_Match="*"), 412, "stale-version")
    refused(put(client, {"files": [{"sha256": two}]}, If_Match='"7"'), 412, "stale-version")
    assert put(client, {"files": [{"sha256": two}]}, If_Match='"1"').json["version"] == 2


def test_without_files_it_is_the_file_of_the_release(client: Client) -> None:
    register(client)
    sha256 = uploaded(client, b"the release", "release.swu")
    assert put(client, {}).json["files"] == []
    status, body = client.post("/deployments", asked(f"sha256:{sha256}"))
    assert status == 201, body
    assert [file["name"] for file in put(client, {}).json["files"]] == ["release.swu"]


def test_a_platforms_own_package_goes_first(client: Client, drive: Drive) -> None:
    register(client)
    general, own = uploaded(client, b"general"), uploaded(client, b"for linux")
    put(client, {"files": [{"sha256": general}]})
    assert put(client, {"files": [{"sha256": own}]}, f"{PATH}?platform=linux").json["version"] == 1
    put(client, {"files": [{"sha256": general}]}, f"{PATH}?platform=windows")
    assert client.post("/deployments", asked(f"sha256:{general}"))[0] == 201
    drive(5)
    (row,) = rows("SELECT DISTINCT files->0->>'sha256' AS sha256 FROM pull_instructions")
    assert row.sha256 == own


def test_a_deployment_without_a_package_is_refused_unless_it_leaves_those_devices_out(client: Client) -> None:
    register(client)
    register(client, "simulated", 2)
    sha256 = "sha256:" + "a" * 64
    for query in ("", "?dry_run=true"):
        answer = client.raw("POST", f"/deployments{query}", json=asked(sha256))
        body = refused(answer, 422, "unpackaged-devices", "scope")
        assert "edge (3 devices)" in body["detail"]
    assert client.get("/deployments")["items"] == []
    status, body = client.post("/deployments", asked(sha256, skip_unpackaged=True))
    assert status == 201
    assert body["scope"]["exclude_connectors"] == [EDGE]


def test_devices_that_are_not_in_the_scope_need_no_package(client: Client) -> None:
    register(client)
    register(client, "simulated", 2)
    scope = {"everyone": True, "exclude_connectors": [EDGE]}
    assert client.post("/deployments", asked("sha256:" + "a" * 64, scope=scope))[0] == 201


def test_a_deployment_keeps_the_package_that_it_had(client: Client, drive: Drive) -> None:
    register(client)
    release = packaged(client)
    assert client.post("/deployments", asked(release))[0] == 201
    newer = uploaded(client, b"newer")
    assert put(client, {"files": [{"sha256": newer}]}).json["version"] == 2
    drive(5)
    (row,) = rows("SELECT DISTINCT files->0->>'sha256' AS sha256 FROM pull_instructions")
    assert f"sha256:{row.sha256}" == release


def test_a_file_of_a_package_cannot_be_deleted(client: Client) -> None:
    packaged(client)
    sha256 = hashlib.sha256(b"gateway 1.0").hexdigest()
    answer = client.raw("DELETE", f"/artifacts/{sha256}")
    assert "package 1 of gateway 1.0 for edge" in refused(answer, 409, "artifact-in-use")["detail"]


def test_a_file_from_before_weak_hashes_were_kept_gets_them(client: Client) -> None:
    sha256 = uploaded(client, b"old")
    db.session.execute(db.text("UPDATE artifacts SET sha1 = NULL, md5 = NULL"))
    db.session.commit()
    (file,) = put(client, {"files": [{"sha256": sha256}]}).json["files"]
    assert (file["sha1"], file["md5"]) == (hashlib.sha1(b"old").hexdigest(), hashlib.md5(b"old").hexdigest())


def test_names_are_compared_in_their_one_spelling(client: Client) -> None:
    name = "Zähler (x64)"
    for form in ("NFC", "NFD"):
        written = quote(unicodedata.normalize(form, name), safe="")
        path = f"/applications/{written}/releases/5%3A4.9~rc1/packages/simulated"
        answer = put(client, {}, path)
        assert (answer.json["application"], answer.json["release"]) == (unicodedata.normalize("NFC", name), "5:4.9~rc1")
    assert len(client.get(path.rpartition("/")[0])["items"]) == 1
    refused(put(client, {}, "/applications/%20/releases/1/packages/simulated"), 422, "invalid", "application")
