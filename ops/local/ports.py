"""The ports of one stack, and the environment variables that change them."""

from __future__ import annotations

import random
import socket
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.addresses import host, own, to_listen_on
from ops.local.paths import Layout, StackError

FREE = range(20_000, 32_000)
"""The range in which free ports are sought, below the kernel's range for outgoing connections."""
STEP = 100
"""A port that is in use is replaced by the first free one that is a multiple of this above it."""
SMALLEST, LARGEST = 1024, 65535
"""The ports that may be chosen."""
LOOPBACK = "127.0.0.1"
API_HOST, STATSD_LISTEN = "EUCORA_API_HOST", "EUCORA_STATSD_LISTEN"
UDP = ("statsd", "statsd_external")
USED_BY = {
    "api": ("api",),
    "statsd": ("statsd", "statsd_external", "statsd_admin"),
    "carbon": ("carbon", "carbon_query"),
    "graphite": ("graphite",),
}
LABELS = {
    "api": "the API",
    "statsd": "StatsD",
    "statsd_external": "StatsD's external port",
    "statsd_admin": "StatsD's admin port",
    "carbon": "carbon",
    "carbon_query": "carbon's query port",
    "graphite": "graphite-web",
}


def variable(name: str) -> str:
    """Return the environment variable that changes a port."""
    return f"EUCORA_{name.upper()}_PORT"


def named(env: Mapping[str, str]) -> list[str]:
    """Return the names of the ports that the environment chooses."""
    return [name for name in LABELS if env.get(variable(name))]


def is_free(port: int, udp: bool, address: str = LOOPBACK) -> bool:
    """Return whether a port of a numeric address is free."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM) as probe:
        if not udp:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True


@dataclass(frozen=True)
class Hosts:
    """The hosts on which the API and StatsD listen. carbon and graphite-web have no passwords and stay on 127.0.0.1."""

    api: str = LOOPBACK
    statsd: str = LOOPBACK

    @classmethod
    def default(cls, env: Mapping[str, str], last: Hosts | None = None) -> Hosts:
        """Return the hosts that `env` chooses, for the others those of `last`, or else 127.0.0.1.

        Raises StackError if this machine cannot listen on a chosen one.
        """
        before = last or cls()
        return cls(_chosen(env, API_HOST, before.api), _chosen(env, STATSD_LISTEN, before.statsd))

    def environment(self) -> dict[str, str]:
        """Return the EUCORA_ variables for these hosts."""
        return {API_HOST: self.api, STATSD_LISTEN: self.statsd, "EUCORA_STATSD_HOST": own(self.statsd)}

    def of(self, port: str) -> str:
        """Return the host of a port, given by the port's name."""
        if port in USED_BY["api"]:
            return self.api
        return self.statsd if port in USED_BY["statsd"] else LOOPBACK


def _chosen(env: Mapping[str, str], name: str, otherwise: str) -> str:
    text = env.get(name, "")
    if not text:
        return otherwise
    try:
        chosen = host(text)
        to_listen_on(chosen)
    except (ValueError, OSError) as error:
        raise StackError(f"{name} is {text!r}, on which this machine cannot listen: {error}") from None
    return chosen


