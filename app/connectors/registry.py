"""Which connectors there are: every kind this program knows, and the ones this installation has configured.

A kind is a vendor, a folder beside this module. A name is a connector: several tenants of one vendor are several names
of one kind. Each process makes one object for each name, and makes it again after a fork or when the settings changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.connectors.configuration import BadConfiguration, Configured, Kind, parsed, read
from app.connectors.protocol import Connector, Pace
from app.connectors.simulated.connector import SimulatedConnector
from app.connectors.simulated.profile import SimulatedProfile
from app.errors import Invalid, NotFound
from app.settings import Settings, load_settings

KINDS: Mapping[str, Kind] = {
    "simulated": Kind(SimulatedProfile, SimulatedConnector.configured),
}


class UnknownConnector(Invalid):
    type = "unknown-connector"
    title = "There is no such connector"


class NoSuchConnector(NotFound):
    type = "no-such-connector"


@dataclass
class _Process:
    """The connectors of one process under one set of settings."""

    id: int
    settings: Settings
    configured: Mapping[str, Configured]
    made: dict[str, Connector] = field(default_factory=dict)


_process: _Process | None = None
_replacements: Mapping[str, Connector] | None = None


def load() -> None:
    """Read the configuration now. A mistake ends the program and names the file, the connector and the field."""
    _present()


def names() -> tuple[str, ...]:
    """The names of the configured connectors."""
    return tuple(_replacements if _replacements is not None else _present().configured)


def connector(name: str) -> Connector:
    """This process's connector of that name. Raises UnknownConnector."""
    require(name)
    if _replacements is not None:
        return _replacements[name]
    process = _present()
    if name not in process.made:
        process.made[name] = process.configured[name].make()
    return process.made[name]


def pace(name: str) -> Pace:
    """How long the connector's calls may take and how often it is asked; the usual pace for one that is gone."""
    return connector(name).pace if name in names() else Pace()


def require(*wanted: str) -> None:
    """Raise UnknownConnector unless all of them exist."""
    unknown = sorted(set(wanted) - set(names()))
    if unknown:
        raise UnknownConnector(f"No connector {', '.join(unknown)}; there is {', '.join(names())}.")


def require_known(name: str) -> None:
    """Raise NoSuchConnector unless it exists."""
    if name not in names():
        raise NoSuchConnector(f"There is no connector {name!r}; there is {', '.join(names())}.")


@contextmanager
def replaced(connectors: Mapping[str, Connector]) -> Iterator[None]:
    """Let these be the connectors of this process while the block runs, in place of the configured ones."""
    global _replacements
    before, _replacements = _replacements, connectors
    try:
        yield
    finally:
        _replacements = before


def _present() -> _Process:
    global _process
    settings = load_settings()
    if _process is None or _process.id != os.getpid() or _process.settings is not settings:
        _process = _Process(os.getpid(), settings, _configured(settings))
    return _process


def _configured(settings: Settings) -> Mapping[str, Configured]:
    """The configured connectors; without a file there is one, `simulated`."""
    try:
        if settings.connectors_file:
            return read(Path(settings.connectors_file), KINDS)
        simulated = parsed("simulated", KINDS["simulated"], settings.simulated_profile)
        if isinstance(simulated, list):
            raise BadConfiguration([f"EUCORA_SIMULATED_PROFILE{problem}" for problem in simulated])
        return {"simulated": simulated}
    except BadConfiguration as error:
        raise SystemExit(str(error)) from error
