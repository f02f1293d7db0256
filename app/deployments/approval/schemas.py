"""What callers send about risk and evidence, with approvals, and with break-glass."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictBool, StringConstraints

from app.http.fields import STORABLE, Body, Sentence, Words

Factor = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Document = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000, pattern=STORABLE)]
"""Where a piece of evidence is: an address or a hash."""


class RiskIn(Body):
    """What is known of a release's risk, each factor from 0 to 1; one that is left out counts as half."""

    privilege: Factor | None = None
    supply_chain: Factor | None = None
    vulnerabilities: Factor | None = None
    exploitability: Factor | None = None
    data_access: Factor | None = None
    operational_complexity: Factor | None = None
    privileged_tooling: StrictBool = False
    critical_cves: Annotated[int, Field(strict=True, ge=0, lt=2**31)] = 0
    cve_exception: Words = ""


class EvidenceIn(Body):
    """Where the evidence for a release is: addresses or hashes. Complete, it is sealed by its hash."""

    sbom: Document | None = None
    scan_result: Document | None = None
    install: Document | None = None
    uninstall: Document | None = None
    detection: Document | None = None
    rollout_plan: Document | None = None
    rollback_plan: Document | None = None
    test_results: Document | None = None


class ApproveIn(Body):
    """What the approver has to say."""

    comment: Words = ""


class RejectIn(Body):
    """Why it must not go on."""

    comment: Sentence


class BreakGlassIn(Body):
    """Why a freeze must be passed, and the open incident it is for."""

    reason: Sentence
    incident_id: Annotated[int, Field(strict=True, ge=1, lt=2**62)]


class ConfirmIn(Body):
    """What the second person has to say."""

    comment: Words = ""
