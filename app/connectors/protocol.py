"""The protocol that every connector implements. Standard library only.

For the author of a new vendor:

- Every method is one or several calls to the vendor, made synchronously. A connector never retries an instruction
  (`publish`, `withdraw`) by itself: the caller retries, and asks `find` first.
- A failed call raises `ConnectorError`. Its class decides what happens next, so choose it with care.
- Methods may run in several threads of a process at once, and always outside a database transaction.
- External ids are the ids under which devices are registered here: 1 to 200 visible characters of any language, which
  may contain blanks and slashes, in the spelling of `app.spelling` (NFC). Quote them in URLs and queries. What a
  connector returns may be spelt otherwise: results and inventory items correct it.
- References and cursors are opaque strings: the caller stores them and hands them back unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from app.spelling import cleaned


class ErrorClass(StrEnum):
    """What a failed call means for the caller."""

    TRANSIENT = "transient"
    """The vendor was unavailable and did nothing, or the call changes nothing: retried later; counts for the breaker.

    Examples: a refused connection, 429, 503, a time-out of a read.
    """
    PERMANENT = "permanent"
    """The vendor rejects this request and always will: never retried; a person decides."""
    POLICY_VIOLATION = "policy_violation"
    """A permanent error because the vendor's policy forbids the request."""
    UNKNOWN = "unknown"
    """The vendor may or may not have carried an instruction out: looked up with `find` first; counts for the breaker.

    Examples: a time-out or a broken connection after the instruction was sent.
    """


class ConnectorError(Exception):
    """A call to a vendor failed. `detail` is shown to operators, so it must not contain a secret.

    `retry_after`: the seconds that the vendor asked to wait, from 0; None if it did not ask.
    """

    def __init__(self, error_class: ErrorClass, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.error_class = error_class
        self.retry_after = retry_after


@dataclass(frozen=True)
class PackageFile:
    """A file of a package, which the store of artifacts has. Hashes are hexadecimal digits in lower case."""

    name: str
    """What devices call it."""
    size: int
    """In bytes."""
    media_type: str
    sha256: str
    sha1: str
    md5: str


@dataclass(frozen=True)
class Package:
    """What a connector needs to install a release."""

    id: int
    content: Mapping[str, Any]
    """What the connector's own model (`Kind.package`) accepted."""
    files: Sequence[PackageFile] = ()
    """The files that the content names, in its order."""


@dataclass(frozen=True)
class ReleaseRef:
    """One version of an application on one platform."""

    application: str
    version: str
    platform: str
    """`windows`, `macos`, `linux`, `ios` or `android`."""
    artifact_hash: str
    """`sha256:` and 64 hexadecimal digits."""
    package: Package | None = None
    """Set if the release has a package for the connector; always, for a kind that needs one."""


@dataclass(frozen=True)
class Publication:
    """An instruction to install a release on devices.

    `key` identifies it permanently, over all connectors and restarts: publishing it twice changes nothing.
    """

    key: str
    ring: str
    """The ring's name, such as `lab`. For information: a vendor may show it to people."""
    release: ReleaseRef
    devices: Sequence[str]
    """External ids, at least one, each once."""
    replaces: ReleaseRef | None = None
    """Set in a rollback: the newer release that these devices have. The vendor must permit the downgrade."""


@dataclass(frozen=True)
class Withdrawal:
    """An instruction to uninstall a release from devices. `key` identifies it permanently, as a publication's does."""

    key: str
    ring: str
    """The ring's name. For information."""
    release: ReleaseRef
    devices: Sequence[str]
    """External ids, at least one, each once."""


@dataclass(frozen=True)
class DeviceResult:
    """What became of an instruction on one device, whose id gets its one spelling."""

    external_id: str
    sequence: int
    """From 1 to 2**62 - 1; grows for each device over all instructions of a connector. Lower ones are older news."""
    outcome: str
    """`installing`, `deferred`, `succeeded`, `already_compliant`, `failed` or `not_applicable`."""
    reason: str
    """A code of at most 40 lower-case letters, digits and underscores, such as `disk_full`; may be empty."""
    occurred_at: datetime
    """With a time zone, and never in the future."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "external_id", cleaned(self.external_id))


@dataclass(frozen=True)
class ResultPage:
    """Results after a cursor. A page may be empty although more results will follow."""

    results: Sequence[DeviceResult]
    """In the order in which they are known to the connector; a later read of the same cursor begins with the same."""
    cursor: str
    """Where the next page begins; equal to the given cursor if there are no new results."""
    exhausted: bool
    """No further result will ever follow; the connector is not asked about this instruction again."""


@dataclass(frozen=True)
class InventoryItem:
    """A device that has the application, and the installed version, both in their one spelling."""

    external_id: str
    version: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "external_id", cleaned(self.external_id))
        object.__setattr__(self, "version", cleaned(self.version))


@dataclass(frozen=True)
class InventoryPage:
    """Devices after a cursor. Pages before the last one may be short or empty."""

    items: Sequence[InventoryItem]
    """In an order of the connector's own; a device appears once in a whole reading."""
    cursor: str
    """Where the next page begins. It must differ from the given cursor unless the page is the last one."""
    exhausted: bool
    """This is the last page. Only then is a device that did not appear taken to lack the application."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long a connector's calls take and how often it is polled, in seconds."""

    call_lasts: float = 8.0
    """After this, a `publish`, `withdraw` or `find` that has not returned is taken for lost, and another process looks
    it up. It must exceed the longest time that one of these methods can take, time-outs and retries included.
    """
    results_every: float = 1.0
    """The time between two polls for the results of one instruction; use minutes for a vendor that limits requests."""


class Connector(Protocol):
    """One program that installs software: a tenant, a site or a server of a vendor."""

    @property
    def pace(self) -> Pace:
        """How long its calls take and how often it is polled. Read often: it must not call the vendor."""

    def publish(self, publication: Publication) -> str:
        """Have a release installed on devices; return the vendor's reference.

        A known key changes nothing and returns the same reference. Devices that the vendor does not know are no error
        of the call: report them as results or leave them silent.

        Raises ConnectorError; UNKNOWN if the vendor may have carried it out.
        """

    def withdraw(self, withdrawal: Withdrawal) -> str:
        """Have a release uninstalled from devices; return the vendor's reference. Otherwise like `publish`.

        A device that has another release by now keeps that one.

        Raises ConnectorError; UNKNOWN if the vendor may have carried it out.
        """

    def cancel(self, ref: str) -> None:
        """Stop an instruction on the devices that have not carried it out; what comes of it are results.

        A vendor that cannot stop anything does nothing, and a second call changes nothing. It is no uninstallation.

        Raises ConnectorError; PERMANENT for an unknown reference.
        """

    def find(self, key: str) -> str | None:
        """The reference of the publication or withdrawal that was made under `key`; None if there was none.

        None means that the instruction is sent (again), so return it only if the vendor's answer is certain.

        Raises ConnectorError.
        """

    def results(self, ref: str, cursor: str, limit: int) -> ResultPage:
        """At most `limit` results of one instruction after `cursor`; "" is the beginning.

        Raises ConnectorError; PERMANENT for an unknown reference.
        """

    def inventory(self, application: str, platform: str, cursor: str, limit: int) -> InventoryPage:
        """At most `limit` of the devices that have the application now, whoever installed it; "" is the beginning.

        An unknown application has no devices; it is no error.

        Raises ConnectorError.
        """

    def health(self) -> bool:
        """Whether the vendor would accept instructions now. Called every ten seconds: one cheap request.

        May raise ConnectorError, which counts as unhealthy.
        """
