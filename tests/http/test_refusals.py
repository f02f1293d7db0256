"""Every refusal is a problem document, and nothing was half-written."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from app.settings import load_settings
from tests.support.api import ARTIFACT, deployment
from tests.support.database import nothing_written
from tests.support.http import Client, refused

JSON = "application/json"
Cases = list[tuple[dict[str, Any], str]]
OBJECT_PATHS = ("/deployments", "/deployments/1/pause", "/deployments/1/resume", "/deployments/1/abort")
LIST_PATHS = ("/devices", "/reports")
NUL = "a\0b"
DEVICE = {"external_id": "one-more", "platform": "windows", "connector": "simulated"}
FULL = """
    CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
    CREATE TRIGGER full_disk BEFORE INSERT ON devices EXECUTE FUNCTION full_disk();
"""


@pytest.fixture
def running(client: Client) -> Client:
    """A client with devices and a deployment, so that there is something to break."""
    client.register(10)
    client.deploy()
    return client


def test_malformed_json_is_refused(running: Client, subtests: pytest.Subtests) -> None:
    for path in OBJECT_PATHS + LIST_PATHS:
        for body in ["{", "[1,", "nonsense", '{"a": }', "[" * 100_000, b"\xff\xfe", '{"reason": NaN']:
            with subtests.test(path=path, body=body[:20]), nothing_written():
                refused(running.raw("POST", path, data=body, content_type=JSON), 400, "malformed-json")


def test_json_that_is_no_object_is_refused(running: Client, subtests: pytest.Subtests) -> None:
    for path in OBJECT_PATHS:
        for body in ["[]", "[1]", "[{}]", "0", "7", '""', '"text"', "null", "false", "true"]:
            with subtests.test(path=path, body=body[:20]), nothing_written():
                refused(running.raw("POST", path, data=body, content_type=JSON), 422, "invalid")


def test_json_that_is_no_list_of_objects_is_refused(running: Client, subtests: pytest.Subtests) -> None:
    for path in LIST_PATHS:
        for body in ["{}", '{"a": 1}', "[]", "0", "7", '"text"', "null", "[1]", "[[]]", "[null]"]:
            with subtests.test(path=path, body=body[:20]), nothing_written():
                refused(running.raw("POST", path, data=body, content_type=JSON), 422, "invalid")


def test_an_empty_body_is_refused(running: Client, subtests: pytest.Subtests) -> None:
    for path in ["/deployments", *LIST_PATHS]:
        for request_ in [{}, {"data": "", "content_type": JSON}]:
            with subtests.test(path=path, request_=request_), nothing_written():
                refused(running.raw("POST", path, **request_), 422, "invalid")


def test_another_content_type_is_refused(running: Client, subtests: pytest.Subtests) -> None:
    for path in OBJECT_PATHS + LIST_PATHS:
        for content_type in ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""]:
            with subtests.test(path=path, content_type=content_type), nothing_written():
                answer = running.raw("POST", path, data=b'{"reason": "x"}', content_type=content_type)
                refused(answer, 415, "unsupported-media-type")


def test_lines_are_refused_where_an_object_is_due(running: Client, subtests: pytest.Subtests) -> None:
    for path in OBJECT_PATHS:
        for content_type in ["text/csv", "application/x-ndjson"]:
            with subtests.test(path=path, content_type=content_type), nothing_written():
                answer = running.raw("POST", path, data=b'{"reason": "x"}\n', content_type=content_type)
                refused(answer, 415, "unsupported-media-type")


def test_a_body_above_the_limit_is_refused(running: Client, subtests: pytest.Subtests) -> None:
    for path in OBJECT_PATHS + LIST_PATHS:
        with subtests.test(path=path):
            body = json.dumps({"reason": "x" * 1024 * 1024})
            with nothing_written():
                answer = running.raw("POST", path, data=body, content_type=JSON)
                assert "NDJSON or CSV" in refused(answer, 413, "body-too-large")["detail"]


def test_a_chunked_body_above_the_limit_is_refused(running: Client, subtests: pytest.Subtests) -> None:
    for path in OBJECT_PATHS + LIST_PATHS:
        with subtests.test(path=path), nothing_written():
            answer = running.raw(
                "POST",
                path,
                input_stream=io.BytesIO(json.dumps({"reason": "x" * 1024 * 1024}).encode()),
                content_type=JSON,
                headers={"Transfer-Encoding": "chunked"},
                environ_overrides={"wsgi.input_terminated": True},
            )
            refused(answer, 413, "body-too-large")


def test_a_chunked_body_below_the_limit_is_taken(client: Client) -> None:
    answer = client.raw(
        "POST",
        "/deployments",
        input_stream=io.BytesIO(json.dumps(deployment()).encode()),
        content_type=JSON,
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 201


def test_an_upload_above_its_limit_is_refused_before_it_is_read(client: Client, subtests: pytest.Subtests) -> None:
    for path in LIST_PATHS:
        for content_type in ["text/csv", "application/x-ndjson"]:
            with subtests.test(path=path, content_type=content_type), nothing_written():
                answer = client.raw(
                    "POST",
                    path,
                    input_stream=io.BytesIO(b""),
                    content_type=content_type,
                    environ_overrides={"CONTENT_LENGTH": str(256 * 1024 * 1024 + 1)},
                )
                refused(answer, 413, "body-too-large")


def test_a_chunked_upload_above_its_limit_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.settings import load_settings

    monkeypatch.setenv("EUCORA_STREAM_LIMIT", "1024")
    load_settings.cache_clear()
    try:
        with nothing_written():
            answer = client.raw(
                "POST",
                "/devices",
                input_stream=io.BytesIO(b'{"external_id": "d"}\n' * 200),
                content_type="application/x-ndjson",
                headers={"Transfer-Encoding": "chunked"},
                environ_overrides={"wsgi.input_terminated": True},
            )
            refused(answer, 413, "body-too-large")
    finally:
        monkeypatch.undo()
        load_settings.cache_clear()


def test_a_wrong_field_of_a_deployment_is_named(running: Client, subtests: pytest.Subtests) -> None:
    cases: Cases = [
        ({"application": 5}, "application"),
        ({"application": None}, "application"),
        ({"application": ["vpn"]}, "application"),
        ({"application": ""}, "application"),
        ({"application": "x" * 101}, "application"),
        ({"application": NUL}, "application"),
        ({"application": "two\nlines"}, "application"),
        ({"application": "..."}, "application"),
        ({"version": "1.0\u200b"}, "version"),
        ({"version": {}}, "version"),
        ({"platform": "beos"}, "platform"),
        ({"platform": 1}, "platform"),
        ({"artifact_hash": "md5:1"}, "artifact_hash"),
        ({"artifact_hash": ARTIFACT.upper()}, "artifact_hash"),
        ({"plan": 3}, "plan"),
        ({"scope": []}, "scope"),
        ({"scope": {"tags": "lab"}}, "scope.tags"),
        ({"scope": {"tags": [1]}}, "scope.tags.0"),
        ({"scope": {"site_classes": ["moon"]}}, "scope.site_classes.0"),
        ({"scope": {"business_units": [NUL]}}, "scope.business_units.0"),
        ({"scope": {"platform": "windows"}}, "scope.platform"),
        ({"colour": "red"}, "colour"),
    ]
    for change, field in cases:
        with subtests.test(change=change, field=field), nothing_written():
            refused(running.raw("POST", "/deployments", json=deployment(**change)), 422, "invalid", field)


def test_a_missing_field_of_a_deployment_is_named(client: Client, subtests: pytest.Subtests) -> None:
    for missing in ["application", "version", "platform", "artifact_hash"]:
        with subtests.test(missing=missing):
            body = {name: value for name, value in deployment().items() if name != missing}
            with nothing_written():
                refused(client.raw("POST", "/deployments", json=body), 422, "invalid", missing)


def test_a_wrong_field_of_a_decision_is_named(running: Client, subtests: pytest.Subtests) -> None:
    for decision in ["pause", "resume", "abort"]:
        for body, field in [
            ({"reason": 5}, "reason"),
            ({"reason": ["x"]}, "reason"),
            ({"reason": "x" * 501}, "reason"),
            ({"reason": NUL}, "reason"),
            ({"reason": "\x1b[2J"}, "reason"),
            ({"why": "x"}, "why"),
        ]:
            with subtests.test(decision=decision, body=body, field=field), nothing_written():
                refused(running.raw("POST", f"/deployments/1/{decision}", json=body), 422, "invalid", field)


def test_a_lone_surrogate_is_refused(running: Client) -> None:
    with nothing_written():
        answer = running.raw("POST", "/deployments/1/pause", data='{"reason": "\\ud800"}', content_type=JSON)
        refused(answer, 422, "invalid", "reason")


def test_a_wrong_field_of_a_device_is_named_with_its_place(client: Client, subtests: pytest.Subtests) -> None:
    cases: Cases = [
        ({"external_id": ""}, "1.external_id"),
        ({"external_id": " "}, "1.external_id"),
        ({"external_id": "two\nlines"}, "1.external_id"),
        ({"external_id": "unseen\u200e"}, "1.external_id"),
        ({"external_id": "x" * 201}, "1.external_id"),
        ({"external_id": 7}, "1.external_id"),
        ({"platform": "beos"}, "1.platform"),
        ({"connector": None}, "1.connector"),
        ({"site_class": "moon"}, "1.site_class"),
        ({"business_unit": NUL}, "1.business_unit"),
        ({"business_unit": "two\nlines"}, "1.business_unit"),
        ({"business_unit": "x" * 101}, "1.business_unit"),
        ({"tags": 4}, "1.tags"),
        ({"tags": ["UPPER"]}, "1.tags.0"),
        ({"tags": ["t"] * 51}, "1.tags"),
        ({"criticality": "extreme"}, "1.criticality"),
        ({"bucket": 5}, "1.bucket"),
    ]
    for change, field in cases:
        with subtests.test(change=change, field=field):
            good = {"external_id": "good", "platform": "windows", "connector": "simulated"}
            with nothing_written():
                answer = client.raw("POST", "/devices", json=[good, {**good, "external_id": "other", **change}])
                refused(answer, 422, "invalid", field)


def test_a_wrong_field_of_a_report_is_named_with_its_place(running: Client, subtests: pytest.Subtests) -> None:
    cases: Cases = [
        ({"deployment_id": "x"}, "1.deployment_id"),
        ({"deployment_id": 0}, "1.deployment_id"),
        ({"deployment_id": 10**30}, "1.deployment_id"),
        ({"external_id": None}, "1.external_id"),
        ({"sequence": 0}, "1.sequence"),
        ({"sequence": 1.5}, "1.sequence"),
        ({"sequence": 2**62}, "1.sequence"),
        ({"outcome": "dispatched"}, "1.outcome"),
        ({"outcome": "cancelled"}, "1.outcome"),
        ({"outcome": 1}, "1.outcome"),
        ({"reason": "Not A Slug"}, "1.reason"),
        ({"occurred_at": "yesterday"}, "1.occurred_at"),
        ({"occurred_at": "2030-01-01T00:00:00"}, "1.occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "1.occurred_at"),
        ({"occurred_at": "9999-12-31T23:59:59-12:00"}, "1.occurred_at"),
        ({"source": "someone"}, "1.source"),
    ]
    for change, field in cases:
        with subtests.test(change=change, field=field):
            good = {"deployment_id": 1, "external_id": "dev-00001", "sequence": 1, "outcome": "succeeded"}
            with nothing_written():
                refused(running.raw("POST", "/reports", json=[good, {**good, **change}]), 422, "invalid", field)


def test_a_bad_page_is_refused(running: Client, subtests: pytest.Subtests) -> None:
    for path in [
        "/devices",
        "/deployments",
        "/deployments/1/events",
        "/deployments/1/gates",
        "/deployments/1/assignments",
    ]:
        for query, field in [
            ("limit=0", "limit"),
            ("limit=-1", "limit"),
            ("limit=501", "limit"),
            ("limit=abc", "limit"),
            ("limit=", "limit"),
            ("limit=1.5", "limit"),
            ("cursor=-1", "cursor"),
            ("cursor=x", "cursor"),
            ("cursor=99999999999999999999", "cursor"),
        ]:
            with subtests.test(path=path, query=query, field=field):
                refused(running.raw("GET", f"{path}?{query}"), 422, "invalid", field)


def test_a_bad_filter_is_refused(running: Client, subtests: pytest.Subtests) -> None:
    for path, field in [
        ("/devices?platform=beos", "platform"),
        ("/deployments?state=lost", "state"),
        ("/deployments?platform=beos", "platform"),
        ("/deployments/1/assignments?status=lost", "status"),
    ]:
        with subtests.test(path=path, field=field):
            refused(running.raw("GET", path), 422, "invalid", field)


def test_what_the_database_cannot_hold_is_no_server_error(running: Client, subtests: pytest.Subtests) -> None:
    for path in [
        "/devices?tag=%00",
        "/devices?external_id=%00",
        "/deployments?application=%00",
    ]:
        with subtests.test(path=path):
            refused(running.raw("GET", path), 422, "invalid")


def test_an_unknown_path_is_not_found(running: Client, subtests: pytest.Subtests) -> None:
    for path in [
        "/nothing",
        "/deployments/abc",
        "/deployments/-1",
        "/deployments/1/nothing",
        "/",
        "/deployments/" + "9" * 30,
        f"/deployments/{2**63}",
        "/deployments/%D9%A3",
        "/deployments%2f1",
        "//deployments",
        "/./deployments",
        "/connectors/../deployments",
        "/connectors/%2e%2e",
    ]:
        with subtests.test(path=path):
            refused(running.raw("GET", path), 404, "not-found")


def test_a_wrong_method_is_not_allowed(running: Client, subtests: pytest.Subtests) -> None:
    for method, path, allowed in [
        ("PUT", "/devices", "POST"),
        ("DELETE", "/deployments/1", "GET"),
        ("POST", "/ring-plans", "GET"),
        ("GET", "/reports", "POST"),
        ("GET", "/deployments/1/pause", "POST"),
        ("PATCH", "/connectors", "GET"),
    ]:
        with subtests.test(method=method, path=path, allowed=allowed), nothing_written():
            answer = running.raw(method, path)
            refused(answer, 405, "method-not-allowed")
            assert allowed in answer.headers["Allow"]


def test_every_route_works_with_and_without_a_trailing_slash(app: Flask, running: Client) -> None:
    seen = 0
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1/"):
            continue
        name = "simulated" if "connectors" in rule.rule else "demo"
        path = re.sub(r"<int:\w+>", "1", rule.rule.removeprefix("/api/v1")).replace("<name>", name)
        path = path.replace("<sha256>", "0" * 64).replace("<connector>", "simulated")
        path = path.replace("<application>", "vpn").replace("<version>", "1.0")
        for method in sorted({"GET", "POST", "PUT"} & (rule.methods or set())):
            request_ = {} if method == "GET" else {"data": "{", "content_type": JSON}
            plain, slashed = (running.raw(method, path + end, **request_) for end in ("", "/"))
            assert plain.status_code == slashed.status_code, path
            if plain.status_code == 404:  # the path is known, what it names is not there
                assert plain.json["type"].startswith("urn:eucora:problem:no-such-"), path
            elif plain.status_code == 409 and method == "GET":
                assert plain.json["type"] == "urn:eucora:problem:not-rolled-back", path
            else:
                # Any bytes are the content of an artifact, but not of this hash.
                refused_with = 422 if path.startswith("/artifacts/") else 400
                assert plain.status_code == (200 if method == "GET" else refused_with), path
            seen += 1
    assert seen >= 18


def test_every_answer_has_a_request_id_and_keeps_the_callers(client: Client) -> None:
    assert client.raw("GET", "/deployments").headers["X-Request-Id"]
    answer = client.raw("GET", "/nothing", headers={"X-Request-Id": "mine-1"})
    assert answer.headers["X-Request-Id"] == "mine-1"


def test_a_full_disk_is_named(running: Client) -> None:
    """PostgreSQL answers with this code when it cannot extend a file; a trigger does it without filling a disk."""
    owner = create_engine(load_settings().owner_database_url)
    with owner.begin() as connection:
        connection.execute(text(FULL))
    try:
        with nothing_written():
            problem = refused(running.raw("POST", "/devices", json=[DEVICE]), 503, "unavailable")
        assert "disk of the database is full" in problem["detail"]
        upload = running.raw("POST", "/devices", data=json.dumps(DEVICE), content_type="application/x-ndjson")
        assert upload.status_code == 503
        assert "disk" in upload.text
    finally:
        with owner.begin() as connection:
            connection.execute(text("DROP FUNCTION full_disk() CASCADE"))
        owner.dispose()
