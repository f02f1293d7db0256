"""`/artifacts`: upload, download, list, delete by SHA-256; parse, call, return."""

from __future__ import annotations

import re
from urllib.parse import quote

from flask import Blueprint, Flask, Response, jsonify, request

from app.artifacts import queries, ranges, service
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
from app.db import db
from app.errors import OutOfRange, Stale
from app.http import exports
from app.http.bodies import takes_file
from app.http.operations import Binary, Reply, created, listed, ok, operation
from app.http.versions import has_tag, must_be_new
from app.identity.authentication import caller
from app.identity.scopes import Limit, checks

ANY_TYPE = "application/octet-stream"
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
    headers = {"ETag": f'"{sha256}"', "Accept-Ranges": "bytes", "Cache-Control": "private, no-cache"}
    if has_tag(sha256):
        return Response(status=304, headers=headers)
    part = _part(artifact["size"], sha256)
    start, stop = part or (0, artifact["size"])
    pieces = service.read(sha256, start, stop, head=request.method == "HEAD")
    response = Response(pieces, 206 if part else 200, headers, content_type=ANY_TYPE)
    response.content_length = stop - start
    if part:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{artifact['size']}"
    response.headers.set("Content-Disposition", "attachment", **_names(artifact["name"] or sha256))
    # What was uploaded is never run in the API's name, whatever it is.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


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


def _part(size: int, sha256: str) -> tuple[int, int] | None:
    """The range that the request asks for; None for the whole. Raises OutOfRange."""
    unchanged = request.headers.get("If-Range", f'"{sha256}"').strip() == f'"{sha256}"'
    if request.method != "GET" or not unchanged:
        return None
    try:
        return ranges.selected(request.headers.get("Range"), size)
    except ranges.Unsatisfiable:
        raise OutOfRange(size) from None


def _names(name: str) -> dict[str, str]:
    """The file name for `Content-Disposition`: in ASCII for old clients, and as it is (RFC 6266)."""
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    return {"filename": plain} if plain == name else {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"}


def install(app: Flask) -> None:
    """Register the routes of artifacts."""
    app.register_blueprint(blueprint, url_prefix="/api/v1")
