"""`/deployments`: rollouts, the decisions about them, and their sign-off."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Unpack

from client.errors import StillWaiting
from client.session import Subject, present
from client.types import (
    ApprovalFloor,
    Approvals,
    Assignment,
    AssignmentFilter,
    Deployment,
    DeploymentFilter,
    DeviceLeftBehind,
    Dossier,
    Event,
    Evidence,
    EvidenceState,
    GateEvaluation,
    Items,
    LeftBehindAcceptance,
    LeftBehindFilter,
    ListedDeployment,
    NewDeployment,
    Order,
    Overview,
    Page,
    Platform,
    Preview,
    Ring,
    Risk,
    RiskAssessments,
    Scope,
)

Rings = list[Ring]
LONGEST_WAIT = 30.0
"""Seconds that one request waits."""


class Deployments(Subject):
    """Rollouts and rollbacks.

    `if_match` is the `version` that a decision is based on: if another decision came first, the call raises the
    Problem `stale-version`. Without it the version is not checked.
    """

    def create(
        self,
        *,
        application: str,
        version: str,
        platform: Platform,
        artifact_hash: str,
        plan: str = "standard",
        supersede: bool = False,
        supersedes_rollback: int | None = None,
        scope: Scope | None = None,
        skip_unpackaged: bool = False,
        risk: Risk | None = None,
        evidence: Evidence | None = None,
        starts_at: datetime | str | None = None,
        time_zone: str | None = None,
        idempotency_key: str | None = None,
    ) -> Deployment:
        """Start rolling a release out to the devices that `scope` selects, or to all of them if it says `everyone`.

        `starts_at` is the earliest start: a time with an offset, or a local time in the IANA zone `time_zone`.

        `skip_unpackaged` leaves out the devices of connectors that have no package of the version.

        `supersede` ends a live rollout of the application on the platform; a live rollback ends only if
        `supersedes_rollback` is its id.
        """
        body = present(
            application=application,
            version=version,
            platform=platform,
            artifact_hash=artifact_hash,
            plan=plan,
            supersede=supersede,
            supersedes_rollback=supersedes_rollback,
            scope=scope,
            skip_unpackaged=skip_unpackaged,
            risk=risk,
            evidence=evidence,
            starts_at=_written(starts_at),
            time_zone=time_zone,
        )
        return self._session.change(Deployment, "POST", "/deployments", body, idempotency_key=idempotency_key)

    def preview(self, **request: Unpack[NewDeployment]) -> Preview:
        """What `create` with the same arguments would do. Nothing is stored; it is refused like `create`."""
        return self._session.change(Preview, "POST", "/deployments?dry_run=true", present(**request))

    def get(self, deployment_id: int) -> Deployment:
        """One deployment with its rings and their counters."""
        return self._session.get(Deployment, f"/deployments/{deployment_id}")

    def wait_for(
        self,
        deployment_id: int,
        *,
        version: int | None = None,
        until: Callable[[Deployment], bool] | None = None,
        timeout: float = 3_600.0,
    ) -> Deployment:
        """The deployment, once it has a later version than `version` and `until` is true of it.

        The API answers when something has changed; nothing is polled. Raises StillWaiting after `timeout` seconds, and
        ValueError without `version` and `until`.
        """
        if version is None and until is None:
            raise ValueError("Say what to wait for: `version`, `until`, or both.")
        path, etag, latest = f"/deployments/{deployment_id}", None, None
        end = time.monotonic() + timeout
        while True:
            left = max(end - time.monotonic(), 0.0)
            is_known = etag is not None and (version is None or (latest is not None and latest["version"] > version))
            query = {} if is_known or version is None else {"version": version}
            seconds = min(left, LONGEST_WAIT) if is_known or query else 0.0
            answer, etag = self._session.waited(Deployment, path, seconds, query, etag if is_known else None)
            latest = answer or latest
            if latest is not None and _is_there(latest, version, until):
                return latest
            if left < 1:
                raise StillWaiting(deployment_id, timeout, latest)

    def list(self, *, limit: int = 50, cursor: int = 0, **filters: Unpack[DeploymentFilter]) -> Page[ListedDeployment]:
        """One page of the deployments that match every filter."""
        query = {**filters, "limit": limit, "cursor": cursor}
        return self._session.get(Page[ListedDeployment], "/deployments", query)

    def each(self, *, cursor: int = 0, **filters: Unpack[DeploymentFilter]) -> Iterator[ListedDeployment]:
        """Every deployment that matches every filter, after the cursor."""
        return self._session.each(ListedDeployment, "/deployments", filters, cursor)

    def overview(self, deployment_id: int) -> Overview:
        """One deployment with the reasons of its failures and its latest decisions."""
        return self._session.get(Overview, f"/deployments/{deployment_id}/overview")

    def dossier(self, deployment_id: int) -> Dossier:
        """What auditors ask for; its hash is in the log."""
        return self._session.get(Dossier, f"/deployments/{deployment_id}/dossier")

    def rings(self, deployment_id: int) -> Rings:
        """The rings, in order, with their counters, rates and latest verdict."""
        return self._session.get(Items[Ring], f"/deployments/{deployment_id}/rings")["items"]

    def events(self, deployment_id: int, *, limit: int = 50, cursor: int = 0, order: Order = "newest") -> Page[Event]:
        """One page of the decisions about the deployment."""
        query = {"limit": limit, "cursor": cursor, "order": order}
        return self._session.get(Page[Event], f"/deployments/{deployment_id}/events", query)

    def each_event(self, deployment_id: int, *, cursor: int = 0) -> Iterator[Event]:
        """Every decision about the deployment after the cursor, the oldest first."""
        return self._session.each(Event, f"/deployments/{deployment_id}/events", {}, cursor)

    def gates(
        self, deployment_id: int, *, limit: int = 50, cursor: int = 0, order: Order = "newest"
    ) -> Page[GateEvaluation]:
        """One page of the gate evaluations with their inputs."""
        query = {"limit": limit, "cursor": cursor, "order": order}
        return self._session.get(Page[GateEvaluation], f"/deployments/{deployment_id}/gates", query)

    def each_gate(self, deployment_id: int, *, cursor: int = 0) -> Iterator[GateEvaluation]:
        """Every gate evaluation after the cursor, the oldest first."""
        return self._session.each(GateEvaluation, f"/deployments/{deployment_id}/gates", {}, cursor)

    def assignments(
        self, deployment_id: int, *, limit: int = 50, cursor: int = 0, **filters: Unpack[AssignmentFilter]
    ) -> Page[Assignment]:
        """One page of the deployment's devices that match every filter, with their state."""
        query = {**filters, "limit": limit, "cursor": cursor}
        return self._session.get(Page[Assignment], f"/deployments/{deployment_id}/assignments", query)

    def each_assignment(
        self, deployment_id: int, *, cursor: int = 0, **filters: Unpack[AssignmentFilter]
    ) -> Iterator[Assignment]:
        """Every device of the deployment that matches every filter, after the cursor."""
        return self._session.each(Assignment, f"/deployments/{deployment_id}/assignments", filters, cursor)

    def left_behind(
        self, deployment_id: int, *, limit: int = 50, cursor: int = 0, **filters: Unpack[LeftBehindFilter]
    ) -> Page[DeviceLeftBehind]:
        """One page of the devices that still have a release, by the id of its rollback or of what was rolled back."""
        query = {**filters, "limit": limit, "cursor": cursor}
        return self._session.get(Page[DeviceLeftBehind], f"/deployments/{deployment_id}/left-behind", query)

    def each_left_behind(
        self, deployment_id: int, *, cursor: int = 0, **filters: Unpack[LeftBehindFilter]
    ) -> Iterator[DeviceLeftBehind]:
        """Every device that still has a release although it was rolled back, after the cursor."""
        return self._session.each(DeviceLeftBehind, f"/deployments/{deployment_id}/left-behind", filters, cursor)

    def accept_left_behind(
        self,
        deployment_id: int,
        external_ids: Sequence[str] | Literal["all"],
        reason: str,
        *,
        idempotency_key: str | None = None,
    ) -> LeftBehindAcceptance:
        """Let devices keep a release that was rolled back, at most 10,000 in one call; `open` are left."""
        path = f"/deployments/{deployment_id}/left-behind/accept"
        body = {"external_ids": external_ids, "reason": reason}
        return self._session.change(LeftBehindAcceptance, "POST", path, body, idempotency_key=idempotency_key)

    # Decisions

    def pause(
        self, deployment_id: int, reason: str = "", *, if_match: int | None = None, idempotency_key: str | None = None
    ) -> Deployment:
        """Stop dispatching until the deployment is resumed."""
        return self._decide(deployment_id, "pause", {"reason": reason}, if_match, idempotency_key)

    def resume(
        self, deployment_id: int, reason: str = "", *, if_match: int | None = None, idempotency_key: str | None = None
    ) -> Deployment:
        """Continue a paused deployment."""
        return self._decide(deployment_id, "resume", {"reason": reason}, if_match, idempotency_key)

    def abort(
        self, deployment_id: int, reason: str = "", *, if_match: int | None = None, idempotency_key: str | None = None
    ) -> Deployment:
        """End a deployment; its remaining devices are never dispatched to."""
        return self._decide(deployment_id, "abort", {"reason": reason}, if_match, idempotency_key)

    def reschedule(
        self,
        deployment_id: int,
        starts_at: datetime | str | None,
        reason: str = "",
        *,
        time_zone: str | None = None,
        if_match: int | None = None,
        idempotency_key: str | None = None,
    ) -> Deployment:
        """Change the start of a deployment that has not started; with None, start it at once.

        Approvals of the earlier start become invalid.
        """
        body = {"starts_at": _written(starts_at), "time_zone": time_zone, "reason": reason}
        return self._decide(deployment_id, "reschedule", body, if_match, idempotency_key)

    def promote(
        self, deployment_id: int, reason: str, *, if_match: int | None = None, idempotency_key: str | None = None
    ) -> Deployment:
        """End the current ring's soak early if only time is missing. The requester of the rollout may not."""
        return self._decide(deployment_id, "promote", {"reason": reason}, if_match, idempotency_key)

    def rollback(
        self,
        deployment_id: int,
        reason: str = "",
        *,
        follow_up: bool | None = None,
        if_match: int | None = None,
        idempotency_key: str | None = None,
    ) -> Deployment:
        """Return devices to their previous release; the result is a new deployment of kind `rollback`.

        `follow_up`: whether devices that install the release after that are returned as well; by default as planned.
        """
        body = {"reason": reason, "follow_up": follow_up}
        return self._decide(deployment_id, "rollback", body, if_match, idempotency_key)

    def waive(
        self,
        deployment_id: int,
        *,
        reason: str,
        compensating_controls: str,
        expires_at: datetime,
        skip_rest: bool = False,
        if_match: int | None = None,
        idempotency_key: str | None = None,
    ) -> Deployment:
        """Waive a failed or stalled ring until a time (with a time zone). The requester of the rollout may not."""
        body = {
            "reason": reason,
            "compensating_controls": compensating_controls,
            "expires_at": expires_at.isoformat(),
            "skip_rest": skip_rest,
        }
        return self._decide(deployment_id, "waive", body, if_match, idempotency_key)

    # Sign-off

    def risk(self, deployment_id: int) -> RiskAssessments:
        """Every assessment of the deployment's risk, with the parts of its score."""
        return self._session.get(RiskAssessments, f"/deployments/{deployment_id}/risk")

    def evidence(self, deployment_id: int) -> EvidenceState:
        """The evidence for the release, its missing parts, and its seal."""
        return self._session.get(EvidenceState, f"/deployments/{deployment_id}/evidence")

    def replace_evidence(
        self,
        deployment_id: int,
        evidence: Evidence,
        *,
        if_match: int | None = None,
        idempotency_key: str | None = None,
    ) -> EvidenceState:
        """Replace the evidence, which invalidates all earlier approvals."""
        path = f"/deployments/{deployment_id}/evidence"
        return self._session.change(
            EvidenceState, "PUT", path, evidence, if_match=if_match, idempotency_key=idempotency_key
        )

    def approvals(self, deployment_id: int) -> Approvals:
        """All answers, the number of valid approvals, and what each ring requires."""
        return self._session.get(Approvals, f"/deployments/{deployment_id}/approvals")

    def approve(
        self, deployment_id: int, comment: str = "", *, if_match: int | None = None, idempotency_key: str | None = None
    ) -> Approvals:
        """Approve what would be rolled out. The requester of the rollout may not."""
        return self._sign(deployment_id, "approve", {"comment": comment}, if_match, idempotency_key)

    def reject(
        self, deployment_id: int, comment: str, *, if_match: int | None = None, idempotency_key: str | None = None
    ) -> Approvals:
        """Reject a deployment, which ends it. The requester of the rollout may not."""
        return self._sign(deployment_id, "reject", {"comment": comment}, if_match, idempotency_key)

    def break_glass(
        self,
        deployment_id: int,
        *,
        reason: str,
        incident_id: int,
        if_match: int | None = None,
        idempotency_key: str | None = None,
    ) -> Approvals:
        """Override a freeze for an open incident; a second person must confirm it within 24 hours."""
        body = {"reason": reason, "incident_id": incident_id}
        return self._sign(deployment_id, "break-glass", body, if_match, idempotency_key)

    def confirm_break_glass(
        self, deployment_id: int, comment: str = "", *, if_match: int | None = None, idempotency_key: str | None = None
    ) -> Approvals:
        """Confirm a break-glass as the second person."""
        return self._sign(deployment_id, "break-glass/confirm", {"comment": comment}, if_match, idempotency_key)

    def approval_floor(self) -> ApprovalFloor:
        """How many people must approve a rollout whose risk requires approval, whatever its plan says."""
        return self._session.get(ApprovalFloor, "/approval-floor")

    def set_approval_floor(
        self, people: int, reason: str, *, if_match: int | None = None, idempotency_key: str | None = None
    ) -> ApprovalFloor:
        """Set that number for rollouts that are planned from now on; for admins."""
        body = {"people": people, "reason": reason}
        return self._session.change(
            ApprovalFloor, "PUT", "/approval-floor", body, if_match=if_match, idempotency_key=idempotency_key
        )

    def _decide(
        self, deployment_id: int, move: str, body: Mapping[str, Any], if_match: int | None, key: str | None
    ) -> Deployment:
        path = f"/deployments/{deployment_id}/{move}"
        return self._session.change(Deployment, "POST", path, body, if_match=if_match, idempotency_key=key)

    def _sign(
        self, deployment_id: int, move: str, body: Mapping[str, Any], if_match: int | None, key: str | None
    ) -> Approvals:
        path = f"/deployments/{deployment_id}/{move}"
        return self._session.change(Approvals, "POST", path, body, if_match=if_match, idempotency_key=key)


def _written(time: datetime | str | None) -> str | None:
    return time.isoformat() if isinstance(time, datetime) else time


def _is_there(deployment: Deployment, version: int | None, until: Callable[[Deployment], bool] | None) -> bool:
    return (version is None or deployment["version"] > version) and (until is None or until(deployment))
