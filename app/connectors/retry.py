"""How a failed request to a vendor is classed, what its error says, and whether and when it is sent again."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import httpx

from app.connectors.protocol import ErrorClass
from app.connectors.redaction import excerpt, secrets_of, sentence, shown_url

REPEATABLE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Sending one of these twice does what sending it once does (RFC 9110 §9.2.2)."""
LONGEST_RETRY_AFTER = 86_400.0
"""Seconds. A vendor that asks for more is asked again after a day."""
LONGEST_ERROR_BODY = 65_536
"""Bytes of an error's body that are read."""


class Classes(NamedTuple):
    """The class of a failure, by whether the request may be sent twice."""

    repeatable: ErrorClass
    otherwise: ErrorClass


_TRANSIENT, _PERMANENT, _FORBIDDEN = (
    Classes(each, each) for each in (ErrorClass.TRANSIENT, ErrorClass.PERMANENT, ErrorClass.POLICY_VIOLATION)
)
_AMBIGUOUS = Classes(ErrorClass.TRANSIENT, ErrorClass.UNKNOWN)
"""The request may have been carried out: AWX answers 500 to a launch whose job exists, and a gateway answers 502 or 504
about a request that it has passed on already."""

_BY_STATUS = {
    401: _FORBIDDEN,
    403: _FORBIDDEN,
    407: _FORBIDDEN,
    408: _TRANSIENT,
    425: _TRANSIENT,
    429: _TRANSIENT,
    503: _TRANSIENT,
}
_BY_HUNDRED = {3: _PERMANENT, 4: _PERMANENT}


