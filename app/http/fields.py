"""Field types that request bodies and queries share: the strict base model, texts, numbers, times."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from app.spelling import one_line, paragraphs, word
from app.vocabulary import Platform


class Body(BaseModel):
    """Base of what callers send: an unknown field is an error."""

    model_config = ConfigDict(extra="forbid")


def example(body: dict[str, Any]) -> ConfigDict:
    """The configuration of a model whose example in the documentation is `body`."""
    return ConfigDict(json_schema_extra={"examples": [body]})


def _spelled_by(spelling: Callable[[str], str]) -> BeforeValidator:
    def spell(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        # Nearly all texts are these, and no spelling changes more of them.
        return value.strip(" ") if value.isascii() and value.isprintable() else spelling(value)

    return BeforeValidator(spell)


def _named(name: str) -> str:
    if not any(character.isalnum() for character in name):
        raise ValueError("must contain a letter or a digit")
    return name


ONE_LINE = _spelled_by(one_line)
"""For texts that people give: one spelling (`app/spelling.py`), no control or other invisible characters."""
PARAGRAPHS = _spelled_by(paragraphs)
"""The same, but with line ends and tabs."""
WORD = BeforeValidator(lambda value: word(value) if isinstance(value, str) else value)
"""For words of closed sets, without regard to case, blanks and hyphens."""

Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100),
    AfterValidator(_named),
    ONE_LINE,
    Field(description="1 to 100 visible characters of any language, at least one of them a letter or digit."),
]
"""The name of an application, of its version, or of a ring."""
Line = Annotated[str, StringConstraints(max_length=200), ONE_LINE]
"""Any text of one line; may be empty."""
Words = Annotated[str, StringConstraints(max_length=500), PARAGRAPHS]
"""Text written by a person; may be empty."""
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=500), PARAGRAPHS]
"""Text written by a person; must not be empty."""

_NUMBER = re.compile(r"[-+]?[0-9_]*\.?[0-9_]*")
_DIGITS = re.compile("-?[0-9]{1,19}")


def _plain_number(value: Any) -> Any:
    """An integer, or its digits. Neither `1_0`, `+5` nor `1.0` is one, although Python takes them."""
    if type(value) is int or (isinstance(value, str) and _DIGITS.fullmatch(value)):
        return value
    raise ValueError("must be a whole number in digits")


Digits = Annotated[int, BeforeValidator(_plain_number)]
"""A whole number in a query, where it can only be written as digits."""


def written_time(value: Any) -> Any:
    """A time as ISO 8601 has it; a number has no zone that one could see."""
    if isinstance(value, datetime) or (isinstance(value, str) and not _NUMBER.fullmatch(value.strip())):
        return value
    raise ValueError("must be a time such as 2026-01-31T12:00:00Z")


# Outside these bounds, a time in another zone may exceed what PostgreSQL and Python can both store.
Moment = Annotated[
    AwareDatetime,
    BeforeValidator(written_time),
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC)),
]

# Strict: neither "1" nor true is a number.
Number = Annotated[float, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]

OTHER_NAMES = {
    "microsoft_windows": Platform.WINDOWS,
    "win": Platform.WINDOWS,
    "mac": Platform.MACOS,
    "mac_os": Platform.MACOS,
    "mac_os_x": Platform.MACOS,
    "os_x": Platform.MACOS,
    "osx": Platform.MACOS,
    "darwin": Platform.MACOS,
    "gnu/linux": Platform.LINUX,
    "ipados": Platform.IOS,
    "iphone_os": Platform.IOS,
}
"""What people and inventories also call the platforms, as `spelling.word` spells it."""


def _platform(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    name = word(value)
    return OTHER_NAMES.get(name, name)


AnyPlatform = Annotated[Platform, BeforeValidator(_platform)]
"""A platform, by any of its names."""
