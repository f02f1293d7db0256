"""Reading NDJSON and CSV: every row is on one line and gets one answer, whatever is wrong with the others."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel

from app.errors import FieldError, Invalid
from app.http.line_formats import LONGEST_LINE, csv_lines, csv_rows, decoded, json_lines


class Item(BaseModel):
    external_id: str
    platform: str
    connector: str
    site: str = ""


HEADER = "external_id,platform,connector,site"
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "|"}
cells = st.text(alphabet=st.sampled_from('ab"ü ,;\t|'), max_size=6)
tables = st.lists(st.lists(cells, min_size=4, max_size=4), max_size=6)
broken = st.text(alphabet=st.sampled_from('ab", ;'), max_size=12)


def read(content: str | bytes) -> dict[int, list[str] | FieldError]:
    """The rows of a CSV by their line numbers."""
    given = content.encode() if isinstance(content, str) else content
    found = list(csv_rows(decoded(io.BytesIO(given)), Item)[1])
    assert len({number for number, _ in found}) == len(found)
    return dict(found)


def refused(content: str | bytes) -> tuple[str, dict[str, str]]:
    """Why the header is refused, and what is wrong with each column."""
    with pytest.raises(Invalid) as caught:
        read(content)
    return caught.value.detail, {error.field: error.message for error in caught.value.fields}


def written(rows: Iterable[Iterable[str]], delimiter: str, quoting: Any = csv.QUOTE_MINIMAL) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=quoting).writerows([HEADER.split(","), *rows])
    return text.getvalue()


def is_empty(row: Iterable[str]) -> bool:
    return not any(cell.strip(" \t") for cell in row)


@given(table=tables, delimiter=st.sampled_from([*DELIMITERS]), all_quoted=st.booleans(), utf_16=st.booleans())
def test_what_a_program_wrote_is_what_is_read(
    table: list[list[str]], delimiter: str, all_quoted: bool, utf_16: bool
) -> None:
    text = written(table, delimiter, csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL)
    expected = {number: [cell.strip(" \t") for cell in row] for number, row in enumerate(table, 2) if not is_empty(row)}
    assert read(text.encode("utf-16" if utf_16 else "utf-8")) == expected


@given(lines=st.lists(st.one_of(broken, st.sampled_from(["a,b,c,d", '"a","b","c","d"'])), max_size=8))
def test_every_row_is_answered_by_its_own_number(lines: list[str]) -> None:
    found = read("\n".join([HEADER, *lines]))
    for number, line in enumerate(lines, 2):
        # A row's answer does not depend on the rows around it.
        assert found.get(number) == read(f"{HEADER}\n{line}").get(2)
        assert number in found or not line.strip(' ,"')


def test_a_mark_that_is_not_closed_costs_its_own_row_only() -> None:
    found = read(f'{HEADER}\na,b,c,"HQ\nb,b,c,A\nc,b,c,"B"\nd,b,c,C\n')
    assert [number for number, row in found.items() if isinstance(row, list)] == [3, 4, 5]
    assert found[2] == FieldError(
        "(line)", 'a quotation mark is not closed on this line; a mark inside a quoted cell is written twice ("")'
    )


@pytest.mark.parametrize("row", ['a,b,c,19" rack', 'a,b,c,"HQ"x', 'a,b,c,"HQ" north', 'a,"b,c,d', '"', 'a,b,"c",d"'])
def test_a_misplaced_mark_refuses_its_row(row: str) -> None:
    found = read(f"{HEADER}\n{row}\nx,y,z,w")
    assert isinstance(found[2], FieldError)
    assert "quotation mark" in found[2].message
    assert found[3] == ["x", "y", "z", "w"]


def test_marks_that_are_where_they_belong_are_taken() -> None:
    found = read(f'{HEADER}\na,b,c,"19"" rack"\na, "b,c" ,c,"d"\na,b,c,""\n"a","b","c"";","d"\n')
    assert found == {
        2: ["a", "b", "c", '19" rack'],
        3: FieldError(
            "(line)",
            "a quotation mark is misplaced (',' expected after '\"'); quote the whole cell, "
            'and write a mark inside it twice ("")',
        ),
        4: ["a", "b", "c", ""],
        5: ["a", "b", 'c";', "d"],
    }


def test_empty_rows_of_a_spreadsheet_are_skipped() -> None:
    assert read(f'{HEADER}\r\n,,,\r\n , ,\t,\r\n\r\n"","","",""\r\n,,\r\n,,,,,\r\na,b,c,d\r\n') == {
        8: ["a", "b", "c", "d"]
    }


def test_a_row_with_other_columns_than_the_header_is_refused() -> None:
    found = read(f"{HEADER}\na,b,c\na,b,c,d,e\na,b,c,d,,\n")
    assert found[2] == FieldError("(line)", "has 3 columns, but the header has 4")
    assert found[3] == FieldError("(line)", "has 5 columns, but the header has 4")
    assert found[4] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    "content",
    [
        "External_ID, platform ,CONNECTOR\nx,y,z\n",
        "external_id;platform;connector\nx;y;z\n",
        "external_id\tplatform\tconnector\nx\ty\tz\n",
        "external id,Platform,connector,\nx,y,z,\n",
        "sep=;\nexternal_id;platform;connector\nx;y;z\n",
        'sep=,\r\n"external_id","platform","connector"\r\nx,y,z\r\n',
        "\n\nexternal_id,platform,connector\rx,y,z\r",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_headers_are_read_as_people_and_spreadsheets_write_them(content: str, encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    found = list(csv_lines(decoded(io.BytesIO((mark + content).encode(encoding))), Item))
    assert [row for _, row in found] == [{"external_id": "x", "platform": "y", "connector": "z"}]
    assert found[0][0] == len(content.splitlines())


def test_a_wrong_header_is_described() -> None:
    detail, columns = refused("external_id,platform,conector,Serial number,,platform\na,b,c,d,e,f\n")
    assert detail == (
        "The first line of the CSV must name its columns, each once. It names 'external_id', 'platform', 'conector', "
        "'Serial number', '', 'platform' (separated by commas; the encoding is UTF-8). "
        "Allowed are external_id, platform, connector, site."
    )
    assert columns == {
        "connector": "this column is missing",
        "conector": "unknown column; did you mean connector?",
        "Serial number": "unknown column",
        "(column 5)": "this column has no name",
        "platform": "2 columns have this name",
    }


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "It names nothing"),
        (b"a;b\n", "separated by semicolons"),
        (b"a\tb\n", "separated by tabs"),
        (b"a|b\n", "separated by |"),
        ("a,b\n".encode("utf-16"), "the encoding is UTF-16"),
        ("external_id,b\n".encode("utf-16-le"), "UTF-16 without a byte order mark: save it as UTF-8"),
        ("Gerät,b\n".encode("latin-1"), "character 4 cannot be decoded; save the file as UTF-8"),
        (b'"external_id,platform\n', "a quotation mark is not closed on this line"),
        (b"x" * LONGEST_LINE * 2, "longer than 65,536 characters"),
    ],
)
def test_a_header_says_what_the_file_seems_to_be(content: bytes, says: str) -> None:
    assert says in refused(content)[0]


def test_a_row_in_another_encoding_is_refused_alone() -> None:
    found = read(f"{HEADER}\na,b,c,d\n".encode() + "b,b,c,Köln\n".encode("cp1252") + b"c,b,c,d\n")
    assert found[3] == FieldError("(line)", "character 8 cannot be decoded; save the file as UTF-8")
    assert [number for number, row in found.items() if isinstance(row, list)] == [2, 4]


def test_half_a_character_at_the_end_of_utf_16_refuses_its_row() -> None:
    found = read(f"{HEADER}\na,b,c,d\nb,b,c,d".encode("utf-16") + b"\x00\xd8")
    assert found[2] == ["a", "b", "c", "d"]
    assert isinstance(found[3], FieldError)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("more", range(-4, 4))
def test_a_line_that_is_too_long_is_refused_alone(end: str, more: int) -> None:
    long = "x" * (LONGEST_LINE + more)
    text = decoded(io.BytesIO(end.join([long, '{"a": 1}', long * 3, '{"b": 2}']).encode()))
    found = dict(json_lines(text))
    assert [*found] == [1, 2, 3, 4]
    assert (found[2], found[4]) == ({"a": 1}, {"b": 2})
    assert isinstance(found[1], FieldError)
    assert found[3] == FieldError("(line)", "longer than 65,536 characters")


@given(rows=st.lists(st.one_of(st.text(max_size=8), st.just('{"a": "ü"}')), max_size=8))
def test_every_line_of_ndjson_is_answered(rows: list[str]) -> None:
    ended = [row.replace("\r", " ").replace("\n", " ") for row in rows]
    found = dict(json_lines(decoded(io.BytesIO("\n".join(ended).encode("utf-8", "surrogatepass")))))
    assert [*found] == [number for number, row in enumerate(ended, 1) if row.strip("\ufeff").strip()]
    for number, answer in found.items():
        assert isinstance(answer, FieldError) or answer == json.loads(ended[number - 1].lstrip("\ufeff"))


def test_memory_stays_bounded_whatever_the_file_is() -> None:
    class Endless(io.RawIOBase):
        """One cell of 32 MiB that is never closed, without a line end."""

        left = 32 * 1024 * 1024

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            size = min(len(buffer), self.left)
            self.left -= size
            buffer[:size] = b"x" * size
            return size

    stream = io.BufferedReader(Endless())
    tracemalloc.start()
    try:
        found = list(json_lines(decoded(stream)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [number for number, _ in found] == [1]
    assert peak < 4 * 1024 * 1024
