"""Request bodies of risk, evidence, approvals and break-glass."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictBool, StringConstraints

from app.http.fields import ONE_LINE, Body, Sentence, Words, example

Factor = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Document = Annotated[str, StringConstraints(min_length=1, max_length=2_000), ONE_LINE]
"""The address of one document, or `sha256:` and the hash of its content, with which it is in the store of artifacts."""


class RiskIn(Body):
    """Risk factors of a release, each 0 to 1. A missing factor counts as 0.5."""

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
    """The documents that approval requires: the address of each, or `sha256:` and the hash of a stored artifact."""

    model_config = example(
        {
            "sbom": "sha256:" + "a1" * 32,
            "scan_result": "https://evidence.example.com/5.2.1/scan.json",
        }
    )

    sbom: Document | None = None
    scan_result: Document | None = None
    install: Document | None = None
    uninstall: Document | None = None
    detection: Document | None = None
    rollout_plan: Document | None = None
    rollback_plan: Document | None = None
    test_results: Document | None = None


class FloorIn(Body):
    """How many people must approve a rollout whose risk requires approval, whatever its plan says, and why."""

    model_config = example({"people": 2, "reason": "The change board asks for two."})

    people: Annotated[int, Field(strict=True, ge=0, le=20)]
    reason: Sentence


class ApproveIn(Body):
    """The approver's comment."""

    model_config = example({"comment": "Read and agreed."})

    comment: Words = ""


class RejectIn(Body):
    """Why the deployment is rejected."""

    model_config = example({"comment": "The scan result is of another version."})

    comment: Sentence


class BreakGlassIn(Body):
    """Why the deployment must dispatch during a freeze, and the open incident it is for."""

    model_config = example({"reason": "The fix cannot wait for the end of the freeze.", "incident_id": 1})

    reason: Sentence
    incident_id: Annotated[int, Field(strict=True, ge=1, lt=2**62)]


class ConfirmIn(Body):
    """The second person's comment."""

    model_config = example({"comment": "Agreed on the phone."})

    comment: Words = ""
