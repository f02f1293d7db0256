"""The HTTP session that all subjects share: requests, retries, pages and uploads."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from ssl import SSLContext
from typing import IO, Any, BinaryIO, TypeVar, cast
from urllib.parse import quote

import httpx

from client import answers
from client.errors import Unreachable
from client.types import LineFormat, LineResult

API = "/api/v1"
PAGE = 500
"""Items per page that an iterator requests; the API's maximum."""
UPLOAD_SECONDS = 900.0
"""The timeout of an upload, whose answer arrives only when the last line is stored."""
FIRST_WAIT = 0.25
"""Seconds before the first retry after a broken connection; each further wait is twice as long."""
LONGEST_WAIT = 30.0
"""Seconds; a request with a longer `Retry-After` is not retried."""

BROKEN = (httpx.NetworkError, httpx.ConnectTimeout, httpx.RemoteProtocolError)
"""Failures of the connection. A read timeout is not one of them: a retry would wait as long again."""

PARTIAL = 206
PAST_THE_END = 416
UNAVAILABLE = 503
KEY = "Idempotency-Key"
_TOKEN = re.compile(r"[\x21-\x7e]+")

Answer = TypeVar("Answer")
Content = bytes | Iterable[bytes] | IO[bytes]
Hooks = Mapping[str, list[Callable[..., Any]]]


@cache
def _authorities() -> SSLContext:
    """Whom TLS trusts; read once in a process, which takes 50 ms of processor time."""
    return httpx.create_ssl_context()


