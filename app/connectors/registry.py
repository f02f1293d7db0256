"""The kinds of connectors that this program has, and the connectors that this installation has configured.

A kind is a vendor, a folder beside this module. A name is a connector: several tenants of one vendor are several names
of one kind.

For the author of a new vendor: add one line to `KINDS`. The factory gets the connector's name and its settings. It is
called at the connector's first use, once in each process and again in a forked child, and must not call the vendor. A
worker forks for each job, so what a connector keeps in memory (an access token, open connections) lasts for one job.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from pydantic import BaseModel

from app.connectors.configuration import BadConfiguration, Configured, Kind, parsed, read
from app.connectors.protocol import Connector, Pace
from app.connectors.pull.connector import PullConnector
from app.connectors.pull.settings import PullPackage, PullSettings
from app.connectors.simulated.connector import SimulatedConnector
from app.connectors.simulated.profile import SimulatedProfile
from app.errors import Invalid, NotFound
from app.settings import Settings, load_settings

KINDS: Mapping[str, Kind] = {
    "pull": Kind(PullSettings, PullConnector, PullPackage),
    "simulated": Kind(SimulatedProfile, SimulatedConnector.configured),
}


class UnknownConnector(Invalid):
    type = "unknown-connector"
    title = "Unknown connector"


class NoSuchConnector(NotFound):
    type = "no-such-connector"


class Connectors:
    """The configured connectors of one process. Each is made at its first use, and only once, also by many threads."""

    def __init__(self, configured: Mapping[str, Configured]) -> None:
        self.configured = configured
        self._made: dict[str, Connector] = {}
        self._lock = Lock()

    def __getitem__(self, name: str) -> Connector:
        """The connector of that name. Raises KeyError."""
        with self._lock:
            if name not in self._made:
                self._made[name] = self.configured[name].make()
            return self._made[name]


_connectors: Connectors | None = None
_settings: Settings | None = None
"""Those that `_connectors` were read from."""
_replacements: Mapping[str, Connector] | None = None


def load() -> None:
    """Read the configuration now. A mistake ends the program with the file, the connector and the field."""
    _present()


def names() -> tuple[str, ...]:
    """The names of the configured connectors."""
    return tuple(_replacements if _replacements is not None else _present().configured)


def connector(name: str) -> Connector:
    """This process's connector of that name. Raises UnknownConnector."""
    require(name)
    return (_present() if _replacements is None else _replacements)[name]


def pace(name: str) -> Pace:
    """How long the connector's calls take and how often it is polled; the default for a name that is not configured."""
    return connector(name).pace if name in names() else Pace()


def kind(name: str) -> Kind:
    """The kind of the connector of that name. Raises NoSuchConnector.

    One that replaces a configured connector needs no package, unless it has the name of one that does.
    """
    require_known(name)
    configured = _present().configured.get(name)
    return configured.kind if configured is not None else KINDS["simulated"]


def settings(name: str) -> BaseModel:
    """The settings of the connector of that name. Raises NoSuchConnector."""
    configured = _present().configured.get(name)
    if configured is None:
        require_known(name)
        return SimulatedProfile()
    return configured.settings


def needing_packages() -> tuple[str, ...]:
    """The names of the connectors that install only releases with a package for them."""
    return tuple(name for name in names() if kind(name).needs_package)


def require(*required: str) -> None:
    """Raise UnknownConnector unless all of these names are configured."""
    unknown = sorted(set(required) - set(names()))
    if unknown:
        raise UnknownConnector(f"Unknown: {', '.join(unknown)}. Configured connectors: {', '.join(names())}.")


def require_known(name: str) -> None:
    """Raise NoSuchConnector unless the name is configured."""
    if name not in names():
        raise NoSuchConnector(f"Connector {name!r} does not exist. Configured connectors: {', '.join(names())}.")


@contextmanager
def replaced(connectors: Mapping[str, Connector]) -> Iterator[None]:
    """Use these connectors instead of the configured ones while the block runs, in all threads and forked children."""
    global _replacements
    before, _replacements = _replacements, connectors
    try:
        yield
    finally:
        _replacements = before


def _present() -> Connectors:
    """The connectors of the present settings."""
    global _connectors, _settings
    settings = load_settings()
    if _connectors is None or _settings is not settings:
        _connectors, _settings = Connectors(_configured(settings)), settings
    return _connectors


def _after_fork() -> None:
    """Let a child make its own connectors: on a shared connection, two processes would read each other's answers."""
    global _connectors
    if _connectors is not None:
        _connectors = Connectors(_connectors.configured)


os.register_at_fork(after_in_child=_after_fork)


def _configured(settings: Settings) -> Mapping[str, Configured]:
    """The connectors of the file; without a file only `simulated`, with the settings' profile."""
    try:
        if settings.connectors_file:
            return read(Path(settings.connectors_file), KINDS)
        simulated = parsed("simulated", KINDS["simulated"], settings.simulated_profile)
        if isinstance(simulated, list):
            raise BadConfiguration([f"EUCORA_SIMULATED_PROFILE{problem}" for problem in simulated])
        return {"simulated": simulated}
    except BadConfiguration as error:
        raise SystemExit(str(error)) from error
