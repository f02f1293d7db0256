"""A bucket of an S3-compatible server as the store. Only this module knows boto3."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Any

import boto3
import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.artifacts import hashes
from app.artifacts.errors import StoreFull, StoreUnavailable
from app.artifacts.stored import Stored

log = structlog.get_logger()

PART = 8 * 1024 * 1024
"""Bytes of a part, and so the memory that an upload takes."""
MOST_PARTS = 10_000
"""What S3 allows."""
CONNECT_SECONDS, READ_SECONDS = 5, 30
_CONNECTIONS = 32
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
_FULL = frozenset({"507", "XMinioStorageFull", "QuotaExceeded", "InsufficientCapacity"})
_OURS = frozenset({"BucketAlreadyOwnedByYou", "BucketAlreadyExists"})


class Bucket:
    """Contents as objects, each with the hash as its key."""

    def __init__(
        self, bucket: str, prefix: str, *, endpoint: str, region: str, access_key: str, secret_key: str
    ) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._options: dict[str, Any] = {
            "endpoint_url": endpoint or None,
            "region_name": region,
            "aws_access_key_id": access_key or None,
            "aws_secret_access_key": secret_key or None,
            "config": Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": 3},
                max_pool_connections=_CONNECTIONS,
                s3={"addressing_style": "path" if endpoint else "auto"},
                # Every content is checked by its SHA-256; not every server knows the newer checksums.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        }
        self._lock = Lock()

    def __str__(self) -> str:
        return f"s3://{self._bucket}/{self._prefix}"

    @property
    def client(self) -> Any:
        """The client, which all threads share; making it is not safe for threads."""
        with self._lock:
            return self._client

    @cached_property
    def _client(self) -> Any:
        return boto3.session.Session().client("s3", **self._options)

    def begin(self, sha256: str, size: int | None) -> _Object:
        """A new object, in parts of which one is in memory."""
        if size is not None and size > PART * MOST_PARTS:
            raise StoreFull(f"An object has at most {PART * MOST_PARTS} bytes; nothing was stored.")
        return _Object(self, self.target(sha256))

    def size(self, sha256: str) -> int | None:
        """The size of the object."""
        answer = self._of_object("head_object", sha256)
        return None if answer is None else int(answer["ContentLength"])

    def open(self, sha256: str, start: int, stop: int) -> Any:
        """The body of an answer with this range; of an empty content, S3 has no range."""
        span = {"Range": f"bytes={start}-{stop - 1}"} if stop > start else {}
        answer = self._of_object("get_object", sha256, **span)
        return None if answer is None else answer["Body"]

    def delete(self, sha256: str) -> None:
        """Delete the object."""
        self._of_object("delete_object", sha256)

    def contents(self) -> Iterator[Stored]:
        """Every object whose key is a hash, a thousand by each request."""
        with _faults(self):
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
            for page in pages:
                for entry in page.get("Contents", ()):
                    name = entry["Key"].removeprefix(self._prefix)
                    if hashes.written(name):
                        yield Stored(name, int(entry["Size"]), entry["LastModified"])

    def discard_unfinished(self, before: datetime) -> int:
        """Abort uploads in parts that nobody completes any more: their parts take space, and no list shows them."""
        gone = 0
        with _faults(self):
            pages = self.client.get_paginator("list_multipart_uploads")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix):
                for upload in page.get("Uploads", ()):
                    if upload["Initiated"] < before:
                        which = {"Key": upload["Key"], "UploadId": upload["UploadId"]}
                        self.client.abort_multipart_upload(Bucket=self._bucket, **which)
                        gone += 1
        return gone

    def prepare(self) -> None:
        """Create the bucket unless it is there."""
        with _faults(self):
            try:
                self.client.head_bucket(Bucket=self._bucket)
                return
            except ClientError as error:
                if _code(error) not in {*_ABSENT, "NoSuchBucket"}:
                    raise
            try:
                self.client.create_bucket(Bucket=self._bucket)
            except ClientError as error:
                if _code(error) not in _OURS:  # another host was faster
                    raise

    def target(self, sha256: str) -> dict[str, str]:
        """The bucket and key of a content, as requests name them."""
        return {"Bucket": self._bucket, "Key": self._prefix + sha256}

    def call(self, operation: str, **parameters: Any) -> Any:
        """The answer to a request. Raises StoreFull, StoreUnavailable."""
        with _faults(self):
            return getattr(self.client, operation)(**parameters)

    def _of_object(self, operation: str, sha256: str, **parameters: Any) -> Any:
        """The answer to a request about a content; None if it is not there."""
        with _faults(self):
            try:
                return getattr(self.client, operation)(**self.target(sha256), **parameters)
            except ClientError as error:
                if _code(error) in _ABSENT:
                    return None
                raise


class _Object:
    """An object that exists once it is kept; a small one is sent whole, a larger one in parts."""

    def __init__(self, bucket: Bucket, target: dict[str, str]) -> None:
        self._bucket, self._target = bucket, target
        self._buffer = bytearray()
        self._parts: list[dict[str, Any]] = []
        self._upload: dict[str, str] = {}

    def write(self, data: bytes) -> None:
        """Collect a part, and send it when it is full."""
        self._buffer += data
        while len(self._buffer) >= PART:
            self._send(bytes(self._buffer[:PART]))
            del self._buffer[:PART]

    def keep(self) -> None:
        """Send the rest, and make the object of it."""
        if not self._upload:
            self._bucket.call("put_object", **self._target, Body=bytes(self._buffer))
            return
        if self._buffer:
            self._send(bytes(self._buffer))
        self._bucket.call("complete_multipart_upload", **self._upload, MultipartUpload={"Parts": self._parts})
        self._upload = {}

    def close(self) -> None:
        """Abort an upload in parts that was not completed."""
        if not self._upload:
            return
        try:
            self._bucket.call("abort_multipart_upload", **self._upload)
        except (StoreFull, StoreUnavailable) as error:  # `discard_unfinished` finds it tomorrow
            log.warning("unfinished artifact", store=str(self._bucket), reason=error.detail)
        self._upload = {}

    def _send(self, part: bytes) -> None:
        if not self._upload:
            begun = self._bucket.call("create_multipart_upload", **self._target)
            self._upload = {**self._target, "UploadId": begun["UploadId"]}
        number = len(self._parts) + 1
        sent = self._bucket.call("upload_part", **self._upload, PartNumber=number, Body=part)
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})


@contextmanager
def _faults(bucket: Bucket) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code, status = _code(error), error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if code in _FULL or status == 507:
            raise StoreFull(f"{bucket} is full; nothing was stored. Free some space, then try again.") from error
        log.error("store of artifacts", store=str(bucket), exc_info=error)
        advice = _ADVICE.get(code, "Try again shortly.")
        raise StoreUnavailable(f"{bucket} answers {code or status}. {advice}") from error
    except BotoCoreError as error:
        log.error("store of artifacts", store=str(bucket), exc_info=error)
        raise StoreUnavailable(f"{bucket} does not respond: {type(error).__name__}. Try again shortly.") from error


_ADVICE = {
    "NoSuchBucket": "Create the bucket with `flask --app wsgi artifacts prepare`.",
    "AccessDenied": "Check the rights of EUCORA_ARTIFACTS_ACCESS_KEY.",
    "InvalidAccessKeyId": "Check EUCORA_ARTIFACTS_ACCESS_KEY.",
    "SignatureDoesNotMatch": "Check EUCORA_ARTIFACTS_SECRET_KEY.",
}


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
