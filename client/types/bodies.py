"""Request bodies and filters of lists. The API's defaults apply to omitted fields."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NotRequired, TypedDict

from client.types.values import (
    ApprovalWhen,
    AssignmentState,
    Criticality,
    DeploymentKind,
    DeploymentState,
    DriftKind,
    Failure,
    FindingReason,
    FindingState,
    LeftBehindState,
    OnFail,
    Operator,
    Order,
    Platform,
    Reducer,
    ReportOutcome,
    Severity,
    SiteClass,
)


class ScopeFilter(TypedDict, total=False):
    """Which devices a preview counts: all criteria must match, each with at least one of its values."""

    business_units: list[str]
    tags: list[str]
    exclude_tags: list[str]
    site_classes: list[SiteClass]


class Selection(ScopeFilter, total=False):
    """The same, also by the external ids of devices, at most 1,000 in each list."""

    devices: list[str]
    exclude_devices: list[str]
    exclude_connectors: list[str]


class Scope(Selection, total=False):
    """Which devices a deployment may touch. One that selects none of them must say `everyone`."""

    everyone: bool


class Risk(TypedDict, total=False):
    """The risk factors of a release, each from 0 to 1; an omitted factor counts as 0.5."""

    privilege: float
    supply_chain: float
    vulnerabilities: float
    exploitability: float
    data_access: float
    operational_complexity: float
    privileged_tooling: bool
    critical_cves: int
    cve_exception: str


class Evidence(TypedDict, total=False):
    """Where the evidence for a release is: addresses, hashes or a few words."""

    sbom: str | None
    scan_result: str | None
    install: str | None
    uninstall: str | None
    detection: str | None
    rollout_plan: str | None
    rollback_plan: str | None
    test_results: str | None


class Window(TypedDict):
    """A window that returns: five cron fields in the local time of an IANA zone (`UTC` unless given)."""

    cron: str
    duration_minutes: int
    time_zone: NotRequired[str]


class Condition(TypedDict):
    """What a measured value is compared with."""

    op: Operator
    value: float


class Analysis(TypedDict):
    """A question to Graphite, and what the answer must be."""

    name: str
    numerator: str
    denominator: NotRequired[str | None]
    from_seconds: NotRequired[int]
    until_seconds: NotRequired[int]
    interval_seconds: NotRequired[int]
    reducer: NotRequired[Reducer]
    success: Condition
    failure: NotRequired[Condition | None]
    failure_limit: NotRequired[int]
    error_limit: NotRequired[int]
    measurements: NotRequired[int]
    required: NotRequired[bool]


class Gate(TypedDict):
    """What a ring must show before the next one starts; rates are 0 to 1, times are seconds."""

    target: float
    min_reported: int
    min_coverage: float
    soak_seconds: int
    error_ceiling: float
    on_fail: NotRequired[OnFail]
    max_wait_seconds: NotRequired[int | None]
    compliant_within: NotRequired[dict[SiteClass, int]]
    incident_limit: NotRequired[Severity]
    validates_rollback: NotRequired[bool]
    strict: NotRequired[bool]
    analyses: NotRequired[list[Analysis]]


class ApprovalPolicy(TypedDict, total=False):
    """The approvals required before a ring starts."""

    when: ApprovalWhen
    people: int


class PlannedRing(TypedDict):
    """One ring of a plan: a tag, a share in per cent, or neither for the rest; its pace and its gate."""

    name: str
    gate: Gate
    tag: NotRequired[str | None]
    share: NotRequired[float | None]
    approval: NotRequired[ApprovalPolicy]
    devices_per_minute: NotRequired[int | None]
    concurrency: NotRequired[int | None]
    auto_remediate: NotRequired[bool]


class SilentAfter(TypedDict, total=False):
    """Seconds without a report after which a device counts as silent, by its site class."""

    online: int
    intermittent: int
    air_gapped: int


class RingPlanBody(TypedDict):
    """The content of a ring plan, without its name and version."""

    rings: list[PlannedRing]
    rotation: NotRequired[int]
    windows: NotRequired[list[Window]]
    silent_after: NotRequired[SilentAfter]
    follow_up: NotRequired[bool]


class NewDeployment(TypedDict):
    """A release to roll out."""

    application: str
    version: str
    platform: Platform
    artifact_hash: str
    plan: NotRequired[str]
    supersede: NotRequired[bool]
    supersedes_rollback: NotRequired[int | None]
    scope: NotRequired[Scope]
    skip_unpackaged: NotRequired[bool]
    risk: NotRequired[Risk]
    evidence: NotRequired[Evidence]
    starts_at: NotRequired[str | None]
    time_zone: NotRequired[str | None]


class NewDevice(TypedDict):
    """A device to register; a known external id is updated."""

    external_id: str
    platform: Platform
    connector: str
    site_class: NotRequired[SiteClass]
    business_unit: NotRequired[str]
    tags: NotRequired[list[str]]
    criticality: NotRequired[Criticality]


class Report(TypedDict):
    """The outcome on one device. `sequence` grows for each device and reporter."""

    deployment_id: int
    external_id: str
    sequence: int
    outcome: ReportOutcome
    reason: NotRequired[str]
    occurred_at: NotRequired[str | None]


class ListFilter(TypedDict, total=False):
    """What every list takes: which items come first, by default the newest."""

    order: Order


class DeploymentFilter(ListFilter, total=False):
    """Filters of the list of deployments: `since`, when one was created, is included, `until` is not."""

    state: DeploymentState | list[DeploymentState]
    application: str
    release: str
    platform: Platform
    kind: DeploymentKind
    plan: str
    requested_by: str
    since: datetime
    until: datetime
    scheduled: bool


class AssignmentFilter(ListFilter, total=False):
    """Filters of a deployment's assignments."""

    status: AssignmentState | list[AssignmentState]
    ring: str
    connector: str
    reason: str
    external_id: str


