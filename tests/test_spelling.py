"""The one spelling of names and texts."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, strategies as st

from app.spelling import cleaned, one_line, paragraphs, spelled, word

texts = st.text(alphabet=st.one_of(st.sampled_from(" \u00a0\u3000e\u0301é\n\r\t\u200d\u200e\ud800"), st.characters()))


@given(texts)
def test_a_spelling_is_final(text: str) -> None:
    for spelling in (spelled, cleaned):
        assert spelling(spelling(text)) == spelling(text)
    for checked in (one_line, paragraphs):
        try:
            result = checked(text)
        except ValueError:
            continue
        assert checked(result) == result
        assert unicodedata.is_normalized("NFC", result)


@given(texts)
def test_a_connector_may_report_anything(text: str) -> None:
    assert one_line(cleaned(text)) == cleaned(text)


@given(texts)
def test_composed_and_decomposed_are_one(text: str) -> None:
    assert spelled(unicodedata.normalize("NFD", text)) == spelled(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    ("given", "is_spelt"),
    [
        (" a ", "a"),
        ("\u00a0Pare-feu\u202fE\u0301tendu ", "Pare-feu Étendu"),
        ("a  b", "a  b"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("A\u030angstro\u0308m", "Ångström"),
    ],
)
def test_texts_are_spelt_in_one_way(given: str, is_spelt: str) -> None:
    assert one_line(given) == paragraphs(given) == cleaned(given) == is_spelt


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("a\0", "must not contain a NUL; remove character 2"),
        ("a\nb", "must not contain a line end; remove character 2"),
        ("a\r", "must not contain a line end; remove character 2"),
        ("\ta", "must not contain a tab; remove character 1"),
        ("\x1b[2J", "must not contain U+001B (a control character); remove character 1"),
        ("ab\u200e", "must not contain U+200E (left-to-right mark); remove character 3"),
        ("a\u2028b", "must not contain U+2028 (line separator); remove character 2"),
        ("a\ud800", "must not contain U+D800 (a control character); remove character 2"),
    ],
)
def test_what_cannot_be_seen_is_named(given: str, why: str) -> None:
    with pytest.raises(ValueError, match=r"^must not contain") as caught:
        one_line(given)
    assert str(caught.value) == why
    assert cleaned(given).replace("\ufffd", "").strip() == "".join(filter(str.isprintable, given))


def test_paragraphs_keep_their_line_ends() -> None:
    assert paragraphs(" first\r\n\tsecond\rthird\n") == "first\n\tsecond\nthird"
    with pytest.raises(ValueError, match="a control character"):
        paragraphs("first\n\x07")


@pytest.mark.parametrize(("given", "means"), [("Air-gapped ", "air_gapped"), ("Mac OS X", "mac_os_x"), ("", "")])
def test_words_of_closed_sets_are_known_however_written(given: str, means: str) -> None:
    assert word(given) == means
