"""The one spelling of names and texts that people, files and connectors give. Standard library only."""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"
"""Invisible, but part of words in Persian, in languages of India, and in emoji."""
_LAYOUT = "\n\t"
_OUT_OF_PLACE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories: controls, formats, lone surrogates, separators of lines and paragraphs."""
_COMMON = {"\0": "a NUL", "\t": "a tab", "\n": "a line end", "\r": "a line end"}


def spelled(text: str) -> str:
    """The text in its one spelling: NFC, every kind of blank is a space, no blanks at either end.

    Upper and lower case, and several blanks in a row, stay as they are.
    """
    if not text.isascii():
        if not text.isprintable():
            text = "".join(" " if unicodedata.category(character) == "Zs" else character for character in text)
        text = unicodedata.normalize("NFC", text)
    return text.strip(" ")


def one_line(text: str) -> str:
    """The text in its one spelling. Raises ValueError if it has a control or another invisible character."""
    if text.isprintable():
        return text.strip(" ") if text.isascii() else spelled(text)
    _refuse_invisible(text, "")
    return spelled(text)


def paragraphs(text: str) -> str:
    """The same for a text of several lines, whose line ends become line feeds; tabs may stay. Raises ValueError."""
    if text.isprintable():
        return spelled(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    _refuse_invisible(text, _LAYOUT)
    return spelled(text).strip(" " + _LAYOUT)


def cleaned(text: str) -> str:
    """The one spelling of what a connector reports: characters that `one_line` refuses become U+FFFD."""
    if text.isprintable():
        return text.strip(" ") if text.isascii() else spelled(text)
    return spelled("".join("\ufffd" if _is_out_of_place(character) else character for character in text))


def word(text: str) -> str:
    """A word of a closed set, however it is written: `Air-gapped ` is `air_gapped`."""
    return spelled(text).casefold().replace(" ", "_").replace("-", "_")


def folded(name: str) -> str:
    """The form in which names of people and services are compared: `Anna`, `ANNA` and ` anna` are one subject."""
    return unicodedata.normalize("NFC", spelled(name).casefold())


def _refuse_invisible(text: str, allowed: str) -> None:
    for place, character in enumerate(text, 1):
        if character not in allowed and _is_out_of_place(character):
            raise ValueError(f"must not contain {_described(character)}; remove character {place}")


def _is_out_of_place(character: str) -> bool:
    return character not in _JOINERS and unicodedata.category(character) in _OUT_OF_PLACE


def _described(character: str) -> str:
    if character in _COMMON:
        return _COMMON[character]
    name = unicodedata.name(character, "a control character")
    return f"U+{ord(character):04X} ({name.lower()})"