class Session:
    """An HTTP connection pool with the token, and the rules for retries."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: float,
        retries: int,
        sleep: Callable[[float], None],
        transport: httpx.BaseTransport | None,
        event_hooks: Hooks | None,
    ) -> None:
        """Raises ValueError for an invalid address or token."""
        address = httpx.URL(url)
        if address.scheme not in ("http", "https") or not address.host or address.userinfo:
            raise ValueError(
                "The address must be http:// or https:// with a host, and without a user name and password."
            )
        if not _TOKEN.fullmatch(token):
            # Checked here because an HTTP library would include the header in its error.
            raise ValueError("The token is empty or contains an invalid character, such as a line break.")
        self.url = str(address).rstrip("/")
        self._timeout = timeout
        self.retries = retries
        self.sleep = sleep
        self._http = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=timeout,
            transport=transport,
            event_hooks=event_hooks,
            verify=_authorities(),
        )

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def get(self, shape: type[Answer], path: str, query: Mapping[str, Any] | None = None) -> Answer:
        """The JSON answer to a GET below `/api/v1`, typed as `shape`."""
        answer = self._request("GET", API + path, repeatable=True, params=_query(query or {}))
        return cast(Answer, answers.content(answer))

    def text(self, path: str, query: Mapping[str, Any], accept: str) -> str:
        """The text of the answer to a GET below `/api/v1`, in a format other than JSON."""
        headers = {"Accept": accept}
        answer = self._request("GET", API + path, repeatable=True, params=_query(query), headers=headers)
        return answers.text(answer)

    def waited(
        self, shape: type[Answer], path: str, seconds: float, query: Mapping[str, Any], etag: str | None = None
    ) -> tuple[Answer | None, str | None]:
        """The JSON answer to a GET that the API may hold for so many seconds, and its ETag; None if it is unchanged."""
        headers = {} if etag is None else {"If-None-Match": etag}
        timeout = httpx.Timeout(self._timeout, read=self._timeout + seconds)
        query = {**query, "wait": int(seconds)}
        answer = self._request("GET", API + path, repeatable=True, params=query, headers=headers, timeout=timeout)
        is_unchanged = answer.status_code == httpx.codes.NOT_MODIFIED
        return None if is_unchanged else cast(Answer, answers.content(answer)), answer.headers.get("ETag")

    @contextmanager
    def stream(
        self, path: str, query: Mapping[str, Any], headers: Mapping[str, str], silence: float
    ) -> Iterator[Iterator[str]]:
        """The lines of the answer to a GET, as they arrive; at most `silence` seconds pass between two of them.

        Raises Problem; Unreachable if there is no connection, or when it breaks.
        """
        timeout = httpx.Timeout(self._timeout, read=silence)
        try:
            with self._http.stream("GET", API + path, params=_query(query), headers=headers, timeout=timeout) as answer:
                if not answer.is_success:
                    answer.read()
                    raise answers.problem(answer)
                yield answer.iter_lines()
        except httpx.RequestError as error:
            reason = str(error) or type(error).__name__
            raise Unreachable(f"GET {self.url}{API}{path} broke off: {reason}") from error

    def probe(self, shape: type[Answer], path: str, also: Collection[int] = ()) -> Answer:
        """The JSON answer to a GET at the root. The statuses in `also` count as success."""
        return cast(Answer, answers.content(self._request("GET", path, repeatable=True), also))

    def each(self, item: type[Answer], path: str, query: Mapping[str, Any], cursor: int = 0) -> Iterator[Answer]:
        """Every item of a list after the cursor, page by page; unless asked otherwise, the oldest first."""
        next_cursor: int | None = cursor
        while next_cursor is not None:
            page = self.get(dict[str, Any], path, {"order": "oldest", **query, "limit": PAGE, "cursor": next_cursor})
            yield from cast(list[Answer], page["items"])
            next_cursor = page["next"]

    def change(
        self,
        shape: type[Answer],
        method: str,
        path: str,
        body: Any,
        *,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> Answer:
        """The JSON answer to a mutation. Retries carry the same key, so the mutation is executed once."""
        headers = {KEY: str(uuid.uuid4()) if idempotency_key is None else idempotency_key}
        if if_match is not None:
            headers["If-Match"] = f'"{if_match}"'
        answer = self._request(method, API + path, repeatable=True, json=body, headers=headers)
        return cast(Answer, answers.content(answer))

    def upload(
        self, path: str, content: Content, content_type: LineFormat, timeout: float = UPLOAD_SECONDS
    ) -> Iterator[LineResult]:
        """Upload lines and iterate over their results. The request is sent immediately and never retried."""
        headers = {"Content-Type": content_type}
        answer = self._request("POST", API + path, repeatable=False, content=content, headers=headers, timeout=timeout)
        return answers.line_results(answer)

    def send_file(
        self, shape: type[Answer], path: str, file: Path, query: Mapping[str, Any], media_type: str
    ) -> Answer:
        """The JSON answer to a PUT of a file's content, which is read again for each retry."""
        with file.open("rb") as content:
            answer = self._request(
                "PUT",
                API + path,
                repeatable=True,
                rewind=content,
                content=content,
                params=_query(query),
                headers={"Content-Type": media_type, "Content-Length": str(file.stat().st_size)},
                timeout=UPLOAD_SECONDS,
            )
        return cast(Answer, answers.content(answer))

    def receive(self, path: str, target: BinaryIO, tag: str) -> None:
        """Append the content of a path, whose ETag is `tag`, to what a file has of it.

        A broken connection is retried from there, as often in a row as requests are. Raises Problem, Unreachable.
        """
        attempt = 0
        while True:
            begun = target.seek(0, os.SEEK_END)
            try:
                self._receive_rest(path, target, tag, begun)
                return
            except httpx.RequestError as error:
                attempt = 0 if target.tell() > begun else attempt
                if attempt >= self.retries:
                    reason = str(error) or type(error).__name__
                    raise Unreachable(f"GET {self.url}{API}{path} broke off: {reason}") from error
            self.sleep(FIRST_WAIT * 2**attempt)
            attempt += 1

    def _receive_rest(self, path: str, target: BinaryIO, tag: str, begun: int) -> None:
        headers = {"Range": f"bytes={begun}-", "If-Range": f'"{tag}"'} if begun else {}
        with self._http.stream("GET", API + path, headers=headers) as answer:
            if answer.status_code == PAST_THE_END:
                return
            if not answer.is_success:
                answer.read()
                raise answers.problem(answer)
            if answer.status_code != PARTIAL:
                target.seek(0)
                target.truncate()
            for data in answer.iter_bytes():
                target.write(data)

    def _request(
        self, method: str, path: str, *, repeatable: bool, rewind: BinaryIO | None = None, **request: Any
    ) -> httpx.Response:
        attempt = 0
        while True:
            last = not repeatable or attempt >= self.retries
            if rewind is not None:
                rewind.seek(0)
            try:
                answer = self._http.request(method, path, **request)
            except httpx.RequestError as error:
                if last or not isinstance(error, BROKEN):
                    reason = str(error) or type(error).__name__
                    key = request.get("headers", {}).get(KEY)
                    raise Unreachable(f"{method} {self.url}{path} was not answered: {reason}", key) from error
                wait = FIRST_WAIT * 2**attempt
            else:
                requested_wait = answers.retry_after(answer) if answer.status_code == UNAVAILABLE else None
                if last or requested_wait is None or requested_wait > LONGEST_WAIT:
                    return answer
                wait = requested_wait
            self.sleep(wait)
            attempt += 1


class Subject:
    """The operations of one subject of the API."""

    def __init__(self, session: Session) -> None:
        self._session = session


def present(**fields: Any) -> dict[str, Any]:
    """The fields that are not None; the API's defaults apply to the others."""
    return {name: value for name, value in fields.items() if value is not None}


def segment(name: str) -> str:
    """The name, quoted as one segment of a path. Raises ValueError for a name that would change the path."""
    if name in ("", ".", ".."):
        raise ValueError(f"{name!r} is not a name.")
    return quote(name, safe="")


def _query(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in present(**parameters).items()
    }
