"""Evidence that names artifacts by hash: what is stored, sealed, kept, and shown to auditors."""

from __future__ import annotations

from typing import Any

import pytest

from app.artifacts.storage import Storage
from tests.support.api import Api, deployment
from tests.support.approval import EVIDENCE
from tests.support.artifacts import kept, sha256, upload
from tests.support.database import statements
from tests.support.http import refused

SBOM, SCAN = b"sbom", b"scan"


def named(content: bytes) -> str:
    return f"sha256:{sha256(content)}"


@pytest.fixture
def started(api: Api, folder: Storage) -> int:
    """A deployment whose evidence names a stored SBOM, and lacks the rest."""
    upload(api, SBOM, query_string={"name": "sbom.json"})
    api.register(50)
    status, made = api.post("/deployments", deployment(evidence={"sbom": named(SBOM)}))
    assert status == 201, made
    return int(made["id"])


def documents(api: Api, number: int) -> dict[str, Any]:
    return {each["part"]: each for each in api.get(f"/deployments/{number}/evidence")["documents"]}


def put(api: Api, number: int, evidence: dict[str, str]) -> Any:
    answer = api.raw("PUT", f"/deployments/{number}/evidence", json=evidence)
    assert answer.status_code == 200, answer.text
    return answer.json


def delete(api: Api, content: bytes) -> Any:
    return api.raw("DELETE", f"/artifacts/{sha256(content)}")


def test_documents_say_what_is_stored(api: Api, started: int) -> None:
    shown = documents(api, started)
    assert shown["sbom"] == {
        "part": "sbom",
        "sha256": sha256(SBOM),
        "stored": True,
        "size": len(SBOM),
        "media_type": "application/json",
        "name": "sbom.json",
        "content": f"/api/v1/artifacts/{sha256(SBOM)}",
    }
    assert (shown["artifact"]["stored"], shown["artifact"]["content"]) == (False, None)
    assert api.raw("GET", shown["sbom"]["content"].removeprefix("/api/v1")).data == SBOM


def test_evidence_may_come_before_its_upload(api: Api, started: int) -> None:
    put(api, started, {"scan_result": named(SCAN).upper().replace("SHA256", "sha256")})
    assert documents(api, started)["scan_result"]["stored"] is False
    upload(api, SCAN)
    assert documents(api, started)["scan_result"]["stored"] is True
    assert "scan_result of deployment" in refused(delete(api, SCAN), 409, "artifact-in-use")["detail"]


def test_what_evidence_names_cannot_be_deleted(api: Api, started: int, folder: Storage) -> None:
    detail = refused(delete(api, SBOM), 409, "artifact-in-use")["detail"]
    assert f"sbom of deployment {started}" in detail
    assert kept(folder) == [sha256(SBOM)]
    put(api, started, {"scan_result": "elsewhere"})
    assert delete(api, SBOM).status_code == 200


def test_what_was_sealed_stays_although_it_was_replaced(api: Api, started: int, folder: Storage) -> None:
    assert put(api, started, {**EVIDENCE, "sbom": named(SBOM)})["evidence_hash"] is not None
    changed = put(api, started, {**EVIDENCE, "sbom": "elsewhere"})
    assert [each["part"] for each in changed["documents"]] == ["artifact", "scan_result"]
    refused(delete(api, SBOM), 409, "artifact-in-use")
    assert kept(folder) == [sha256(SBOM)]


def test_the_seal_covers_the_hashes(api: Api, started: int) -> None:
    first = put(api, started, {**EVIDENCE, "sbom": named(SBOM)})["evidence_hash"]
    second = put(api, started, {**EVIDENCE, "sbom": named(SCAN)})["evidence_hash"]
    assert first != second
    assert put(api, started, {**EVIDENCE, "sbom": named(SBOM)})["evidence_hash"] == first


def test_the_dossier_says_where_to_download(api: Api, started: int) -> None:
    content = api.get(f"/deployments/{started}/dossier")["content"]
    shown = {each["part"]: each["content"] for each in content["evidence"]["documents"]}
    assert shown == {"artifact": None, "sbom": f"/api/v1/artifacts/{sha256(SBOM)}"}
    page = api.raw("GET", f"/deployments/{started}/dossier", headers={"Accept": "text/html"}).text
    assert f"/api/v1/artifacts/{sha256(SBOM)}" in page
    assert sha256(SBOM) in page


def test_a_list_asks_as_often_however_long_it_is(api: Api, started: int) -> None:
    with statements() as few:
        api.get("/artifacts")
    for number in range(20):
        upload(api, b"%d" % number)
    with statements() as many:
        assert len(api.get("/artifacts")["items"]) == 21
    assert len(many) == len(few)
