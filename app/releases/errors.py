"""What a release refuses."""

from __future__ import annotations

from app.errors import Conflict


class ArtifactMismatch(Conflict):
    type = "artifact-mismatch"
    title = "This release is known with another artifact hash"
