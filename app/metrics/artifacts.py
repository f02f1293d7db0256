"""The metrics of stored artifacts that come from events. Standard library only."""

from __future__ import annotations

from app.metrics.metric import Kind, Origin, declare

ARTIFACT_TOTAL = declare(
    name="artifact_total",
    path="artifact.total.{action}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Artifacts that were stored and deleted; an upload of a content that is stored already counts as neither.",
    by="artifact.stored, artifact.deleted",
    action=("stored", "deleted"),
)
ARTIFACT_BYTES = declare(
    name="artifact_bytes_total",
    path="artifact.bytes.{action}",
    kind=Kind.COUNTER,
    origin=Origin.EVENT,
    help="Bytes of artifacts that were stored and deleted.",
    by="artifact.stored, artifact.deleted",
    action=("stored", "deleted"),
)
