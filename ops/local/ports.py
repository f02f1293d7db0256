"""The ports of one stack, and the environment variables that change them."""

from __future__ import annotations

import random
import socket
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace

from ops.local.paths import Layout, StackError

FREE = range(20_000, 32_000)
"""The range in which free ports are sought, below the kernel's range for outgoing connections."""
STEP = 100
"""A port that is in use is replaced by the first free one that is a multiple of this above it."""
SMALLEST, LARGEST = 1024, 65535
"""The ports that may be chosen."""
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
    def default(cls, env: Mapping[str, str], last: Ports | None = None) -> Ports:
        """Return the ports of `last`, or else the documented ones, unless EUCORA_ variables in `env` change them.

        Raises StackError.
        """
        chosen: dict[str, int] = {}
        for name in named(env):
            text = env[variable(name)]
            if not text.isdecimal() or not 1 <= int(text) <= LARGEST:
                raise StackError(f"{variable(name)} is {text!r}, but must be a number from 1 to {LARGEST}.")
            chosen[name] = int(text)
        return replace(last or cls(), **chosen)

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

    def avoiding(self, programs: Iterable[str], fixed: Collection[str]) -> Ports:
        """Return these ports, with free ones for those that `programs` need and other programs use.

        The ports named in `fixed` stay as they are.
        """
        chosen = asdict(self)
        taken = {(chosen[name], name in UDP) for name in fixed}
        for name in _needed(programs):
            if name in fixed:
                continue
            port, udp = chosen[name], name in UDP
            while (port, udp) in taken or not is_free(port, udp):
                port = port + STEP if port + STEP <= LARGEST else SMALLEST + port % STEP
            taken.add((port, udp))
            chosen[name] = port
        return Ports(**chosen)

    def difference(self, before: Ports) -> str:
        """Return the ports that differ from `before`, such as `8000 → 8100 (the API)`; empty if there are none."""
        old = asdict(before)
        moved = [(old[name], port, name) for name, port in asdict(self).items() if port != old[name]]
        return ", ".join(f"{was} → {port} ({LABELS[name]})" for was, port, name in moved)

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
            elif not is_free(port, udp):
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
    """Return the ports of the running or the last stack, the documented ones before the first."""
    try:
        lines = layout.env_file.read_text().splitlines()
    except OSError:
        return Ports()
    return Ports.default(dict(line.partition("=")[::2] for line in lines))
