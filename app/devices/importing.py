"""A whole inventory from a CSV file: read as a stream, brought to the database by COPY, many devices a transaction."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import IO, NamedTuple

from psycopg.errors import InsufficientPrivilege
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from app import clock
from app.connectors import registry
from app.devices.places import bucket
from app.devices.schemas import EXTERNAL_ID, DeviceIn
from app.devices.service import STORE, record_registered, unknown_connector
from app.errors import FieldError, Unavailable
from app.events.unit import unit_of_work
from app.http.bodies import csv_rows, decoded, field_errors, named_cells

DEVICES_PER_COMMIT = 50_000
RESULTS = ("created", "updated", "unchanged", "refused")
_MOST_KINDS = 10_000
"""Kinds of devices that a reader remembers, so that its memory is bounded whatever the file says."""

Row = tuple[str, str]
"""A device's external id, and its line as COPY takes it: the columns of `incoming`."""
Refuse = Callable[[int, Sequence[FieldError]], None]
"""Is told of each refused line: its number and what is wrong with it; called by the thread that reads."""

_INCOMING = text("""
    CREATE TEMPORARY TABLE incoming (
        external_id text, platform text, connector text, site_class text, business_unit text, tags text[],
        criticality text, bucket integer
    ) ON COMMIT DROP
""")
_STORE = text(f"""
    WITH stored AS ({STORE.format(items="incoming")})
    SELECT connector, created, count(*) AS devices FROM stored GROUP BY connector, created
""")
_is_external_id = re.compile(EXTERNAL_ID).fullmatch
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


class NoTemporaryTables(Unavailable):
    type = "no-temporary-tables"
    title = "The database's role may not make temporary tables"


class Reader:
    """Turns the cells of a CSV into rows of the table, by the rules of `DeviceIn`.

    What a line says beside its device's id, thousands of lines say: it is validated once and remembered.
    """

    def __init__(self, header: Sequence[str]) -> None:
        self._header = header
        self._place = header.index("external_id")
        self._kinds: dict[tuple[str, ...], str] = {}

    def read(self, cells: Sequence[str]) -> Row | list[FieldError]:
        """The device on a line, or every reason to refuse it."""
        external_id = cells[self._place]
        beside = (*cells[: self._place], *cells[self._place + 1 :])
        kind = self._kinds.get(beside)
        if kind is None or not _is_external_id(external_id):
            try:
                device = DeviceIn.model_validate(named_cells(self._header, cells))
            except ValidationError as error:
                return list(field_errors(error))
            if device.connector not in registry.names():
                return [unknown_connector()]
            if len(self._kinds) >= _MOST_KINDS:
                self._kinds.clear()
            kind = self._kinds[beside] = _kind(device)
        return external_id, f"{external_id.translate(_ESCAPES)}\t{kind}\t{bucket(external_id)}\n"


def _kind(device: DeviceIn) -> str:
    """The columns between id and bucket. A tag holds neither quotes nor backslashes; quoted, none is read as NULL."""
    tags = ",".join(f'"{tag}"' for tag in device.tags)
    unit = device.business_unit.translate(_ESCAPES)
    return "\t".join((device.platform, device.connector, device.site_class, unit, f"{{{tags}}}", device.criticality))


class _Batch(NamedTuple):
    """Devices of one transaction, in one text: sent line by line, each would wait for the thread that reads."""

    devices: int
    lines: str


class Import:
    """One import; `counts` says at any time how many lines came to which of `RESULTS`."""

    def __init__(self, actor: str, refuse: Refuse, per_commit: int = DEVICES_PER_COMMIT) -> None:
        self._actor = actor
        self._refuse = refuse
        self._per_commit = per_commit
        self.counts: Counter[str] = Counter()

    def run(self, file: IO[bytes]) -> None:
        """Register what the file holds; a line that is wrong is refused alone, with its number.

        Raises Invalid for a file without a usable header and NoTemporaryTables; an import that was stopped may be
        run again, what was stored before is then unchanged.
        """
        rows = self._rows(file)
        # One thread reads on while the database stores what was read before.
        with ThreadPoolExecutor(1, "reader") as reader:
            following = reader.submit(self._batch, rows)
            while (batch := following.result()).devices:
                following = reader.submit(self._batch, rows)
                stored = _store(self._actor, batch.lines)
                for (_, result), count in stored.items():
                    self.counts[result] += count
                self.counts["unchanged"] += batch.devices - stored.total()

    def _batch(self, rows: Iterator[Row]) -> _Batch:
        lines = [line for _, line in islice(rows, self._per_commit)]
        return _Batch(len(lines), "".join(lines))

    def _rows(self, file: IO[bytes]) -> Iterator[Row]:
        header, lines = csv_rows(decoded(file), DeviceIn)
        reader = Reader(header)
        seen: set[int] = set()  # hashes, not ids: a million of them must stay small
        for number, cells in lines:
            row = [cells] if isinstance(cells, FieldError) else reader.read(cells)
            if isinstance(row, tuple) and (place := hash(row[0])) in seen:
                row = [FieldError("external_id", "appeared before in this file")]
            if isinstance(row, list):
                self.counts["refused"] += 1
                self._refuse(number, row)
            else:
                seen.add(place)
                yield row


def _store(actor: str, lines: str) -> Counter[tuple[str, str]]:
    """Create or update devices in one transaction; how many, by connector and result."""
    with unit_of_work(actor) as unit:
        _make_incoming(unit.session)
        connection = unit.session.connection().connection
        with connection.cursor() as cursor, cursor.copy("COPY incoming FROM STDIN") as copy:  # type: ignore[attr-defined]  # psycopg's own
            copy.write(lines)
        found = unit.session.execute(_STORE, {"now": clock.now()})
        tallies = Counter({(row.connector, "created" if row.created else "updated"): row.devices for row in found})
        record_registered(unit, tallies)
    return tallies


def _make_incoming(session: Session) -> None:
    try:
        session.execute(_INCOMING)
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        raise NoTemporaryTables(
            "The database's role may not make temporary tables: run ops/postgres/roles.sql again, which allows it."
        ) from error
