"""The settings of a connector of pulling devices, and what it needs to install a release."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.connectors.packages import FileName, NamedFile, PackageContent, Sha256
from app.vocabulary import Platform, SiteClass

MOST_FILES = 50
Tag = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}$")]


class UnknownDevices(StrEnum):
    """What becomes of a device that is not registered and shows the connector's own token."""

    REFUSE = "refuse"
    QUARANTINE = "quarantine"
    ACCEPT = "accept"


class PullSettings(BaseModel):
    """How often devices ask, and which devices may."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    poll_seconds: int = Field(default=300, ge=1, le=86_399)
    """How long a device without work waits until it asks again."""
    poll_due_seconds: int = Field(default=30, ge=1, le=86_399)
    """The same while the connector has work for any of its devices."""
    jitter: float = Field(default=0.1, ge=0, le=0.5)
    """The share by which the wait of each device differs, so that they do not all ask at once."""
    polls_per_second: int = Field(default=500, ge=1)
    """How many polls one process of the API answers in a second before it asks devices to wait longer."""
    unknown_devices: UnknownDevices = UnknownDevices.REFUSE
    new_platform: Platform = Platform.LINUX
    new_site_class: SiteClass = SiteClass.ONLINE
    new_business_unit: Annotated[str, Field(max_length=100)] = ""
    new_tags: tuple[Tag, ...] = ()
    """As what an unknown device is registered, where they are accepted."""
    unconfirmed_is_success: bool = False
    """Whether `closed` without a result is a success, as hawkBit has it. Otherwise it says nothing."""

    @model_validator(mode="after")
    def _due_is_sooner(self) -> Self:
        if self.poll_due_seconds > self.poll_seconds:
            raise ValueError("poll_due_seconds must not exceed poll_seconds")
        return self


class PullFile(BaseModel):
    """A file that devices download."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: Sha256
    name: FileName | None = None
    """What the device calls it; by default the name with which it was uploaded."""


class PullPackage(PackageContent):
    """The files of a release. Without any, the one file that has the release's own hash."""

    files: Annotated[tuple[PullFile, ...], Field(max_length=MOST_FILES)] = ()
    """RAUC installs exactly one."""
    part: Literal["os", "bApp"] = "os"
    """What is updated, as the protocol names it: the system or an application."""

    def named_files(self, release: str | None) -> Sequence[NamedFile]:
        """Those that it names, or else the release's own."""
        if not self.files:
            return [NamedFile(release, None)] if release else []
        return [NamedFile(file.sha256, file.name) for file in self.files]
