"""The way to the control plane, shared by every subject: requests, retries, pages and uploads."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import IO, Any, TypeVar, cast
from urllib.parse import quote

import httpx

from client import answers
from client.errors import Unreachable
from client.types import LineFormat, LineResult

API = "/api/v1"
PAGE = 500
"""Items of each page that an iterator asks for; the API gives no more."""
UPLOAD_SECONDS = 900.0
"""How long an upload's answer is waited for: it comes when the last line is stored."""
FIRST_WAIT = 0.25
"""Seconds before the first repetition after a broken connection; each further wait is twice as long."""
LONGEST_WAIT = 30.0
"""Seconds; a `Retry-After` beyond this is not waited for."""

BROKEN = (httpx.NetworkError, httpx.ConnectTimeout, httpx.RemoteProtocolError)
"""Failures of the connection. A late answer is not one of them: a repetition would wait that long again."""

UNAVAILABLE = 503
KEY = "Idempotency-Key"
_TOKEN = re.compile(r"[\x21-\x7e]+")

Answer = TypeVar("Answer")
Content = bytes | Iterable[bytes] | IO[bytes]
Hooks = Mapping[str, list[Callable[..., Any]]]


class Session:
    """An HTTP connection pool with the token, and the rules by which a request is repeated."""

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
        """Raises ValueError for an address or a token that no request can be made with."""
        address = httpx.URL(url)
        if address.scheme not in ("http", "https") or not address.host or address.userinfo:
            raise ValueError("The address must be http:// or https:// with a host, and without a name and password.")
        if not _TOKEN.fullmatch(token):
            # Checked here: an HTTP library would repeat the header in its error.
            raise ValueError("The token is empty or has a character that no token has, such as a line break.")
        self.url = str(address).rstrip("/")
        self._retries = retries
        self._sleep = sleep
        self._http = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=timeout,
            transport=transport,
            event_hooks=event_hooks,
        )

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def get(self, shape: type[Answer], path: str, query: Mapping[str, Any] | None = None) -> Answer:
        """The JSON answer to a GET below `/api/v1`, which has this shape."""
        answer = self._request("GET", API + path, repeatable=True, params=_query(query or {}))
        return cast(Answer, answers.content(answer))

    def text(self, path: str, query: Mapping[str, Any], accept: str) -> str:
        """The answer to a GET below `/api/v1` in another form than JSON."""
        headers = {"Accept": accept}
        answer = self._request("GET", API + path, repeatable=True, params=_query(query), headers=headers)
        return answers.text(answer)

    def probe(self, shape: type[Answer], path: str, also: Collection[int] = ()) -> Answer:
        """The JSON answer to a GET at the root, with a success or one of the other statuses."""
        return cast(Answer, answers.content(self._request("GET", path, repeatable=True), also))

    def each(self, item: type[Answer], path: str, query: Mapping[str, Any], cursor: int = 0) -> Iterator[Answer]:
        """Every item of a list after the cursor, page by page."""
        following: int | None = cursor
        while following is not None:
            page = self.get(dict[str, Any], path, {**query, "limit": PAGE, "cursor": following})
            yield from cast(list[Answer], page["items"])
            following = page["next"]

    def change(
        self,
        shape: type[Answer],
        method: str,
        path: str,
        body: Any,
        *,
        if_match: int | None = None,
        idempotency_key: str | None = None,
    ) -> Answer:
        """The JSON answer to a mutation, which is carried out once, however often it is sent under its key."""
        headers = {KEY: str(uuid.uuid4()) if idempotency_key is None else idempotency_key}
        if if_match is not None:
            headers["If-Match"] = f'"{if_match}"'
        answer = self._request(method, API + path, repeatable=True, json=body, headers=headers)
        return cast(Answer, answers.content(answer))

    def upload(
        self, path: str, content: Content, content_type: LineFormat, timeout: float = UPLOAD_SECONDS
    ) -> Iterator[LineResult]:
        """Send lines; what became of each. The request is made at once and never repeated by itself."""
        headers = {"Content-Type": content_type}
        answer = self._request("POST", API + path, repeatable=False, content=content, headers=headers, timeout=timeout)
        return answers.line_results(answer)

    def _request(self, method: str, path: str, *, repeatable: bool, **request: Any) -> httpx.Response:
        attempt = 0
        while True:
            last = not repeatable or attempt >= self._retries
            try:
                answer = self._http.request(method, path, **request)
            except httpx.RequestError as error:
                if last or not isinstance(error, BROKEN):
                    reason = str(error) or type(error).__name__
                    key = request.get("headers", {}).get(KEY)
                    raise Unreachable(f"{method} {self.url}{path} was not answered: {reason}", key) from error
                wait = FIRST_WAIT * 2**attempt
            else:
                asked = answers.retry_after(answer) if answer.status_code == UNAVAILABLE else None
                if last or asked is None or asked > LONGEST_WAIT:
                    return answer
                wait = asked
            self._sleep(wait)
            attempt += 1


class Subject:
    """The operations of one subject of the API."""

    def __init__(self, session: Session) -> None:
        self._session = session


def given(**fields: Any) -> dict[str, Any]:
    """The fields that are not None: the API's defaults stand for the others."""
    return {name: value for name, value in fields.items() if value is not None}


def segment(name: str) -> str:
    """A name as one segment of a path. Raises ValueError for a name that would make another path."""
    if name in ("", ".", ".."):
        raise ValueError(f"{name!r} is not a name.")
    return quote(name, safe="")


def _query(given: Mapping[str, Any]) -> dict[str, Any]:
    present = {name: value for name, value in given.items() if value is not None}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in present.items()}
