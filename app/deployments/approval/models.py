"""The tables of risk assessments, approvals and break-glass."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class ApprovalAnswer(StrEnum):
    """An approver's answer."""

    APPROVE = "approve"
    REJECT = "reject"


class RiskAssessment(Model):
    """A risk score with its parts; made when a deployment is planned, and again if its blast class rises."""

    __tablename__ = "risk_assessments"
    __table_args__ = (Index("ix_risk_assessments_deployment_id", "deployment_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id"))
    at: Mapped[datetime]
    policy_version: Mapped[int]
    score: Mapped[float]
    factors: Mapped[dict[str, Any]]
    contributions: Mapped[dict[str, Any]]
    devices: Mapped[int]
    blast_class: Mapped[str]
    needs_approval: Mapped[bool]


class ApprovalFloor(Model):
    """How many people must approve a rollout whose risk requires it, whatever its plan says. The newest counts."""

    __tablename__ = "approval_floors"

    id: Mapped[int] = mapped_column(primary_key=True)
    people: Mapped[int]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
    reason: Mapped[str]


class Approval(Model):
    """One person's answer. It counts while what the person approved (`content_hash`) has not changed."""

    __tablename__ = "approvals"
    __table_args__ = (Index("ix_approvals_deployment_id", "deployment_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id"))
    answer: Mapped[ApprovalAnswer]
    subject: Mapped[str]
    comment: Mapped[str]
    at: Mapped[datetime]
    content_hash: Mapped[str]
    """The hash of release, plan, scope, evidence and blast class at that time."""
    invalidated_at: Mapped[datetime | None]


class EvidenceDocument(Model):
    """An artifact's hash that a part of a deployment's evidence names."""

    __tablename__ = "evidence_documents"
    __table_args__ = (Index("ix_evidence_documents_sha256", "sha256"),)

    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id"), primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    """64 hexadecimal digits, whether or not the store has the content."""
    was_sealed: Mapped[bool]
    """Whether complete evidence named it. Such a row stays when the evidence is replaced."""


class BreakGlass(Model):
    """An admin's permission to pass a freeze. Unless a second person confirms it in time, the deployment pauses."""

    __tablename__ = "break_glass"

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id"), unique=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    reason: Mapped[str]
    broken_by: Mapped[str]
    broken_at: Mapped[datetime]
    confirm_by: Mapped[datetime]
    confirmed_by: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
