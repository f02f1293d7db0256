"""Hosts as people write them."""

from __future__ import annotations

import pytest

from app.addresses import authority, host, own, to_listen_on, to_send_to
from tests.support.ipv6 import needs_ipv6


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("statsd", "statsd"),
        ("db-1.example.org.", "db-1.example.org."),
        (" my_host ", "my_host"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("[fe80::1%eth0]", "fe80::1%eth0"),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.1"),
    ],
)
def test_a_host(text: str, expected: str) -> None:
    assert host(text) == expected


@pytest.mark.parametrize("text", ["", "[]", "a b", "localhost:8125", "[::1]:8125", "http://x", "1:2", "x/y", "-x"])
def test_no_host(text: str) -> None:
    with pytest.raises(ValueError, match="is not a host"):
        host(text)


def test_host_and_port() -> None:
    assert authority("127.0.0.1", 80) == "127.0.0.1:80"
    assert authority("::1", 80) == "[::1]:80"


def test_what_listens_everywhere_is_reached_on_loopback() -> None:
    assert [own(it) for it in ("0.0.0.0", "::", "10.1.1.1")] == ["127.0.0.1", "::1", "10.1.1.1"]


def test_a_name_becomes_an_ipv4_address_if_it_has_one() -> None:
    assert to_send_to("localhost") == "127.0.0.1"
    assert to_listen_on("localhost") == "127.0.0.1"


@needs_ipv6
def test_an_ipv6_address_is_used() -> None:
    assert to_send_to("::1") == "::1"
    assert to_listen_on("::") == "::"


@pytest.mark.parametrize("text", ["203.0.113.7", "no-such-host.invalid", "a" * 80 + ".example"])
def test_an_address_of_another_machine_cannot_be_listened_on(text: str) -> None:
    with pytest.raises(OSError, match=r".+"):
        to_listen_on(text)
