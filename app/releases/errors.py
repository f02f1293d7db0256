"""The errors of releases, each with its stable type."""

from __future__ import annotations

from app.errors import Conflict, Invalid, NotFound


class ArtifactMismatch(Conflict):
    type = "artifact-mismatch"
    title = "The release is already known with a different artifact hash"


class NoSuchPackage(NotFound):
    type = "no-such-package"
    title = "The version has no package for this connector"


class InvalidPackage(Invalid):
    type = "invalid-package"
    title = "The package is not what the connector needs"
