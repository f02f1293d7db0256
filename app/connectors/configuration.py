"""The file of connectors: which ones exist, of which kind, with which settings.

    [connectors.intune-eu]
    kind = "intune"
    tenant_id = "…"
    client_secret = "env:INTUNE_EU_SECRET"

Each table is one connector. Devices, reports and metrics use its name; its kind decides which fields it has.

For the author of a new vendor: write a pydantic model of the fields, with `extra="forbid"`, bounds on numbers and
`secrets.Secret` for secrets. Its messages are what an operator sees when the start is refused. `kind` is not a field.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError

from app.connectors.packages import NoContent, PackageContent
from app.connectors.protocol import Connector

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
"""A connector's name: a node of metric paths and part of keys."""


@dataclass(frozen=True)
class Kind:
    """One vendor: the model of its settings, and the factory that makes a connector from a name and such settings."""

    settings: type[BaseModel]
    make: Callable[[str, Any], Connector]
    package: type[PackageContent] = NoContent
    """The model of what its connectors need to install a release."""

    @property
    def needs_package(self) -> bool:
        """Whether its connectors install only releases that have a package for them."""
        return self.package is not NoContent


@dataclass(frozen=True)
class Configured:
    """One configured connector."""

    name: str
    kind: Kind
    settings: BaseModel

    def make(self) -> Connector:
        """A new connector object."""
        return self.kind.make(self.name, self.settings)


class BadConfiguration(Exception):
    """The configuration is invalid. Each problem is one line that names the file, the connector and the field."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(
            "\n".join(["The connector configuration is invalid:", *(f"  {problem}" for problem in problems)])
        )


def read(path: Path, kinds: Mapping[str, Kind]) -> dict[str, Configured]:
    """The connectors of a TOML file, by name, in the order of the file.

    Raises BadConfiguration with every problem, not only the first.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        _refuse(f"{path}: cannot be read: {error.strerror or error}")
    except UnicodeDecodeError:
        _refuse(f"{path}: is not UTF-8")
    except tomllib.TOMLDecodeError as error:
        _refuse(f"{path}: is not TOML: {error}")
    tables = content.pop("connectors", None)
    problems = [f"{path}: {name}: unknown key; only tables [connectors.NAME] are allowed" for name in content]
    if not isinstance(tables, dict) or not tables:
        raise BadConfiguration([*problems, f"{path}: has no table [connectors.NAME]"])
    connectors: dict[str, Configured] = {}
    for name, table in tables.items():
        connector = _connector(name, table, kinds)
        if isinstance(connector, Configured):
            connectors[name] = connector
        else:
            problems += [f"{path}: connectors.{name}{problem}" for problem in connector]
    if problems:
        raise BadConfiguration(problems)
    return connectors


def parsed(name: str, kind: Kind, values: object) -> Configured | list[str]:
    """One connector, or the problems of its fields (`.field: message`)."""
    try:
        return Configured(name, kind, kind.settings.model_validate(values))
    except ValidationError as error:
        return list(_problems(error))


def _connector(name: str, table: object, kinds: Mapping[str, Kind]) -> Configured | list[str]:
    if not NAME.fullmatch(name):
        return [": the name must be 1 to 40 lower-case letters, digits, `_` and `-`, and start with a letter or digit"]
    if not isinstance(table, dict):
        return [": must be a table"]
    values = dict(table)
    kind = values.pop("kind", None)
    if kind not in kinds:
        return [f".kind: must be one of {', '.join(sorted(kinds))}"]
    return parsed(name, kinds[kind], values)


def _problems(error: ValidationError) -> Iterator[str]:
    # Without the input: a message must not repeat a secret that was written into the file.
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        field = ".".join(str(part) for part in problem["loc"])
        yield f".{field}: {problem['msg'].removeprefix('Value error, ')}"


def _refuse(problem: str) -> NoReturn:
    raise BadConfiguration([problem])
