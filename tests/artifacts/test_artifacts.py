"""Artifacts over REST, in a folder and in a bucket: one suite for both kinds of store."""

from __future__ import annotations

import hashlib
import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.artifacts import checking
from app.artifacts.storage import BLOCK, Storage
from app.identity.scopes import Scopes
from tests.artifacts.conftest import Chosen
from tests.support.api import Api, deployment, make_token
from tests.support.artifacts import kept, sha256, upload
from tests.support.database import nothing_written, rows
from tests.support.http import refused

CONTENT = b'{"bomFormat": "CycloneDX"}\n'
BIG = bytes(range(256)) * 4 * 1024 * 9 + b"the end"
"""More than one part of an object, and no whole number of blocks."""
LONG = timedelta(days=2)


def test_a_content_is_stored_once_and_comes_back_as_it_was(api: Api, place: Storage) -> None:
    first = upload(api, CONTENT, query_string={"name": "sbom.json"})
    assert first.status_code == 201, first.text
    again = upload(api, CONTENT, query_string={"name": "another.json"}, content_type="text/html")
    assert again.status_code == 200
    assert again.json == first.json
    assert first.json | {"id": 0, "stored_at": ""} == {
        "id": 0,
        "sha256": sha256(CONTENT),
        "size": len(CONTENT),
        "sha1": hashlib.sha1(CONTENT).hexdigest(),
        "md5": hashlib.md5(CONTENT).hexdigest(),
        "media_type": "application/json",
        "name": "sbom.json",
        "stored_by": "tester",
        "stored_at": "",
        "content": f"/api/v1/artifacts/{sha256(CONTENT)}",
        "references": 0,
        "referred_to_by": [],
    }
    assert kept(place) == [sha256(CONTENT)]
    assert api.raw("GET", f"/artifacts/{sha256(CONTENT)}").data == CONTENT
    assert api.get(f"/artifacts/{sha256(CONTENT)}/metadata") == first.json
    assert api.get("/artifacts")["items"] == [first.json]
    stored = rows("SELECT type, actor, payload FROM events WHERE type LIKE 'artifact%'")
    assert [(row.type, row.actor, row.payload["size"]) for row in stored] == [
        ("artifact.stored", "tester", len(CONTENT))
    ]


@pytest.mark.parametrize("content", [b"", b"x", BIG, bytes(2 * 8 * 1024 * 1024)], ids=["empty", "byte", "big", "parts"])
def test_contents_of_any_size_are_whole(api: Api, place: Storage, content: bytes) -> None:
    assert upload(api, content).status_code == 201
    answer = api.raw("GET", f"/artifacts/{sha256(content)}")
    assert answer.data == content
    assert answer.content_length == len(content)
    assert checking.compare(place, _session(), reads_all=True).damaged == []


def test_a_wrong_hash_is_refused_and_nothing_is_kept(api: Api, place: Storage) -> None:
    for content in (CONTENT, BIG):
        with nothing_written():
            problem = refused(upload(api, content, under=sha256(b"else")), 422, "hash-mismatch")
        assert sha256(content) in problem["detail"]
    assert kept(place) == []
    assert place.discard_unfinished(clock.now() + LONG) == 0
    assert upload(api, CONTENT).status_code == 201
    refused(upload(api, CONTENT + b".", under=sha256(CONTENT)), 422, "hash-mismatch")
    assert api.raw("GET", f"/artifacts/{sha256(CONTENT)}").data == CONTENT


def test_a_body_that_breaks_off_keeps_nothing(api: Api, place: Storage) -> None:
    with nothing_written():
        cut = upload(api, BIG[:-1], under=sha256(BIG), environ_overrides={"CONTENT_LENGTH": str(len(BIG))})
        refused(cut, 400, "incomplete-body")
    assert kept(place) == []
    assert place.discard_unfinished(clock.now() + LONG) == 0
    assert upload(api, BIG).status_code == 201


