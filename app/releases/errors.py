"""The errors of releases, each with its stable type."""

from __future__ import annotations

from app.errors import Conflict


class ArtifactMismatch(Conflict):
    type = "artifact-mismatch"
    title = "The release is already known with a different artifact hash"
