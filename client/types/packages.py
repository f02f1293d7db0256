"""Packages, and the devices that ask for them."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from client.types.values import Platform

AgentActionState = Literal["open", "cancelling", "uncancellable", "over"]


class PackageFile(TypedDict):
    """A file of a package."""

    name: str
    size: int
    sha256: str
    sha1: str
    md5: str


class Package(TypedDict):
    """What a connector needs to install a version; `version` is the number of the package."""

    id: int
    application: str
    release: str
    connector: str
    platform: Platform | None
    version: int
    content: dict[str, Any]
    files: list[PackageFile]
    created_by: str
    created_at: str


class AgentAction(TypedDict):
    """What a device was told to do last, and what it said."""

    id: int
    application: str
    release: str
    state: AgentActionState
    outcome: str | None
    detail: str | None
    percent: int | None
    changed_at: str


class Agent(TypedDict):
    """A device that has asked its connector for work."""

    id: int
    external_id: str
    registered: bool
    first_seen_at: str
    seen_at: str
    attributes: dict[str, str] | None
    attributes_at: str | None
    action: AgentAction | None