@pytest.mark.parametrize(
    ("header", "status", "part"),
    [
        ("bytes=0-0", 206, slice(0, 1)),
        ("bytes=5-", 206, slice(5, None)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=-99999999999999999999", 206, slice(None)),
        ("bytes=3-99999999999999999999", 206, slice(3, None)),
        (f"bytes={len(BIG) - 1}-{len(BIG) - 1}", 206, slice(-1, None)),
        ("BYTES = 2-4", 206, slice(2, 5)),
        (f"bytes={len(BIG)}-", 416, None),
        ("bytes=-0", 416, None),
        ("bytes=99999999999999999999-", 416, None),
        ("bytes=0-1,5-6", 200, slice(None)),
        ("bytes=4-2", 200, slice(None)),
        ("bytes=-", 200, slice(None)),
        ("bytes=a-b", 200, slice(None)),
        ("lines=1-2", 200, slice(None)),
    ],
)
def test_ranges(api: Api, folder: Storage, header: str, status: int, part: slice | None) -> None:
    upload(api, BIG)
    _expect_range(api, header, status, part)


def test_ranges_of_a_bucket(api: Api, bucket: Storage) -> None:
    upload(api, BIG)
    for start, stop in ((5, 10), (BLOCK, len(BIG))):
        _expect_range(api, f"bytes={start}-{stop - 1}", 206, slice(start, stop))
    _expect_range(api, "bytes=-7", 206, slice(-7, None))
    _expect_range(api, f"bytes={len(BIG)}-", 416, None)


def _expect_range(api: Api, header: str, status: int, part: slice | None) -> None:
    answer = api.raw("GET", f"/artifacts/{sha256(BIG)}", headers={"Range": header})
    assert answer.status_code == status, answer.text[:200]
    if part is None:
        refused(answer, 416, "range-not-satisfiable")
        assert answer.headers["Content-Range"] == f"bytes */{len(BIG)}"
        return
    assert answer.data == BIG[part]
    start, stop, _ = part.indices(len(BIG))
    assert answer.headers.get("Content-Range") == (f"bytes {start}-{stop - 1}/{len(BIG)}" if status == 206 else None)


def test_conditions(api: Api, folder: Storage) -> None:
    upload(api, CONTENT)
    path, tag, part = f"/artifacts/{sha256(CONTENT)}", f'"{sha256(CONTENT)}"', {"Range": "bytes=0-3"}
    assert api.raw("GET", path).headers["ETag"] == tag
    assert api.raw("GET", path, headers={"If-None-Match": tag}).status_code == 304
    assert api.raw("GET", path, headers={"If-None-Match": '"else"'}).status_code == 200
    assert api.raw("GET", path, headers={**part, "If-Range": tag}).status_code == 206
    for other in ('"else"', f"W/{tag}", "Fri, 27 Nov 2026 10:00:00 GMT", ""):
        assert api.raw("GET", path, headers={**part, "If-Range": other}).status_code == 200, other
    head = api.raw("HEAD", path)
    assert (head.status_code, head.content_length, head.data) == (200, len(CONTENT), b"")
    only_new = {"If-None-Match": "*"}
    refused(upload(api, CONTENT, headers=only_new), 412, "stale-version")
    assert upload(api, b"new", headers=only_new).status_code == 201


@pytest.mark.parametrize("path", ["x", "A" * 63, "z" * 64, "sha256:" + "a" * 64, "a" * 65])
def test_a_path_that_is_no_hash(api: Api, folder: Storage, path: str) -> None:
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        answer = api.raw(method, f"/artifacts/{path}", data=b"")
        assert answer.status_code == 422, (method, answer.text)
    refused(api.raw("GET", f"/artifacts/{path}/metadata"), 422, "invalid")
    assert kept(folder) == []


def test_a_hash_in_upper_case_is_the_same(api: Api, folder: Storage) -> None:
    assert upload(api, CONTENT, under=sha256(CONTENT).upper()).status_code == 201
    assert kept(folder) == [sha256(CONTENT)]
    assert api.raw("GET", f"/artifacts/{sha256(CONTENT).upper()}").data == CONTENT


def test_unknown_artifacts(api: Api, folder: Storage) -> None:
    for method, path in (("GET", ""), ("GET", "/metadata"), ("DELETE", "")):
        refused(api.raw(method, f"/artifacts/{'0' * 64}{path}"), 404, "no-such-artifact")
    assert api.raw("HEAD", f"/artifacts/{'0' * 64}").status_code == 404


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "a\\b", "..", "x\r\nSet-Cookie: a=b", "a\0", "n" * 201])
def test_names_that_are_refused(api: Api, folder: Storage, name: str) -> None:
    with nothing_written():
        refused(upload(api, CONTENT, query_string={"name": name}), 422, "invalid")
    assert kept(folder) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", f"attachment; filename={sha256(CONTENT)}"),
        ("sbom.json", "attachment; filename=sbom.json"),
        ('a"; x="b.txt', "attachment; filename=\"a_; x=_b.txt\"; filename*=UTF-8''a%22%3B%20x%3D%22b.txt"),
        ("Prüfbericht 1.pdf", "attachment; filename=\"Pr_fbericht 1.pdf\"; filename*=UTF-8''Pr%C3%BCfbericht%201.pdf"),
    ],
)
def test_what_was_uploaded_is_never_run(api: Api, folder: Storage, name: str, expected: str) -> None:
    answer = upload(api, CONTENT, query_string={"name": name}, content_type="text/html; charset=utf-8")
    assert answer.json["media_type"] == "text/html"
    headers = api.raw("GET", f"/artifacts/{sha256(CONTENT)}").headers
    assert headers["Content-Disposition"] == expected
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("media_type", ["", "nonsense", "a/b\u00e9", "text/csv", "application/x-ndjson"])
def test_any_content_type_is_accepted(api: Api, folder: Storage, media_type: str) -> None:
    answer = upload(api, CONTENT, content_type=media_type)
    assert answer.status_code == 201, answer.text
    assert answer.json["media_type"] in (media_type, "application/octet-stream")


