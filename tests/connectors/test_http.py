"""The client of all vendors against real loopback servers: answers, failures, repeating, streaming."""

from __future__ import annotations

import socket
from io import BytesIO
from typing import Any

import pytest
from pydantic import ValidationError

from app.connectors.http import HttpSettings
from app.connectors.protocol import ConnectorError, ErrorClass
from tests.connectors.web import IMPATIENT, LOOPBACK, QUICK, FakeTime, MakeClient, Reply, failure, serve

T, P, V, U = ErrorClass.TRANSIENT, ErrorClass.PERMANENT, ErrorClass.POLICY_VIOLATION, ErrorClass.UNKNOWN
REPEATABLE, ONCE = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"), ("POST", "PATCH")
BUSY = Reply(503)


def test_each_method_sends_its_request_below_the_base_url(make_client: MakeClient) -> None:
    with serve(Reply(200, body=b'{"ok": true}')) as server:
        client = make_client(f"{server.url}/api/v2", headers={"Accept": "application/json"})
        answers = [
            client.get("/jobs/", params={"page": 2}),
            client.post("jobs/", json={"a": 1}),
            client.put("jobs/1/", data={"a": "1"}),
            client.patch("jobs/1/", content=b"raw"),
            client.delete("jobs/1/"),
        ]
    assert [answer.json() for answer in answers] == [{"ok": True}] * 5
    assert [(it.method, it.target, it.body) for it in server.seen] == [
        ("GET", "/api/v2/jobs/?page=2", b""),
        ("POST", "/api/v2/jobs/", b'{"a":1}'),
        ("PUT", "/api/v2/jobs/1/", b"a=1"),
        ("PATCH", "/api/v2/jobs/1/", b"raw"),
        ("DELETE", "/api/v2/jobs/1/", b""),
    ]
    assert {it.headers["Accept"] for it in server.seen} == {"application/json"}


def test_the_links_of_a_page_are_followed(make_client: MakeClient) -> None:
    with serve() as server:
        client = make_client(f"{server.url}/api/v2", headers={"X-Ours": "1"})
        first = client.get("jobs/")
        client.get(str(first.url.join("/api/v2/jobs/?page=2")))
        client.get(str(first.url.join("?page=3")))
    assert [it.target for it in server.seen[1:]] == ["/api/v2/jobs/?page=2", "/api/v2/jobs/?page=3"]
    assert all(it.headers["X-Ours"] == "1" for it in server.seen)


def test_an_accepted_status_is_an_answer_and_is_not_repeated(make_client: MakeClient) -> None:
    with serve(Reply(404, body=b"gone"), Reply(503, body=b"busy")) as server:
        client = make_client(server.url)
        assert client.delete("things/1", accept={404}).text == "gone"
        assert client.get("things", accept={404, 503}).text == "busy"
    assert len(server.seen) == 2


def test_a_redirect_is_not_followed(make_client: MakeClient) -> None:
    location = "http://user:s3cret@elsewhere.example/login?code=s3cret"
    with serve(Reply(302, {"Location": location})) as server:
        error = failure(make_client(server.url))
        assert make_client(server.url).get("things", accept={302}).status_code == 302
    assert error.error_class is P
    assert str(error).endswith("302 Found: redirects are not followed, and it points to http://elsewhere.example/login")


def test_no_cookie_is_kept(make_client: MakeClient) -> None:
    with serve(Reply(200, {"Set-Cookie": "node=a; Path=/"})) as server:
        client = make_client(server.url)
        pin = client.get("things").cookies["node"]
        client.get("things")
        client.get("things", headers={"Cookie": f"node={pin}"})
    assert [it.headers.get("Cookie") for it in server.seen] == [None, None, "node=a"]


def test_a_closed_client_makes_no_call(make_client: MakeClient) -> None:
    with serve() as server:
        client = make_client(server.url)
        client.get("things")
        client.close()
        with pytest.raises(RuntimeError, match="closed"):
            client.get("things")


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 507])
@pytest.mark.parametrize("method", [*REPEATABLE, *ONCE])
def test_a_status_that_may_pass_is_asked_for_again(make_client: MakeClient, method: str, status: int) -> None:
    with serve(Reply(status)) as server:
        error = failure(make_client(server.url), method)
    once = method in ONCE
    assert error.error_class is (U if once and status in (500, 502, 504, 507) else T)
    assert len(server.seen) == (1 if once else 3)
    assert str(error).startswith(f"{method} {server.url}/things answered {status} ")