@dataclass(frozen=True)
class Ports:
    """The ports of one stack, and the hosts they are on."""

    api: int = 8000
    statsd: int = 8125
    statsd_external: int = 8127
    statsd_admin: int = 8126
    carbon: int = 2003
    carbon_query: int = 7002
    graphite: int = 8080
    hosts: Hosts = Hosts()

    @classmethod
    def default(cls, env: Mapping[str, str], last: Ports | None = None) -> Ports:
        """Return the ports and hosts of `last`, or else the documented ones, unless variables in `env` change them.

        Raises StackError.
        """
        before = last or cls()
        chosen: dict[str, Any] = {"hosts": Hosts.default(env, before.hosts)}
        for name in named(env):
            text = env[variable(name)]
            if not text.isdecimal() or not 1 <= int(text) <= LARGEST:
                raise StackError(f"{variable(name)} is {text!r}, but must be a number from 1 to {LARGEST}.")
            chosen[name] = int(text)
        return replace(before, **chosen)

    @classmethod
    def free(cls) -> Ports:
        """Return ports in the range `FREE` that are free now."""
        candidates = random.sample(FREE, 200)
        ports = (port for port in candidates if is_free(port, udp=True) and is_free(port, udp=False))
        chosen: dict[str, Any] = dict(zip(LABELS, ports, strict=False))
        return cls(**chosen)

    def numbers(self) -> dict[str, int]:
        """Return the ports by their names."""
        return {name: getattr(self, name) for name in LABELS}

    def environment(self) -> dict[str, str]:
        """Return the EUCORA_ variables for these ports and hosts."""
        return {variable(name): str(port) for name, port in self.numbers().items()} | self.hosts.environment()

    def avoiding(self, programs: Iterable[str], fixed: Collection[str]) -> Ports:
        """Return these ports, with free ones for those that `programs` need and other programs use.

        The ports named in `fixed` stay as they are.
        """
        chosen = self.numbers()
        taken = {(chosen[name], name in UDP) for name in fixed}
        for name in _needed(programs):
            if name in fixed:
                continue
            port, udp = chosen[name], name in UDP
            while (port, udp) in taken or not self._is_free(name, port):
                port = port + STEP if port + STEP <= LARGEST else SMALLEST + port % STEP
            taken.add((port, udp))
            chosen[name] = port
        return Ports(**chosen, hosts=self.hosts)

    def difference(self, before: Ports) -> str:
        """Return what differs from `before`, such as `8000 → 8100 (the API)`; empty if nothing does."""
        old, new = before._labelled(), self._labelled()
        return ", ".join(f"{old[label]} → {value} ({label})" for label, value in new.items() if value != old[label])

    def _labelled(self) -> dict[str, int | str]:
        ports = {LABELS[name]: port for name, port in self.numbers().items()}
        return {**ports, "the API's host": self.hosts.api, "StatsD's host": self.hosts.statsd}

    def _is_free(self, name: str, port: int) -> bool:
        return is_free(port, name in UDP, to_listen_on(self.hosts.of(name)))

    def check_free(self, programs: Iterable[str]) -> None:
        """Raise StackError with every port that `programs` need and that is in use, or needed twice."""
        taken: dict[tuple[int, bool], str] = {}
        clashes = []
        for name in _needed(programs):
            port, udp = getattr(self, name), name in UDP
            kind = "/udp" if udp else ""
            if (port, udp) in taken:
                clashes.append(
                    f"{LABELS[name]} and {LABELS[taken[port, udp]]} both have port {port}{kind}. "
                    f"Set {variable(name)} to another port."
                )
            elif not self._is_free(name, port):
                clashes.append(
                    f"Port {port}{kind}, which {LABELS[name]} needs, is in use. Stop the program that uses it, "
                    f"or set {variable(name)} to a free port."
                )
            taken[port, udp] = name
        if clashes:
            raise StackError("\n".join(clashes))


def _needed(programs: Iterable[str]) -> list[str]:
    return [name for program in programs for name in USED_BY.get(program, ())]


def last_ports(layout: Layout) -> Ports:
    """Return the ports and hosts of the running or the last stack, the documented ones before the first.

    The hosts are not checked: a stack can be stopped even if this machine has lost the address it listens on.
    """
    try:
        lines = layout.env_file.read_text().splitlines()
    except OSError:
        return Ports()
    values = dict(line.partition("=")[::2] for line in lines)
    hosts = Hosts(values.pop(API_HOST, LOOPBACK), values.pop(STATSD_LISTEN, LOOPBACK))
    return Ports.default(values, Ports(hosts=hosts))