def test_the_limit(api: Api, chosen: Chosen, place: Storage) -> None:
    chosen(EUCORA_ARTIFACTS_LIMIT="2000")
    assert upload(api, bytes(2000)).status_code == 201
    with nothing_written():
        problem = refused(upload(api, bytes(2001)), 413, "body-too-large")
    assert "EUCORA_ARTIFACTS_LIMIT" in problem["detail"]
    assert kept(place) == [sha256(bytes(2000))]


def test_a_compressed_body_is_refused(api: Api, folder: Storage) -> None:
    refused(upload(api, CONTENT, headers={"Content-Encoding": "gzip"}), 415, "unsupported-encoding")


def test_parallel_uploads_of_one_content_are_one(place: Storage, database: Flask, token: str) -> None:
    statuses: list[int] = []
    ready = threading.Barrier(4)

    def send() -> None:
        ready.wait()
        statuses.append(upload(Api(database.test_client(), token), BIG).status_code)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 200, 200, 201]
    assert kept(place) == [sha256(BIG)]
    assert place.discard_unfinished(clock.now() + LONG) == 0
    assert [row.n for row in rows("SELECT count(*) AS n FROM events WHERE type = 'artifact.stored'")] == [1]


def test_what_nothing_refers_to_can_be_deleted(api: Api, place: Storage) -> None:
    stored = upload(api, CONTENT).json
    answer = api.raw("DELETE", f"/artifacts/{sha256(CONTENT)}")
    assert (answer.status_code, answer.json) == (200, stored)
    assert kept(place) == []
    assert api.get("/artifacts")["items"] == []
    refused(api.raw("DELETE", f"/artifacts/{sha256(CONTENT)}"), 404, "no-such-artifact")
    assert upload(api, CONTENT).status_code == 201


def test_lists(api: Api, folder: Storage) -> None:
    hashes = []
    for number in range(3):
        content = b"%d" % number
        upload(api, content, query_string={"name": f"{number % 2}.txt"})
        hashes.append(sha256(content))
    page = api.get("/artifacts?limit=2")
    assert [item["sha256"] for item in page["items"]] == [hashes[2], hashes[1]]
    assert [item["sha256"] for item in api.get(f"/artifacts?cursor={page['next']}")["items"]] == [hashes[0]]
    assert [item["sha256"] for item in api.get("/artifacts?name=0.txt&order=oldest")["items"]] == [hashes[0], hashes[2]]
    assert [item["sha256"] for item in api.get(f"/artifacts?sha256={hashes[1].upper()}")["items"]] == [hashes[1]]
    assert len(api.get("/artifacts?stored_by=TESTER")["items"]) == 3
    assert len(api.raw("GET", "/artifacts", headers={"Accept": "application/x-ndjson"}).text.splitlines()) == 3
    refused(api.raw("GET", "/artifacts?sha256=x"), 422, "invalid")


def test_a_limited_token_uploads_and_sees_no_more(api: Api, folder: Storage, database: Flask) -> None:
    api.register(50)
    assert api.post("/deployments", deployment(artifact_hash=f"sha256:{sha256(CONTENT)}"))[0] == 201
    limited = Api(database.test_client(), make_token("ci", scopes=Scopes(applications=("mail",))))
    for status in (201, 200):
        answer = upload(limited, CONTENT)
        assert (answer.status_code, answer.json["references"], answer.json["referred_to_by"]) == (status, 1, [])
    for method, path in (("GET", f"/{sha256(CONTENT)}"), ("GET", ""), ("DELETE", f"/{sha256(CONTENT)}")):
        refused(limited.raw(method, f"/artifacts{path}"), 403, "out-of-scope")
    by_device = Api(database.test_client(), make_token("agent", scopes=Scopes(device="dev-1")))
    refused(upload(by_device, b"x"), 403, "out-of-scope")


def test_a_release_protects_its_artifact(api: Api, folder: Storage) -> None:
    upload(api, CONTENT)
    api.register(50)
    status, made = api.post("/deployments", deployment(artifact_hash=f"sha256:{sha256(CONTENT)}"))
    assert status == 201, made
    assert made["artifact_stored"] is True
    problem = refused(api.raw("DELETE", f"/artifacts/{sha256(CONTENT)}"), 409, "artifact-in-use")
    assert "release vpn 1.0 on windows" in problem["detail"]
    shown = api.get(f"/artifacts/{sha256(CONTENT)}/metadata")
    assert shown["references"] == 1
    assert shown["referred_to_by"] == [{"kind": "release", "deployment_id": None, "what": "vpn 1.0 on windows"}]


def _session() -> Any:
    from app.db import db

    return db.session()
