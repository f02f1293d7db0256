"""Hosts as people write them (a name, IPv4, IPv6 with or without brackets), and whether this machine can use them."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network

_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9_.])?")
_ONE_REDIS = (
    "and neither are Redis Sentinel and Redis Cluster. Name one server: redis://:password@host:6379/0, rediss://… with "
    "TLS, or unix:///path/redis.sock. Redis may lose its data, so one server is enough; an address that follows the "
    "primary works too"
)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_LISTENS_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # looked for, not bound


def host(text: str) -> str:
    """A host without the brackets that an IPv6 address has in a URL. Raises ValueError if it is none."""
    bare = text.strip()
    if bare.startswith("[") and bare.endswith("]"):
        bare = bare[1:-1]
    if ":" in bare:
        try:
            socket.inet_pton(socket.AF_INET6, bare.partition("%")[0])
        except OSError:
            raise ValueError(f"{text!r} is not a host. Give a name or an address, without scheme and port.") from None
    elif not _NAME.fullmatch(bare):
        raise ValueError(f"{text!r} is not a host. Give a name or an address, without scheme and port.")
    return bare


def authority(host: str, port: int) -> str:
    """Host and port as in a URL: `127.0.0.1:8000`, `[::1]:8000`."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def safe_url(url: str) -> str:
    """The address of a web server. Raises ValueError.

    It must be https, or http on the loopback interface, where nobody listens in; without user, query and fragment.
    """
    parts = urlsplit(url.strip())
    is_local = parts.hostname in LOOPBACK
    if not parts.hostname or parts.scheme not in ("https", "http") or (parts.scheme == "http" and not is_local):
        raise ValueError("must begin with https://, or with http:// and 127.0.0.1, localhost or [::1]")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("must have no user name, no ? and no #")
    return url.strip()


def require_one_redis(url: str) -> None:
    """Raises ValueError, without the password, if it is not the URL of one Redis server."""
    scheme, found, rest = url.partition("://")
    if not found or scheme not in ("redis", "rediss", "unix"):
        what = f"the scheme {scheme!r}" if found else "this text without a scheme"
        raise ValueError(f"{what} is not supported, {_ONE_REDIS}")
    if scheme != "unix" and "," in rest.partition("/")[0].rpartition("@")[2]:
        raise ValueError(f"it names several hosts, {_ONE_REDIS}")


def own(host: str) -> str:
    """The host at which this machine reaches a program of its own that listens on `host`."""
    return _LISTENS_EVERYWHERE.get(host, host)


def networks(text: str) -> list[Network]:
    """Addresses and networks, comma separated. Raises ValueError."""
    return [ip_network(part.strip().strip("[]")) for part in text.split(",") if part.strip()]


def is_in(address: str, networks: Iterable[Network]) -> bool:
    """Whether a numeric address, or the IPv4 address in an IPv6 one (`::ffff:10.0.0.1`), is in one of the networks."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any((getattr(found, "ipv4_mapped", None) or found) in network for network in networks)


def to_listen_on(host: str) -> str:
    """The numeric address of `host` on which this machine can listen, IPv4 if it has both. Raises OSError."""
    error: OSError | None = None
    for family, _, _, _, address in _resolved(host, socket.SOCK_STREAM):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.bind(address)
        except OSError as failure:
            error = error or failure
        else:
            return _numeric(address)
    raise error or OSError("no address")


def to_send_to(host: str) -> str:
    """The numeric address of `host` to which this machine has a route, IPv4 if it has both. Raises OSError.

    Nothing is sent: connecting a UDP socket only looks for the route.
    """
    error: OSError | None = None
    for family, _, _, _, address in _resolved(host, socket.SOCK_DGRAM):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((address[0], 9, *address[2:]))
        except OSError as failure:
            error = error or failure
        else:
            return _numeric(address)
    raise error or OSError("no address")


_SocketAddress = tuple[Any, ...]


def _resolved(host: str, kind: socket.SocketKind) -> list[tuple[int, int, int, str, _SocketAddress]]:
    try:
        found = socket.getaddrinfo(host, 0, type=kind)
    except UnicodeError as error:  # a label that is too long
        raise OSError(str(error)) from error
    return sorted([*found], key=lambda one: one[0] != socket.AF_INET)


def _numeric(address: _SocketAddress) -> str:
    """The host of a socket address; an IPv6 address that is valid on one interface only keeps its number."""
    host, scope = str(address[0]), address[3] if len(address) == 4 else 0
    return f"{host}%{scope}" if scope and "%" not in host else host


def source(address: str | None) -> str:
    """What counts as one caller's address: an IPv4 address, or the /64 network that a single IPv6 host may have."""
    try:
        parsed = ip_address((address or "").partition("%")[0])
    except ValueError:
        return address or "local"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)
