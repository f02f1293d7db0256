"""The one HTTP client through which connectors talk to their vendors, on httpx.

It waits, repeats and gives up within one time budget, sorts every failure into an error class, and lets no secret into
an error or a log. Proxies and CAs come from the environment as it is when the client is made: HTTP_PROXY, HTTPS_PROXY,
ALL_PROXY and NO_PROXY, in capitals or not; SSL_CERT_FILE, else SSL_CERT_DIR, in place of the CAs that certifi ships.
httpx reads neither REQUESTS_CA_BUNDLE nor CURL_CA_BUNDLE nor .netrc.

A client does not survive a fork; the registry makes connectors, and with them their clients, again in the child.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypedDict, Unpack

import httpx
import structlog
from pydantic import BaseModel, ConfigDict, Field

from app import clock
from app.connectors import retry
from app.connectors.protocol import ConnectorError, ErrorClass

log = structlog.get_logger()


class HttpSettings(BaseModel):
    """Limits of a client. Times in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connect: float = Field(default=5.0, gt=0)
    """For a connection; for its TLS handshake as long again."""
    read: float = Field(default=20.0, gt=0)
    """For the next part of an answer."""
    write: float = Field(default=20.0, gt=0)
    """For the next part of a body."""
    pool: float = Field(default=5.0, gt=0)
    """For a free connection of `max_connections`."""
    total: float = Field(default=30.0, gt=0)
    """For a call with all its attempts and waits; the last step may overrun it by a time-out of its own. A further
    attempt needs `connect` seconds of it. A streamed answer may be read for longer."""
    max_connections: int = Field(default=5, ge=1)
    """At once; Jamf asks for no more than five."""
    keepalive: float = Field(default=5.0, ge=0)
    """How long an idle connection is kept."""
    retries: int = Field(default=3, ge=0, le=10)
    """Further attempts after the first."""
    first_backoff: float = Field(default=0.5, ge=0)
    longest_backoff: float = Field(default=10.0, ge=0)
    max_body: int = Field(default=64 * 2**20, ge=1)
    """Bytes, as they are sent, of an answer that is not streamed."""


DEFAULTS = HttpSettings()


class Options(TypedDict, total=False):
    """The keyword arguments of a request; those up to `files` are httpx's."""

    params: Mapping[str, Any]
    headers: Mapping[str, str]
    json: Any
    data: Mapping[str, Any]
    content: str | bytes | Iterable[bytes]
    """An iterator or a file is sent piece by piece, and so only once."""
    files: Mapping[str, Any]
    accept: Collection[int]
    """Statuses that are answers, beside 2xx."""
    repeatable: bool
    """Whether sending it twice does what sending it once does; by default the method decides."""
    secrets: Collection[str]
    """Further strings that no error may show."""


