"""What devices send, read tolerantly: a message that cannot be understood is sent again at every poll, for ever.

swupdate puts raw line ends into its JSON, and some clients send the whole log of an installation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from app.connectors.pull.reasons import trouble
from app.connectors.pull.steps import About, Message
from app.spelling import cleaned

MOST_DETAILS = 40
"""Kept of a message: the first lines, the last ones, and between them those that tell of trouble."""
LONGEST_DETAIL = 500
MOST_ATTRIBUTES = 200
LONGEST_ATTRIBUTE = 500
LARGEST = 1e9
"""A number above it is no progress, and may be infinite."""
_WORD = re.compile(rb'"(execution|finished)"\s*:\s*"([a-z]{1,20})"')
_STRING = re.compile(rb'"((?:[^"\\]|\\.){1,500})"', re.DOTALL)


def feedback(body: bytes, action_id: int, external_id: str, about: About) -> Message:
    """The feedback in a body; what is missing or unreadable is empty."""
    content = _object(body)
    if content is None:
        return _scanned(body, action_id, external_id, about)
    status = _mapping(content.get("status"))
    result = _mapping(status.get("result"))
    details = status.get("details")
    return Message(
        action_id,
        external_id,
        about,
        _word(status.get("execution")),
        _word(result.get("finished")),
        _details(details if isinstance(details, list) else [details]),
        _percent(result.get("progress")),
    )


def confirmation(body: bytes) -> bool | None:
    """Whether the user confirms an installation; None if the body does not say."""
    content = _object(body) or {}
    return {"confirmed": True, "denied": False}.get(_word(content.get("confirmation")))


def attributes(body: bytes) -> tuple[dict[str, str], str]:
    """The attributes in a body, and whether they `replace` the known ones, `merge` into them or `remove` them."""
    content = _object(body) or {}
    data = _mapping(content.get("data"))
    named = [(cleaned(str(name))[:LONGEST_ATTRIBUTE], value) for name, value in list(data.items())[:MOST_ATTRIBUTES]]
    mode = _word(content.get("mode"))
    values = {name: cleaned(_text(value))[:LONGEST_ATTRIBUTE] for name, value in named if name}
    return values, mode if mode in ("merge", "remove") else "replace"


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(body.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _scanned(body: bytes, action_id: int, external_id: str, about: About) -> Message:
    """What a body that is no JSON says all the same."""
    words = {name.decode(): value.decode() for name, value in _WORD.findall(body)}
    _, _, rest = body.partition(b'"details"')
    details = [text.decode("utf-8", "replace") for text in _STRING.findall(rest)]
    return Message(
        action_id, external_id, about, words.get("execution", ""), words.get("finished", ""), _details(details)
    )


def _details(details: list[Any]) -> list[str]:
    texts = [_text(detail)[:LONGEST_DETAIL] for detail in details if detail not in (None, "")]
    if len(texts) <= MOST_DETAILS:
        return texts
    quarter = MOST_DETAILS // 4
    middle = trouble(texts[quarter:-quarter])[: 2 * quarter]
    return [*texts[:quarter], *middle, *texts[-quarter:]]


def _percent(progress: Any) -> int | None:
    """How far it is, from `percentage`, or from `cnt` of `of`, which may be 0 of 0."""
    if not isinstance(progress, dict):
        return None
    percent, done, of = (_number(progress.get(name)) for name in ("percentage", "cnt", "of"))
    if percent is None and done is not None and of:
        percent = 100 * done / of
    return None if percent is None else max(0, min(100, int(percent)))


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and abs(value) < LARGEST else None


def _word(value: Any) -> str:
    return _text(value).strip().lower()[:20] if isinstance(value, str) else ""


def _text(value: Any) -> str:
    """As text that can be stored: JSON may escape half of a character, which no encoding has."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode()


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