class AgentFilter(ListFilter, total=False):
    """Filters of the devices that have asked a connector for work."""

    registered: bool
    external_id: str


class PackageFilter(ListFilter, total=False):
    """Filters of the packages of a version; `newest` leaves out those that were replaced."""

    connector: str
    platform: Platform
    newest: bool


class ArtifactFilter(ListFilter, total=False):
    """Filters of the list of artifacts; `sha256` takes several."""

    name: str
    stored_by: str
    sha256: Sequence[str]


class DeviceFilter(ListFilter, total=False):
    """Filters of the list of devices."""

    platform: Platform
    connector: str
    business_unit: str
    tag: str
    external_id: str
    retired: bool


class DeviceFailureFilter(ListFilter, total=False):
    """Filters of the list of devices that fail; only failures that match are counted."""

    status: Failure | list[Failure]
    reason: str
    application: str
    release: str
    business_unit: str
    site_class: SiteClass
    platform: Platform
    connector: str
    since: datetime
    until: datetime
    at_least: int


class IncidentFilter(ListFilter, total=False):
    """Filters of the list of incidents."""

    open: bool
    deployment_id: int


class FreezeFilter(ListFilter, total=False):
    """Filter of the lists of freezes and of emergency stops: only those in force now."""

    standing: bool


class LeftBehindFilter(ListFilter, total=False):
    """The filter of the list of devices that a rollback left behind."""

    state: LeftBehindState


class FindingFilter(TypedDict):
    """Which drift findings are remediated; omitted fields match all."""

    application: str
    platform: Platform
    connector: NotRequired[str | None]
    deployment_id: NotRequired[int | None]
    ring: NotRequired[str | None]
    kind: NotRequired[Literal["missing", "version"] | None]
    reason: NotRequired[FindingReason | None]
    scope: NotRequired[Selection]


class DriftFilter(ListFilter, total=False):
    """Filters of the list of drift findings."""

    kind: DriftKind
    state: FindingState
    reason: FindingReason
    application: str
    external_id: str


class EventFilter(ListFilter, total=False):
    """Filters of the event log: `since` is included, `until` is not; both need a time zone."""

    type: str
    actor: str
    deployment_id: int
    since: datetime
    until: datetime
