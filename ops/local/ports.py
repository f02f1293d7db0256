"""The ports of one stack, and the environment variables that change them."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from ops.local.paths import StackError

FREE = range(20_000, 32_000)
"""The range in which free ports are sought, below the kernel's range for outgoing connections."""
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


def is_free(port: int, udp: bool) -> bool:
    """Return whether a port of 127.0.0.1 is free."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM) as probe:
        if not udp:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@dataclass(frozen=True)
class Ports:
    """The ports of one stack, all on 127.0.0.1."""

    api: int = 8000
    statsd: int = 8125
    statsd_external: int = 8127
    statsd_admin: int = 8126
    carbon: int = 2003
    carbon_query: int = 7002
    graphite: int = 8080

    @classmethod
    def default(cls, env: Mapping[str, str]) -> Ports:
        """Return the documented ports, unless EUCORA_ variables in `env` change them. Raises StackError."""
        chosen: dict[str, int] = {}
        for field in fields(cls):
            text = env.get(variable(field.name), "")
            if not text:
                continue
            if not text.isdecimal() or not 1 <= int(text) <= 65535:
                raise StackError(f"{variable(field.name)} is {text!r}, but must be a number from 1 to 65535.")
            chosen[field.name] = int(text)
        return cls(**chosen)

    @classmethod
    def free(cls) -> Ports:
        """Return ports in the range `FREE` that are free now."""
        names = [field.name for field in fields(cls)]
        candidates = random.sample(FREE, 200)
        ports = (port for port in candidates if is_free(port, udp=True) and is_free(port, udp=False))
        return cls(**dict(zip(names, ports, strict=False)))

    def environment(self) -> dict[str, str]:
        """Return the EUCORA_ variables for these ports."""
        return {variable(field.name): str(getattr(self, field.name)) for field in fields(self)}

    def check_free(self, programs: Iterable[str]) -> None:
        """Raise StackError if a port that `programs` need is in use, or needed twice."""
        taken: dict[tuple[int, bool], str] = {}
        for program in programs:
            for name in USED_BY.get(program, ()):
                port, udp = getattr(self, name), name in UDP
                kind = "/udp" if udp else ""
                if (port, udp) in taken:
                    raise StackError(
                        f"{LABELS[name]} and {LABELS[taken[port, udp]]} both have port {port}{kind}. "
                        f"Set {variable(name)} to another port."
                    )
                taken[port, udp] = name
                if not is_free(port, udp):
                    raise StackError(
                        f"Port {port}{kind}, which {LABELS[name]} needs, is in use. Stop the program that uses it, "
                        f"or set {variable(name)} to a free port."
                    )