@pytest.mark.parametrize(
    ("status", "error_class"), [(400, P), (404, P), (409, P), (422, P), (401, V), (403, V), (407, V)]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refusal_is_final(make_client: MakeClient, method: str, status: int, error_class: ErrorClass) -> None:
    with serve(Reply(status)) as server:
        error = failure(make_client(server.url), method)
    assert (error.error_class, error.retry_after, len(server.seen)) == (error_class, None, 1)


def test_the_vendors_words_are_in_the_error(make_client: MakeClient) -> None:
    body = b'{"httpStatus": 400, "errors": [{"code": "DUPLICATE_FIELD", "field": "name", "description": "taken"}]}'
    with serve(Reply(400, body=body)) as server:
        error = failure(make_client(server.url), "POST", "groups?x=1#y")
    assert str(error) == f"POST {server.url}/groups answered 400 Bad Request: DUPLICATE_FIELD: name: taken"


def test_the_status_counts_when_the_body_breaks_off_or_never_ends(make_client: MakeClient) -> None:
    with serve(Reply(403, body=b"no entry", how="cut"), Reply(409, body=b"taken ", how="endless")) as server:
        broken, endless = failure(make_client(server.url)), failure(make_client(server.url))
    assert (broken.error_class, endless.error_class) == (V, P)
    assert "403 Forbidden: no entry" in str(broken)
    assert "409 Conflict: taken x" in str(endless)
    assert len(str(endless)) <= 500


def test_only_the_beginning_of_an_error_is_read(make_client: MakeClient, fake_time: FakeTime) -> None:
    fake_time.tick = 1.0
    with serve(Reply(409, how="endless")) as server:
        assert failure(make_client(server.url, HttpSettings(total=10_000))).error_class is P
    # The client looks at the clock with every part that it reads, and a part has 1000 bytes or more.
    assert fake_time.seconds < 100


@pytest.mark.parametrize("method", REPEATABLE)
def test_what_does_no_harm_is_repeated_with_its_body(make_client: MakeClient, fake_time: FakeTime, method: str) -> None:
    with serve(BUSY, BUSY, Reply(200)) as server:
        assert make_client(server.url).request(method, "things", json={"a": 1}).status_code == 200
    assert [it.body for it in server.seen] == [b'{"a":1}'] * 3
    assert fake_time.slept == [0.25, 0.5]


@pytest.mark.parametrize(
    ("method", "repeatable", "attempts"), [("POST", True, 3), ("PATCH", True, 3), ("GET", False, 1)]
)
def test_the_caller_knows_better_than_the_method(
    make_client: MakeClient, method: str, repeatable: bool, attempts: int
) -> None:
    with serve(Reply(500)) as server:
        error = failure(make_client(server.url), method, repeatable=repeatable)
    assert (error.error_class, len(server.seen)) == (T if repeatable else U, attempts)


@pytest.mark.parametrize("body", [{"content": iter([b"a", b"b"])}, {"files": {"f": BytesIO(b"ab")}}])
def test_a_body_that_is_consumed_is_not_sent_again(make_client: MakeClient, body: dict[str, Any]) -> None:
    with serve(BUSY) as server:
        error = failure(make_client(server.url), "PUT", **body)
    assert (error.error_class, len(server.seen)) == (T, 1)
    assert b"ab" in server.seen[0].body


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refused_connection_is_tried_again_for_any_method(
    make_client: MakeClient, fake_time: FakeTime, method: str
) -> None:
    with serve(listening=False) as server:

        def sleep(seconds: float) -> None:
            fake_time.sleep(seconds)
            server.listen()

        client = make_client(server.url, sleep=sleep)
        assert client.request(method, "things", content=iter([b"body"])).status_code == 200
    assert [(it.method, it.body) for it in server.seen] == [(method, b"body")]
    assert fake_time.slept == [0.25]


def test_the_number_of_attempts_is_bounded(make_client: MakeClient, fake_time: FakeTime) -> None:
    settings = HttpSettings(retries=5, first_backoff=1, longest_backoff=3, total=1000)
    with serve(BUSY) as server:
        failure(make_client(server.url, settings, random=lambda: 1.0))
    assert (len(server.seen), fake_time.slept) == (6, [1, 2, 3, 3, 3])


def test_the_total_time_is_bounded(make_client: MakeClient, fake_time: FakeTime) -> None:
    settings = HttpSettings(retries=10, first_backoff=4, longest_backoff=4, total=10, connect=2)
    with serve(BUSY) as server:
        error = failure(make_client(server.url, settings, random=lambda: 1.0))
    assert (len(server.seen), fake_time.slept, error.retry_after) == (3, [4, 4], None)


def test_an_attempt_that_would_have_no_time_left_is_not_made(make_client: MakeClient, fake_time: FakeTime) -> None:
    with serve(Reply(429, {"Retry-After": "8.5"})) as server:
        error = failure(make_client(server.url, HttpSettings(total=10, connect=2)))
        assert (len(server.seen), fake_time.slept, error.retry_after) == (1, [], 8.5)


def test_no_attempt_waits_beyond_the_total_time(make_client: MakeClient) -> None:
    with serve(Reply(how="silent")) as server:
        error = failure(make_client(server.url, HttpSettings(total=0.05, connect=0.05, read=60)))
    assert (error.error_class, len(server.seen)) == (T, 1)
    assert "got no answer within 0.05 s" in str(error)


def test_no_settings_are_nonsense() -> None:
    for wrong in ({"total": 0}, {"retries": -1}, {"read": -1}, {"max_connections": 0}, {"unknown": 1}):
        with pytest.raises(ValidationError):
            HttpSettings.model_validate(wrong)


@pytest.mark.parametrize(
    ("header", "waited"),
    [
        ("3", 3.0),
        ("2.128", 2.128),
        ("Thu, 26 Nov 2026 12:00:07 GMT", 7.0),
        ("0", 0.25),
        ("Thu, 26 Nov 2026 11:00:00 GMT", 0.25),
        (None, 0.25),
        ("-5", 0.25),
        ("soon", 0.25),
    ],
)
def test_a_wait_that_fits_is_waited(
    make_client: MakeClient, fake_time: FakeTime, header: str | None, waited: float
) -> None:
    with serve(Reply(429, {"Retry-After": header} if header else {}), Reply(200)) as server:
        make_client(server.url).get("things")
    assert fake_time.slept == [pytest.approx(waited)]


@pytest.mark.parametrize(
    ("header", "asked"),
    [("30", 30.0), ("99.5", 99.5), ("9" * 400, 86_400.0), ("Thu, 26 Nov 2026 13:00:00 GMT", 3600.0)],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_that_does_not_fit_is_the_callers(
    make_client: MakeClient, fake_time: FakeTime, status: int, header: str, asked: float
) -> None:
    with serve(Reply(status, {"Retry-After": header})) as server:
        error = failure(make_client(server.url))
    assert (error.error_class, error.retry_after, fake_time.slept) == (T, asked, [])


def test_what_cannot_be_repeated_hands_the_wait_on(make_client: MakeClient, fake_time: FakeTime) -> None:
    with serve(Reply(429, {"Retry-After": "2.128"})) as server:
        error = failure(make_client(server.url), "POST")
    assert (error.error_class, error.retry_after, fake_time.slept, len(server.seen)) == (T, 2.128, [], 1)


@pytest.mark.parametrize("how", ["silent", "dropped", "cut"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", *ONCE])
def test_after_sending_only_the_repeatable_is_sent_again(make_client: MakeClient, method: str, how: str) -> None:
    with serve(Reply(how=how)) as server:
        error = failure(make_client(server.url, IMPATIENT), method)
    once = method in ONCE
    assert (error.error_class, len(server.seen)) == (U if once else T, 1 if once else 3)
    assert ("it may have been carried out" in str(error)) is once
    assert ("no answer within 0.05 s" if how == "silent" else "lost its connection") in str(error)


@pytest.mark.parametrize("how", ["silent", "dropped", "cut"])
def test_it_may_go_well_the_second_time(make_client: MakeClient, how: str) -> None:
    with serve(Reply(how=how), Reply(body=b"well")) as server:
        assert make_client(server.url, IMPATIENT).get("things").text == "well"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refused_connection_is_transient(make_client: MakeClient, fake_time: FakeTime, method: str) -> None:
    with serve(listening=False) as server:
        error = failure(make_client(server.url), method)
    assert (error.error_class, len(fake_time.slept)) == (T, 2)
    assert str(error).startswith(f"{method} {server.url}/things got no connection: ")


def test_a_name_that_does_not_resolve_is_transient(make_client: MakeClient, fake_time: FakeTime) -> None:
    error = failure(make_client("http://vendor.invalid"), "POST")
    assert (error.error_class, len(fake_time.slept)) == (T, 2)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_connection_that_takes_too_long_is_transient(
    make_client: MakeClient, fake_time: FakeTime, method: str
) -> None:
    with socket.create_server((LOOPBACK, 0)) as silent:
        url = f"https://{LOOPBACK}:{silent.getsockname()[1]}"
        error = failure(make_client(url, QUICK.model_copy(update={"connect": 0.05})), method)
    assert (error.error_class, len(fake_time.slept)) == (T, 2)
    assert "got no connection within 0.05 s" in str(error)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_full_pool_is_transient(make_client: MakeClient, fake_time: FakeTime, method: str) -> None:
    with serve(Reply(how="endless")) as server:
        client = make_client(server.url, QUICK.model_copy(update={"max_connections": 1}))
        with client.stream("GET", "export"):
            error = failure(client, method)
    assert (error.error_class, len(fake_time.slept), len(server.seen)) == (T, 2, 1)
    assert "no free connection" in str(error)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_body_that_nobody_takes_ends(make_client: MakeClient, method: str) -> None:
    with socket.create_server((LOOPBACK, 0)) as silent:
        settings = HttpSettings(write=0.05, retries=0)
        error = failure(
            make_client(f"http://{LOOPBACK}:{silent.getsockname()[1]}", settings), method, content=b"x" * 2**25
        )
    assert error.error_class is (T if method == "GET" else U)
    assert "nothing was taken for 0.05 s" in str(error)


@pytest.mark.parametrize(("method", "error_class"), [("GET", T), ("POST", U)])
def test_an_answer_without_end_is_given_up(
    make_client: MakeClient, fake_time: FakeTime, method: str, error_class: ErrorClass
) -> None:
    fake_time.tick = 1.0
    with serve(Reply(how="endless")) as server:
        error = failure(make_client(server.url), method)
    assert (error.error_class, len(server.seen)) == (error_class, 1)
    assert "no whole answer" in str(error)


@pytest.mark.parametrize(("method", "error_class"), [("GET", P), ("POST", U)])
def test_an_answer_that_is_too_long_is_given_up(make_client: MakeClient, method: str, error_class: ErrorClass) -> None:
    with serve(Reply(body=b"x" * 5000)) as server:
        error = failure(make_client(server.url, QUICK.model_copy(update={"max_body": 4999})), method)
        assert len(make_client(server.url, QUICK.model_copy(update={"max_body": 5000})).get("things").content) == 5000
    assert error.error_class is error_class
    assert "must be streamed" in str(error)


@pytest.mark.parametrize(("method", "error_class"), [("GET", T), ("POST", U)])
def test_an_answer_that_cannot_be_decoded_is_none(
    make_client: MakeClient, method: str, error_class: ErrorClass
) -> None:
    with serve(Reply(headers={"Content-Encoding": "gzip"}, body=b"not gzip")) as server:
        assert failure(make_client(server.url), method).error_class is error_class


@pytest.mark.parametrize("url", ["ftp://vendor.example/x", "http://[::1", "http://vendor.example/\x00"])
def test_a_url_that_cannot_be_sent_is_permanent(make_client: MakeClient, url: str) -> None:
    with serve() as server:
        assert failure(make_client(server.url), "POST", url).error_class is P
    assert server.seen == []


def test_a_large_body_passes_in_parts(make_client: MakeClient) -> None:
    with serve(BUSY, Reply(how="endless")) as server:
        client = make_client(server.url, QUICK.model_copy(update={"max_body": 10}))
        with client.stream("GET", "export") as response:
            parts = response.iter_bytes()
            assert sum(len(next(parts)) for _ in range(50)) > 10
    assert len(server.seen) == 2


def test_it_may_take_longer_than_a_call(make_client: MakeClient, fake_time: FakeTime) -> None:
    with serve(Reply(body=b"x" * 100)) as server, make_client(server.url).stream("GET", "export") as response:
        fake_time.seconds += 3600
        assert response.read() == b"x" * 100


def test_a_refusal_raises_before_the_block(make_client: MakeClient) -> None:
    with (
        serve(Reply(403, body=b"no entry")) as server,
        pytest.raises(ConnectorError, match="no entry") as caught,
        make_client(server.url).stream("GET", "export"),
    ):
        pytest.fail("entered")
    assert caught.value.error_class is V


@pytest.mark.parametrize(("method", "error_class"), [("GET", T), ("POST", U)])
def test_a_connection_that_breaks_in_the_block_raises(
    make_client: MakeClient, method: str, error_class: ErrorClass
) -> None:
    with (
        serve(Reply(body=b"half", how="cut")) as server,
        pytest.raises(ConnectorError) as caught,
        make_client(server.url).stream(method, "export") as response,
    ):
        response.read()
    assert (caught.value.error_class, len(server.seen)) == (error_class, 1)


def test_an_upload_passes_in_parts(make_client: MakeClient) -> None:
    with serve() as server:
        make_client(server.url).put("package", content=(b"x" * 1000 for _ in range(100)))
    assert len(server.seen[0].body) == 100_000
