"""What an error may show of a request and its answer."""

from __future__ import annotations

import json
from urllib.parse import quote, quote_plus

import httpx
import pytest

from app.connectors.redaction import LONGEST_SENTENCE, LONGEST_TEXT, excerpt, redact, secrets_of, sentence, shown_url

SECRET = 'p&ss "wörd"/1'


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            {"error": {"code": "TooManyRequests", "message": "Slow down", "innerError": {}}},
            "TooManyRequests: Slow down",
        ),
        ({"error": {"code": "", "message": "No such class"}}, "No such class"),
        (
            {"error": "invalid_client", "error_description": "AADSTS7000215: wrong"},
            "invalid_client: AADSTS7000215: wrong",
        ),
        ({"type": "about:blank", "title": "Conflict", "status": 409, "detail": "It exists."}, "Conflict: It exists."),
        ({"detail": "Filtering on extra_vars is not allowed."}, "Filtering on extra_vars is not allowed."),
        ({"error": "InvalidQueryError", "message": "bad tag"}, "InvalidQueryError: bad tag"),
        (
            {
                "httpStatus": 400,
                "errors": [{"code": "DUPLICATE_FIELD", "field": "name", "description": "taken", "id": None}],
            },
            "DUPLICATE_FIELD: name: taken",
        ),
        ({"__all__": ["Label exists."]}, '{"__all__": ["Label exists."]}'),
        (["a list"], '["a list"]'),
        ({"error": {}}, '{"error": {}}'),
    ],
)
def test_an_error_says_what_the_vendor_says(body: object, said: str) -> None:
    assert excerpt(json.dumps(body).encode(), ()) == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            b"<html><head><title>502 Bad\n Gateway &amp; more</title></head><body>x</body></html>",
            "502 Bad Gateway & more",
        ),
        (b"<!DOCTYPE html><html><body>nothing</body></html>", ""),
        (b"plain \x00\x1b[31mtext\r\n", "plain [31mtext"),
        (b"\xff\xfe", "��"),
        (b"[" * 60_000, "[" * LONGEST_TEXT),
        (b"x" * 1000, "x" * LONGEST_TEXT),
        (b"", ""),
    ],
)
def test_other_bodies_are_cut_to_something_readable(body: bytes, said: str) -> None:
    assert excerpt(body, ()) == said


@pytest.mark.parametrize("spelt", [SECRET, quote(SECRET, safe=""), quote_plus(SECRET), json.dumps(SECRET)[1:-1]])
def test_a_secret_is_hidden_however_it_is_spelt(spelt: str) -> None:
    assert redact(f"before {spelt} after", [SECRET]) == "before *** after"


def test_a_secret_that_begins_another_leaves_nothing_of_it() -> None:
    assert redact("abcdef abc", ["abc", "", "abcdef"]) == "*** ***"


def test_a_secret_at_the_cut_is_hidden_before_the_cut() -> None:
    text = "x" * (LONGEST_TEXT - 3) + SECRET
    assert excerpt(text.encode(), [SECRET]) == "x" * (LONGEST_TEXT - 3) + "***"


@pytest.mark.parametrize(
    ("request_", "secrets"),
    [
        (httpx.Request("GET", "http://v/", headers={"Authorization": "Bearer t0ken"}), {"Bearer t0ken", "t0ken"}),
        (httpx.Request("GET", "http://v/", headers={"X-Auth-Token": "t0ken"}), {"t0ken"}),
        (httpx.Request("GET", "http://v/", headers={"Cookie": "a=one; b=two"}), {"one", "two"}),
        (httpx.Request("GET", "http://v/?sig=s1gned&x=1"), {"s1gned"}),
        (httpx.Request("POST", "http://v/", data={"client_id": "c", "client_secret": SECRET}), {SECRET}),
        (httpx.Request("POST", "http://v/", json={"email": "e", "password": SECRET}), {SECRET}),
        (httpx.Request("POST", "http://v/", json=[{"username": "u", "sharedsecret": SECRET}]), {SECRET}),
    ],
)
def test_a_request_names_its_secrets(request_: httpx.Request, secrets: set[str]) -> None:
    found = secrets_of(request_)
    assert secrets <= found
    assert not found & {"c", "e", "u", "1"}


def test_the_password_of_basic_authentication_is_a_secret() -> None:
    request = next(httpx.BasicAuth("user", "pa:ss").sync_auth_flow(httpx.Request("GET", "http://v/")))
    assert "pa:ss" in secrets_of(request)
    assert secrets_of(httpx.Request("GET", "http://v/", headers={"Authorization": "Basic !"})) >= {"!"}


def test_a_url_shows_neither_user_nor_query_nor_fragment() -> None:
    assert shown_url(httpx.URL("https://u:p@v.example:8443/a%20b?q=1#f")) == "https://v.example:8443/a%20b"
    assert len(shown_url(httpx.URL("https://v.example/" + "a" * 5000))) < 250


def test_a_sentence_is_one_short_line() -> None:
    assert sentence("a\n\tb\x00c\u202ed\u2028e", ()) == "a b c d e"
    assert len(sentence("y" * 5000, ())) == LONGEST_SENTENCE
