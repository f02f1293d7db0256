"""What the control plane asks of a connector. Standard library only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class ErrorClass(StrEnum):
    """How a failed call is treated: `transient` is retried; the others need a person or a look-up."""

    TRANSIENT = "transient"
    PERMANENT = "permanent"
    POLICY_VIOLATION = "policy_violation"
    UNKNOWN = "unknown"


class ConnectorError(Exception):
    """A call that failed. `retry_after` are seconds the vendor asked us to wait."""

    def __init__(self, error_class: ErrorClass, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.error_class = error_class
        self.retry_after = retry_after


@dataclass(frozen=True)
class ReleaseRef:
    """What is to be installed."""

    application: str
    version: str
    platform: str
    artifact_hash: str


@dataclass(frozen=True)
class Publication:
    """An instruction to install a release on devices. Its `key` names it for ever: publishing twice changes nothing."""

    key: str
    ring: str
    release: ReleaseRef
    devices: Sequence[str]
    """External ids."""
    replaces: ReleaseRef | None = None
    """The release that these devices are to leave, when an older one is published again: a vendor must allow that."""


@dataclass(frozen=True)
class Withdrawal:
    """An instruction to take a release off devices. Its `key` names it for ever, as a publication's does."""

    key: str
    ring: str
    release: ReleaseRef
    devices: Sequence[str]
    """External ids."""


@dataclass(frozen=True)
class DeviceResult:
    """What became of one device. `sequence` grows for each device and source; a smaller one is older news."""

    external_id: str
    sequence: int
    outcome: str
    reason: str
    occurred_at: datetime


@dataclass(frozen=True)
class ResultPage:
    """Results after a cursor. `exhausted`: none will ever follow."""

    results: Sequence[DeviceResult]
    cursor: str
    exhausted: bool


@dataclass(frozen=True)
class InventoryItem:
    """A device that has the application, and in which version."""

    external_id: str
    version: str


@dataclass(frozen=True)
class InventoryPage:
    """Devices after a cursor, by external id. Before the last a page may be short, even empty."""

    items: Sequence[InventoryItem]
    cursor: str
    exhausted: bool


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long a connector's calls may take, and how often it is asked; in seconds."""

    call_lasts: float = 8.0
    """After this a call that has not come back is taken for lost, and another process may look it up."""
    results_every: float = 1.0
    """Between two questions for the results of one instruction."""


class Connector(Protocol):
    """One program that installs software."""

    @property
    def pace(self) -> Pace:
        """How long its calls may take, and how often it is asked for results."""

    def publish(self, publication: Publication) -> str:
        """Give the instruction; returns the vendor's reference. Raises ConnectorError."""

    def withdraw(self, withdrawal: Withdrawal) -> str:
        """Give the instruction; returns the vendor's reference. Raises ConnectorError.

        A device that has come to another release meanwhile keeps that one.
        """

    def find(self, key: str) -> str | None:
        """The reference of a publication or withdrawal given before, or None. Raises ConnectorError."""

    def results(self, ref: str, cursor: str, limit: int) -> ResultPage:
        """At most `limit` device results after `cursor`, which only the connector reads ("": from the start).

        Raises ConnectorError.
        """

    def inventory(self, application: str, platform: str, cursor: str, limit: int) -> InventoryPage:
        """At most `limit` of the devices that have the application now, after `cursor` ("": from the start).

        Raises ConnectorError.
        """

    def health(self) -> bool:
        """Whether the vendor would take instructions now."""
