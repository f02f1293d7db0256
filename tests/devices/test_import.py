"""Importing a whole inventory: it stores what the API would store, and rejects only invalid lines."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from hypothesis import given, strategies as st
from pydantic import ValidationError
from sqlalchemy import create_engine, text

from app.devices.importing import DeviceRow, Import, NoTemporaryTables, Reader
from app.devices.places import bucket
from app.devices.schemas import DeviceIn
from app.errors import FieldError
from app.http.line_formats import named_cells
from tests.support.database import nothing_written, rows
from tests.support.http import Client
from tests.support.threads import together

COLUMNS = ("external_id", "platform", "connector", "site_class", "business_unit", "tags", "criticality")
HEADER = ",".join(COLUMNS)
INVENTORY = "\n".join(
    [
        HEADER,
        "a,windows,simulated,online,Köln,lab;front-desk,normal",
        r"b\N,linux,simulated,air_gapped,\N,null;a.b,critical",
        'c,macos,simulated,,"two cells, and a line \\ of ""text""",,',
        "d,ios,simulated,intermittent, , ; ,low",
    ]
)
STORED = f"SELECT {HEADER}, bucket FROM devices ORDER BY external_id"

ids = st.one_of(
    st.sampled_from(["", "a", " a b ", "a\n", "ü", "u\u0308", "a/b", "x" * 200, "x" * 201, r"a\b", "NULL"]),
    st.text(max_size=4),
)
kinds = st.tuples(
    st.sampled_from(["windows", "linux", "beos", "", "WINDOWS", " Mac OS X"]),
    st.sampled_from(["simulated", "intune9", ""]),
    st.sampled_from(["online", "air_gapped", "", "moon"]),
    st.one_of(st.sampled_from(["", "Köln", "y" * 100, "y" * 101, "a\0b", "\t\\"]), st.text(max_size=4)),
    st.sampled_from(["", "lab", "lab; front ;;", "Lab", "null", "a" * 64, ";".join(f"t{n}" for n in range(51)), '"']),
    st.sampled_from(["", "normal", "critical", "grave"]),
)


def ignore(_number: int, _errors: Sequence[FieldError]) -> None:
    """For imports whose rejected lines are only counted."""


def imported(content: str | bytes, per_commit: int = 1000) -> tuple[dict[str, int], dict[int, str]]:
    """Import it: the counts, and the first field at fault of each rejected line."""
    rejected: dict[int, str] = {}
    work = Import("tester", lambda number, errors: rejected.update({number: errors[0].field}), per_commit)
    work.run(io.BytesIO(content.encode() if isinstance(content, str) else content))
    return dict(work.counts), rejected


@pytest.fixture
def run(database: Flask, tmp_path: Path) -> Run:
    """Import by the command."""
    return Run(database, tmp_path / "devices.csv")


class Run:
    def __init__(self, app: Flask, file: Path) -> None:
        self.app, self.file = app, file

    def __call__(self, content: str) -> Result:
        self.file.write_text(content)
        return self.app.test_cli_runner().invoke(args=["devices", "import", str(self.file)])


@given(first=ids, second=ids, kind=kinds, place=st.integers(0, 6))
def test_what_is_read_is_what_the_api_would_take(
    app: Flask, first: str, second: str, kind: tuple[str, ...], place: int
) -> None:
    header = [*COLUMNS[1:]]
    header.insert(place, "external_id")
    reader = Reader(header)
    for external_id in (first, second):  # the second meets what was remembered of the first
        cells = [*kind]
        cells.insert(place, external_id)
        assert said(reader.read(cells)) == judged(header, cells)


WRITTEN = {r"\\": "\\", r"\t": "\t", r"\n": "\n", r"\r": "\r"}
"""What the manual of COPY says these stand for."""
PLAIN = re.compile(r"\\.")


def said(read: DeviceRow | list[FieldError]) -> object:
    if isinstance(read, list):
        return {error.field.split(".")[0] for error in read}
    external_id, line = read
    assert line.endswith("\n")
    columns = tuple(PLAIN.sub(lambda found: WRITTEN[found[0]], column) for column in line[:-1].split("\t"))
    assert columns[0] == external_id
    return columns


def judged(header: list[str], cells: list[str]) -> object:
    try:
        device = DeviceIn.model_validate(named_cells(header, cells))
    except ValidationError as error:
        return {str(found["loc"][0]) for found in error.errors()}
    if device.connector != "simulated":
        return {"connector"}
    columns = [str(getattr(device, name)) for name in COLUMNS]
    columns[5] = "{" + ",".join(f'"{tag}"' for tag in device.tags) + "}"
    return (*columns, str(bucket(device.external_id)))


def test_a_file_is_stored_as_the_api_would_store_it(client: Client) -> None:
    assert imported(INVENTORY) == ({"created": 4, "unchanged": 0}, {})
    by_import = rows(STORED)
    assert [row.external_id for row in by_import] == ["a", r"b\N", "c", "d"]
    assert by_import[1][4:6] == (r"\N", ["null", "a.b"])
    assert by_import[2][4] == 'two cells, and a line \\ of "text"'
    answers = client.upload("/devices", INVENTORY, "text/csv")
    assert {answer["status"] for answer in answers} == {"unchanged"}
    assert rows(STORED) == by_import
    assert all(row.bucket == bucket(row.external_id) for row in by_import)


