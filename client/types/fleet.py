"""Devices, reports and uploads."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from client.types.values import (
    AssignmentState,
    Criticality,
    DeploymentKind,
    DeploymentState,
    DeviceStatus,
    Failure,
    LineStatus,
    Platform,
    ReportStatus,
    RetirementStatus,
    RingState,
    SiteClass,
)


class Device(TypedDict):
    """A registered device. `bucket` is its place in every ring plan; `retired_at` is null while it is in use."""

    id: int
    external_id: str
    platform: Platform
    connector: str
    site_class: SiteClass
    business_unit: str
    tags: list[str]
    criticality: Criticality
    bucket: int
    registered_at: str
    changed_at: str
    retired_at: str | None


class InstalledRelease(TypedDict):
    """A release that a device has, according to its reports."""

    application: str
    release: str
    platform: Platform


class DeviceDeployment(TypedDict):
    """A device's place in a deployment, and what it reported."""

    deployment_id: int
    application: str
    release: str
    kind: DeploymentKind
    state: DeploymentState
    ring: str
    ring_state: RingState
    status: AssignmentState
    reason: str | None
    dispatched_at: str | None
    reported_at: str | None


class DeviceHistory(Device):
    """A device, what it has, and its latest deployments, the newest first."""

    installed: list[InstalledRelease]
    deployments: list[DeviceDeployment]


class FailingDevice(TypedDict):
    """A device that failed, in how many deployments, and the latest of its failures that match."""

    id: int
    external_id: str
    platform: Platform
    connector: str
    site_class: SiteClass
    business_unit: str
    failures: int
    first_failed_at: str | None
    last_failed_at: str | None
    last_status: Failure
    last_reason: str | None
    last_deployment_id: int
    last_application: str
    last_release: str
    last_ring: str


class Registration(TypedDict):
    """The result of a registration."""

    external_id: str
    status: DeviceStatus


class Retirement(TypedDict):
    """The result of a retirement."""

    external_id: str
    status: RetirementStatus


class ReportReceipt(TypedDict):
    """The result of a report."""

    status: ReportStatus


class LineError(TypedDict):
    """What is wrong with a line of an upload."""

    field: str
    message: str


class LineResult(TypedDict):
    """The result of one line of an upload, counted from 1; `errors` is present if the status is `rejected`."""

    line: int
    status: LineStatus
    errors: NotRequired[list[LineError]]
