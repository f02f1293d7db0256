"""`/artifacts`: upload, download, list, delete by SHA-256; parse, call, return."""

from __future__ import annotations

import re

from flask import Blueprint, Flask, Response, jsonify, request

from app.artifacts import queries, sending, service
from app.artifacts.errors import (
    ArtifactInUse,
    ContentMissing,
    HashMismatch,
    NoSuchArtifact,
    StoreFull,
    StoreUnavailable,
)
from app.artifacts.responses import Artifact
from app.artifacts.schemas import ArtifactQuery, UploadQuery
from app.artifacts.sending import ANY_TYPE
from app.db import db
from app.errors import OutOfRange, Stale
from app.http import exports
from app.http.bodies import takes_file
from app.http.operations import Binary, Reply, created, listed, ok, operation
from app.http.versions import must_be_new
from app.identity.authentication import caller
from app.identity.scopes import Limit, checks

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}")
_HEADERS = ("ETag", "Accept-Ranges", "Content-Disposition")

blueprint = Blueprint("artifacts", __name__)


@blueprint.get("/artifacts")
@operation("list_artifacts", "artifacts", listed(Artifact))
def index(query: ArtifactQuery) -> Response:
    """List the artifacts, each with what refers to it."""
    return exports.answer(Artifact, query, queries.artifacts)


@blueprint.put("/artifacts/<sha256>")
@takes_file
@checks(Limit.APPLICATIONS, Limit.BUSINESS_UNITS)  # a content belongs to none of them; its references do
@operation(
    "put_artifact",
    "artifacts",
    ok(Artifact, "The content was stored before, and is the same."),
    created(Artifact, "Stored.", location=False),
    errors=(HashMismatch, Stale, StoreFull, StoreUnavailable),
)
def upload(sha256: str, query: UploadQuery) -> tuple[Response, int]:
    """Upload a content of any type under its SHA-256. Repeat an upload that broke off; nothing of it was kept."""
    sha256 = service.required_hash(sha256)
    is_new = service.store(
        caller().subject,
        sha256,
        request.stream,
        length=request.content_length,
        name=query.name,
        media_type=request.mimetype if _MEDIA_TYPE.fullmatch(request.mimetype) else ANY_TYPE,
        only_new=must_be_new(),
    )
    return jsonify(queries.artifact(sha256, caller().scopes)), 201 if is_new else 200


@blueprint.get("/artifacts/<sha256>")
@operation(
    "get_artifact",
    "artifacts",
    Reply(200, "The content.", {ANY_TYPE: Binary()}, _HEADERS),
    Reply(206, "The part of it that was asked for.", {ANY_TYPE: Binary()}, (*_HEADERS, "Content-Range")),
    errors=(NoSuchArtifact, ContentMissing, OutOfRange, StoreUnavailable),
)
def download(sha256: str) -> Response:
    """Download a content, or one range of its bytes. Honours Range, If-Range and If-None-Match."""
    sha256 = service.required_hash(sha256)
    artifact = queries.artifact(sha256)
    db.session.rollback()  # the download may take an hour, and holds no connection meanwhile
    return sending.content(sha256, artifact["size"], artifact["name"] or sha256)


@blueprint.get("/artifacts/<sha256>/metadata")
@operation("get_artifact_metadata", "artifacts", ok(Artifact), errors=(NoSuchArtifact,))
def metadata(sha256: str) -> Response:
    """Show an artifact's size, type and name, who uploaded it, and what refers to it."""
    return jsonify(queries.artifact(service.required_hash(sha256)))


@blueprint.delete("/artifacts/<sha256>")
@operation("delete_artifact", "artifacts", ok(Artifact), errors=(NoSuchArtifact, ArtifactInUse, StoreUnavailable))
def delete(sha256: str) -> Response:
    """Delete an artifact that nothing refers to."""
    sha256 = service.required_hash(sha256)
    artifact = queries.artifact(sha256)
    service.delete(caller().subject, sha256)
    return jsonify(artifact)


def install(app: Flask) -> None:
    """Register the routes of artifacts."""
    app.register_blueprint(blueprint, url_prefix="/api/v1")