def test_devices_are_created_updated_left_or_brought_back(client: Client) -> None:
    imported(INVENTORY)
    client.post("/devices/retire", {"external_ids": ["d"]})
    before = {row.external_id: row.changed_at for row in rows("SELECT external_id, changed_at FROM devices")}
    with nothing_written(devices=1, events=1):
        counts, _ = imported(INVENTORY.replace("a,windows", "a,linux") + "\ne,windows,simulated,,,,")
    assert counts == {"created": 1, "updated": 2, "unchanged": 2}
    assert rows("SELECT payload FROM events ORDER BY id DESC LIMIT 1")[0].payload["tallies"] == [
        {"connector": "simulated", "result": "created", "count": 1},
        {"connector": "simulated", "result": "updated", "count": 2},
    ]
    after = {row.external_id: row for row in rows("SELECT external_id, changed_at, retired_at FROM devices")}
    assert {name for name, moment in before.items() if after[name].changed_at > moment} == {"a", "d"}
    assert after["d"].retired_at is None
    with nothing_written():
        imported(INVENTORY.replace("a,windows", "a,linux"))


def test_only_invalid_lines_are_rejected(database: Flask) -> None:
    lines = [
        "external_id,platform,connector,business_unit",
        "a,windows,simulated,x",
        "b,windows",
        "c,windows,simulated,x,y",
        "",
        "d,beos,simulated,x",
        ",windows,simulated,x",
        "e,windows,intune9,x",
        "a,linux,simulated,x",
        '"' + "x" * 200_000 + '",windows,simulated,x',
        "f,windows,simulated,\udcff",
        "g\x07g,windows,simulated,x",
        "h,windows,simulated,x",
        "i,wind",
    ]
    with nothing_written(devices=2, events=1):
        counts, rejected = imported("\n".join(lines).encode("utf-8", "surrogateescape"))
    assert counts == {"created": 2, "unchanged": 0, "rejected": 10}
    assert rejected == {
        3: "(line)",
        4: "(line)",
        6: "platform",
        7: "external_id",
        8: "connector",
        9: "external_id",
        10: "(line)",
        11: "(line)",
        12: "external_id",
        14: "(line)",
    }
    assert [(row.external_id, row.platform) for row in rows(STORED)] == [("a", "windows"), ("h", "windows")]


def test_a_line_may_give_the_device_of_a_rejected_one(database: Flask) -> None:
    counts, _ = imported("external_id,platform,connector\na,beos,simulated\na,windows,simulated\n")
    assert counts == {"created": 1, "unchanged": 0, "rejected": 1}


def test_each_transaction_is_whole_and_has_its_event(database: Flask) -> None:
    fleet = [HEADER, *(f"d{n:02d},windows,simulated,,,," for n in range(25)), "broken", "z,windows,simulated,,,,"]
    with nothing_written(devices=26, events=3):
        assert imported("\n".join(fleet), per_commit=10)[0] == {"created": 26, "unchanged": 0, "rejected": 1}
    counted = [row.payload["tallies"][0]["count"] for row in rows("SELECT payload FROM events ORDER BY id")]
    assert counted == [10, 10, 6]


def test_an_import_that_was_stopped_goes_on(database: Flask) -> None:
    def stop(_number: int, _errors: Sequence[FieldError]) -> None:
        raise KeyboardInterrupt

    fleet = "\n".join([HEADER, *(f"d{n:02d},windows,simulated,,,," for n in range(25)), "broken"])
    work = Import("tester", stop, 10)
    with pytest.raises(KeyboardInterrupt), nothing_written(devices=20, events=2):
        work.run(io.BytesIO(fleet.encode()))
    assert len(rows(STORED)) == work.counts["created"] == 20
    assert imported(fleet)[0] == {"created": 5, "unchanged": 20, "rejected": 1}


def test_two_imports_of_the_same_devices_do_not_deadlock(database: Flask) -> None:
    def bring(turn: int) -> int:
        there = [f"d{n:03d}" for n in range(300)]
        order = there[turn * 71 :] + there[: turn * 71]
        with database.app_context():
            content = "\n".join([HEADER, *(f"{it},windows,simulated,,unit {turn},," for it in order)])
            return sum(imported(content, per_commit=100)[0].values())

    assert together(*[lambda turn=turn: bring(turn) for turn in range(4)]) == [300] * 4
    assert len(rows(STORED)) == 300


def test_the_command_tells_what_became_of_the_lines(run: Run) -> None:
    done = run(INVENTORY)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("4 created, 0 updated, 0 unchanged, 0 rejected.")
    done = run(INVENTORY + "\nx,beos,simulated,,,,\n" + "y\x07y,windows,simulated,,,,\n" * 150)
    assert done.exit_code == 1
    assert done.stdout.startswith("0 created, 0 updated, 4 unchanged, 151 rejected.")
    printed = done.stderr.splitlines()
    assert len(printed) == 101
    assert printed[0].startswith("line 6: platform: Input should be 'windows'")
    assert printed[100] == "... and 51 more lines were rejected."


def test_a_file_without_a_usable_header_is_refused_as_a_whole(run: Run, subtests: pytest.Subtests) -> None:
    for content in ("", "a,windows,simulated\n", "external_id,platform\na,windows\n", f"{HEADER},colour\n"):
        with subtests.test(content=content), nothing_written():
            done = run(content)
            assert done.exit_code == 1
            assert "must name its columns" in done.stderr


def test_a_role_without_temporary_tables_learns_how_to_get_them(database: Flask) -> None:
    from app.settings import load_settings

    owner = create_engine(load_settings().owner_database_url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text("REVOKE TEMPORARY ON DATABASE eucora FROM eucora_app"))
        try:
            with pytest.raises(NoTemporaryTables, match=r"roles\.sql"), nothing_written():
                imported(INVENTORY)
        finally:
            connection.execute(text("GRANT TEMPORARY ON DATABASE eucora TO eucora_app"))
    owner.dispose()
    assert imported(INVENTORY)[0]["created"] == 4