def class_of(status: int | None, repeatable: bool) -> ErrorClass:
    """The class of an answer with that status, which is no success; without one, of an answer that did not arrive."""
    classes = _AMBIGUOUS if status is None else _BY_STATUS.get(status) or _BY_HUNDRED.get(status // 100, _AMBIGUOUS)
    return classes.repeatable if repeatable else classes.otherwise


@dataclass(frozen=True)
class Call:
    """A request and what its caller says of it."""

    request: httpx.Request
    repeatable: bool
    secrets: frozenset[str]


@dataclass(frozen=True)
class Failure:
    """A failed attempt. `detail` may be shown; `retry_after` are seconds that the vendor asks for."""

    error_class: ErrorClass
    detail: str
    may_repeat: bool = False
    """Sending the request again may help and does no harm."""
    retry_after: float | None = None


class Overdue(httpx.ReadTimeout):
    """An answer that goes on when the time of the whole call is over."""


class TooLong(httpx.StreamError):
    """An answer that is too long to be read whole."""


_PHRASES: tuple[tuple[type[Exception], str], ...] = (
    (Overdue, "got no whole answer in the time that a call may take"),
    (TooLong, "got an answer that is too long to be read whole; it must be streamed"),
    (httpx.PoolTimeout, "got no free connection within {pool:.3g} s"),
    (httpx.ConnectTimeout, "got no connection within {connect:.3g} s"),
    (httpx.WriteTimeout, "could not be sent: nothing was taken for {write:.3g} s"),
    (httpx.ReadTimeout, "got no answer within {read:.3g} s"),
    (httpx.ConnectError, "got no connection: {reason}"),
    (httpx.ProxyError, "was refused by the proxy: {reason}"),
    (httpx.DecodingError, "got an answer that cannot be decoded: {reason}"),
    # Without the reason: it may quote a header.
    (httpx.LocalProtocolError, "is malformed: a header cannot be sent, or the body has another length than announced"),
    (httpx.UnsupportedProtocol, "has neither an http nor an https URL"),
    (httpx.StreamError, "would have to send its body a second time, to authenticate, and cannot"),
    (Exception, "lost its connection: {reason}"),
)
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""The vendor has seen nothing of the request."""
_OUR_FAULT = (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.StreamError)
_CA_ADVICE = "if a private CA signed it, name a bundle that holds that CA in SSL_CERT_FILE (or SSL_CERT_DIR)"


def broken(call: Call, error: httpx.RequestError | httpx.StreamError) -> Failure:
    """A request that got no answer, or not all of it."""
    failed = getattr(error, "_request", None) or call.request
    # Another request is one that authentication sends first, as for a token: the call's own was not carried out.
    unsent = isinstance(error, _NOT_SENT) or (failed.method, failed.url) != (call.request.method, call.request.url)
    certificate = _certificate_error(error)
    if certificate is not None:
        what = f"got no connection: the certificate cannot be verified ({certificate.verify_message}); {_CA_ADVICE}"
        return Failure(ErrorClass.PERMANENT, _detail(call, failed, what))
    phrase = next(phrase for kind, phrase in _PHRASES if isinstance(error, kind))
    what = phrase.format(**failed.extensions.get("timeout", {}), reason=str(error) or type(error).__name__)
    if isinstance(error, _OUR_FAULT):
        carried_out = isinstance(error, TooLong) and not call.repeatable
        error_class = ErrorClass.UNKNOWN if carried_out else ErrorClass.PERMANENT
    else:
        # A proxy's answer to CONNECT has a status too.
        status = re.match("[0-9]{3} ", str(error)) if isinstance(error, httpx.ProxyError) else None
        error_class = class_of(int(status[0]) if status else None, call.repeatable or unsent)
    if error_class is ErrorClass.UNKNOWN:
        what += "; it may have been carried out"
    again = error_class is ErrorClass.TRANSIENT and (unsent or (call.repeatable and _at_hand(call.request)))
    return Failure(error_class, _detail(call, failed, what), again)


def refused(call: Call, response: httpx.Response, now: datetime) -> Failure:
    """An answer that is no success; its body has not been read."""
    error_class, body = class_of(response.status_code, call.repeatable), bytearray()
    with suppress(httpx.RequestError, httpx.StreamError):  # the status says enough if the body breaks off
        for part in response.iter_bytes():
            body += part
            if len(body) >= LONGEST_ERROR_BODY:
                break
    said = excerpt(bytes(body[:LONGEST_ERROR_BODY]), _secrets(call, call.request))
    if response.next_request is not None:
        said = f"redirects are not followed, and it points to {shown_url(response.next_request.url)}"
    what = f"answered {response.status_code} {httpx.codes.get_reason_phrase(response.status_code)}".rstrip()
    return Failure(
        error_class,
        _detail(call, call.request, f"{what}: {said}" if said else what),
        error_class is ErrorClass.TRANSIENT and call.repeatable and _at_hand(call.request),
        retry_after(response.headers.get("retry-after"), now),
    )


def retry_after(header: str | None, now: datetime) -> float | None:
    """The seconds that a `Retry-After` header asks for, from 0 to LONGEST_RETRY_AFTER; None if it cannot be read.

    Beside the integer and the HTTP date of RFC 9110 a fraction counts: Graph sends 2.128. A date in the past is 0.
    """
    text = (header or "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return min(float(text), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER)


def backoff(attempt: int, first: float, longest: float, random: Callable[[], float]) -> float:
    """Seconds to wait after failed attempt number `attempt` (from 0): doubling, and between half and whole by chance.

    `random` gives a number from 0 up to 1.
    """
    return min(longest, first * 2.0**attempt) * (0.5 + random() / 2)


def _at_hand(request: httpx.Request) -> bool:
    """Whether the body can be sent again: an iterator's or a file's is consumed."""
    return isinstance(request.stream, httpx.ByteStream)


def _certificate_error(error: BaseException) -> ssl.SSLCertVerificationError | None:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    return cause


def _secrets(call: Call, failed: httpx.Request) -> set[str]:
    return {*call.secrets, *secrets_of(failed)}


def _detail(call: Call, failed: httpx.Request, what: str) -> str:
    return sentence(f"{failed.method} {shown_url(failed.url)} {what}", _secrets(call, failed))