class VendorClient:
    """HTTP with one vendor: one instance for each tenant, made by its connector.

    `base_url` may have a path, which stays in front of every relative URL. `auth` may send requests of its own, as for
    a token, and may raise ConnectorError. `headers` and `auth` go to the origin of `base_url` only: a page's absolute
    link or a download on another host gets neither. Cookies are not kept, since they would pin all traffic to one node
    of a cluster; a caller that needs one sends it in `headers`. `now` serves a Retry-After that is a date, `monotonic`
    the time budget, `random` gives numbers from 0 up to 1. Raises ConnectorError if the URL, or a proxy or the CA
    bundle of the environment, cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        settings: HttpSettings = DEFAULTS,
        *,
        auth: httpx.Auth | None = None,
        headers: Mapping[str, str] | None = None,
        secrets: Collection[str] = (),
        now: Callable[[], datetime] = clock.now,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = random.random,
    ) -> None:
        self._settings, self._auth, self._headers, self._secrets = settings, auth, dict(headers or {}), secrets
        self._now, self._monotonic, self._sleep, self._random = now, monotonic, sleep, random
        self._client = _httpx_client(base_url, settings)

    def get(self, url: str, **options: Unpack[Options]) -> httpx.Response:
        """See `request`."""
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Unpack[Options]) -> httpx.Response:
        """See `request`."""
        return self.request("POST", url, **options)

    def put(self, url: str, **options: Unpack[Options]) -> httpx.Response:
        """See `request`."""
        return self.request("PUT", url, **options)

    def patch(self, url: str, **options: Unpack[Options]) -> httpx.Response:
        """See `request`."""
        return self.request("PATCH", url, **options)

    def delete(self, url: str, **options: Unpack[Options]) -> httpx.Response:
        """See `request`. A repeated DELETE may meet its own success as a 404, which is then worth accepting."""
        return self.request("DELETE", url, **options)

    def request(self, method: str, url: str, **options: Unpack[Options]) -> httpx.Response:
        """The vendor's answer, read whole: a 2xx or one of `accept`. Raises ConnectorError for everything else.

        `url` is relative to the base or absolute; a page's link is followed as `response.url.join(link)`. Redirects are
        not followed. What does no harm is repeated while the settings allow it and the vendor's Retry-After fits into
        the time that remains; otherwise the error carries `retry_after`.
        """
        return self._answer(self._call(method, url, options), options.get("accept", ()), streamed=False)

    @contextmanager
    def stream(self, method: str, url: str, **options: Unpack[Options]) -> Iterator[httpx.Response]:
        """The answer as `request` gives it, with its body still to be read: `iter_bytes()`, `iter_lines()`.

        A connection that breaks meanwhile raises ConnectorError too; nothing is repeated then.
        """
        call = self._call(method, url, options)
        with closing(self._answer(call, options.get("accept", ()), streamed=True)) as response:
            try:
                yield response
            except httpx.RequestError as error:
                failure = retry.broken(call, error)
                raise ConnectorError(failure.error_class, failure.detail) from None

    def close(self) -> None:
        """Close the connections; the client cannot be used after that."""
        self._client.close()

    def _call(self, method: str, url: str, options: Options) -> retry.Call:
        """Raises ConnectorError if it cannot be written as a request."""
        try:
            target = httpx.URL(url)
            own = httpx.Headers(self._headers if target.is_relative_url or self._is_own(target) else {})
            own.update(options.get("headers"))
            request = self._client.build_request(
                method,
                url,
                params=options.get("params") or None,
                headers=own,
                json=options.get("json"),
                data=options.get("data"),
                content=options.get("content"),
                files=options.get("files"),
            )
        except (httpx.InvalidURL, UnicodeError):
            # Without the reason: it may quote the URL's query or a header.
            raise ConnectorError(ErrorClass.PERMANENT, f"{method}: the URL or a header cannot be sent") from None
        repeatable = options.get("repeatable", request.method in retry.REPEATABLE_METHODS)
        return retry.Call(request, repeatable, frozenset({*self._secrets, *options.get("secrets", ())}))

    def _is_own(self, url: httpx.URL) -> bool:
        """Whether a URL has the origin of the base URL."""
        base = self._client.base_url
        return (url.scheme, url.host, url.port) == (base.scheme, base.host, base.port)

    def _answer(self, call: retry.Call, accept: Collection[int], *, streamed: bool) -> httpx.Response:
        """The answer, after as many attempts as it takes and the settings allow. Raises ConnectorError."""
        settings, attempt = self._settings, 0
        deadline = self._monotonic() + settings.total
        while True:
            answer = self._attempt(call, accept, deadline, streamed)
            if isinstance(answer, httpx.Response):
                return answer
            wait = retry.backoff(attempt, settings.first_backoff, settings.longest_backoff, self._random)
            wait = max(wait, answer.retry_after or 0.0)
            attempt += 1
            fits = self._monotonic() + wait + settings.connect <= deadline
            if not answer.may_repeat or attempt > settings.retries or not fits:
                raise ConnectorError(answer.error_class, answer.detail, answer.retry_after)
            log.warning(
                "a vendor request is repeated", error=answer.detail, attempt=attempt, wait_seconds=round(wait, 3)
            )
            self._sleep(wait)

    def _attempt(
        self, call: retry.Call, accept: Collection[int], deadline: float, streamed: bool
    ) -> httpx.Response | retry.Failure:
        """Send the request once."""
        settings, request = self._settings, call.request
        remaining = math.inf if streamed else max(deadline - self._monotonic(), 0.001)
        limits = _timeouts(settings)
        request.extensions["timeout"] = {name: min(limit, remaining) for name, limit in limits.items()}
        try:
            response = self._client.send(request, stream=True, auth=self._auth if self._is_own(request.url) else None)
            accepted = response.is_success or response.status_code in accept
            if accepted and streamed:
                return response
            with closing(response):
                assert isinstance(response.stream, httpx.SyncByteStream)
                response.stream = _Bounded(response.stream, settings.max_body, lambda: self._monotonic() >= deadline)
                if accepted:
                    response.read()
                    return response
                return retry.refused(call, response, self._now())
        except (httpx.RequestError, httpx.StreamError) as error:
            return retry.broken(call, error)


class _Bounded(httpx.SyncByteStream):
    """A body that ends in an error when it gets too long or goes on for too long."""

    def __init__(self, stream: httpx.SyncByteStream, most: int, overdue: Callable[[], bool]) -> None:
        self._stream, self._most, self._overdue = stream, most, overdue

    def __iter__(self) -> Iterator[bytes]:
        length = 0
        for part in self._stream:
            length += len(part)
            if length > self._most:
                raise retry.TooLong("too long")
            if self._overdue():
                raise retry.Overdue("overdue")
            yield part

    def close(self) -> None:
        self._stream.close()


def _timeouts(settings: HttpSettings) -> dict[str, float]:
    """As httpx wants them beside a request."""
    return {name: getattr(settings, name) for name in ("connect", "read", "write", "pool")}


def _httpx_client(base_url: str, settings: HttpSettings) -> httpx.Client:
    """Raises ConnectorError if the URL, or a proxy or the CA bundle of the environment, cannot be used."""

    def limited(request: httpx.Request) -> None:
        # Without this httpx would wait without limit for a request that authentication sends.
        request.extensions.setdefault("timeout", _timeouts(settings))

    wrong = "the base URL is not an http or https URL with a host and without a query"
    try:
        url = httpx.URL(base_url)
        if url.scheme in ("http", "https") and url.host and not url.query:
            wrong = "a proxy that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY or NO_PROXY names cannot be used"
            return httpx.Client(
                base_url=url,
                limits=httpx.Limits(
                    max_connections=settings.max_connections,
                    max_keepalive_connections=settings.max_connections,
                    keepalive_expiry=settings.keepalive,
                ),
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                event_hooks={"request": [limited]},
            )
    except OSError as error:
        reason = error.strerror or type(error).__name__
        wrong = f"the CA bundle that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read: {reason}"
    except (httpx.InvalidURL, ValueError, ImportError):
        pass  # `wrong` says it, without a URL that may hold a password
    raise ConnectorError(ErrorClass.PERMANENT, f"No HTTP client can be made: {wrong}.")
