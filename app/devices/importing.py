"""Importing a whole inventory from a CSV file: read as a stream and copied into the database in large batches."""

from __future__ import annotations

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

from app.connectors import registry
from app.devices.places import bucket
from app.devices.schemas import LONGEST_ID, DeviceIn
from app.devices.service import STORE, record_registered, unknown_connector
from app.errors import FieldError, Unavailable
from app.events.unit import unit_of_work
from app.http.bodies import field_errors
from app.http.line_formats import csv_rows, decoded, named_cells
from app.spelling import one_line

DEVICES_PER_COMMIT = 50_000
REJECTED = "rejected"
RESULTS = ("created", "updated", "unchanged", REJECTED)
_MOST_PROFILES = 10_000
"""The most profiles that a reader remembers, so its memory is bounded whatever the file contains."""

DeviceRow = tuple[str, str]
"""A device's external id, and its line in COPY's format with the columns of `incoming`."""
OnRejectedLine = Callable[[int, Sequence[FieldError]], None]
"""Called with the number of each rejected line and the reasons, by the thread that reads."""

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
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


class NoTemporaryTables(Unavailable):
    type = "no-temporary-tables"
    title = "The database role may not create temporary tables"


class Reader:
    """Turns the cells of a CSV line into a row of the table, by the rules of `DeviceIn`.

    All cells but the external id are a device's profile. Thousands of lines share one, so each is validated once.
    """

    def __init__(self, header: Sequence[str]) -> None:
        self._header = header
        self._place = header.index("external_id")
        self._profiles: dict[tuple[str, ...], str] = {}

    def read(self, cells: Sequence[str]) -> DeviceRow | list[FieldError]:
        """The device on a line, or every reason to reject the line."""
        external_id = cells[self._place]
        others = (*cells[: self._place], *cells[self._place + 1 :])
        profile = self._profiles.get(others)
        try:
            external_id = one_line(external_id)
        except ValueError:
            profile = None
        if profile is None or not 0 < len(external_id) <= LONGEST_ID:
            try:
                device = DeviceIn.model_validate(named_cells(self._header, cells))
            except ValidationError as error:
                return list(field_errors(error))
            if device.connector not in registry.names():
                return [unknown_connector()]
            if len(self._profiles) >= _MOST_PROFILES:
                self._profiles.clear()
            profile = self._profiles[others] = _profile(device)
        return external_id, f"{external_id.translate(_ESCAPES)}\t{profile}\t{bucket(external_id)}\n"


def _profile(device: DeviceIn) -> str:
    """The columns between id and bucket. Tags need no escapes; quoted, the tag `null` is not read as NULL."""
    tags = ",".join(f'"{tag}"' for tag in device.tags)
    unit = device.business_unit.translate(_ESCAPES)
    return "\t".join((device.platform, device.connector, device.site_class, unit, f"{{{tags}}}", device.criticality))


class _DeviceBatch(NamedTuple):
    """The devices of one transaction, as one text: copied line by line, each would wait for the thread that reads."""

    devices: int
    lines: str


class Import:
    """One import. `counts` has the number of lines so far, by one of `RESULTS`."""

    def __init__(self, actor: str, on_rejected: OnRejectedLine, per_commit: int = DEVICES_PER_COMMIT) -> None:
        self._actor = actor
        self._on_rejected = on_rejected
        self._per_commit = per_commit
        self.counts: Counter[str] = Counter()

    def run(self, file: IO[bytes]) -> None:
        """Register the devices in the file. Invalid lines are rejected; valid lines are stored.

        An interrupted import can be run again: devices that are already stored are then unchanged.

        Raises Invalid (the header is not usable), NoTemporaryTables.
        """
        rows = self._rows(file)
        # One thread reads the next batch while the database stores the last one.
        with ThreadPoolExecutor(1, "reader") as reader:
            following = reader.submit(self._batch, rows)
            while (batch := following.result()).devices:
                following = reader.submit(self._batch, rows)
                stored = _store(self._actor, batch.lines)
                for (_, result), count in stored.items():
                    self.counts[result] += count
                self.counts["unchanged"] += batch.devices - stored.total()

    def _batch(self, rows: Iterator[DeviceRow]) -> _DeviceBatch:
        lines = [line for _, line in islice(rows, self._per_commit)]
        return _DeviceBatch(len(lines), "".join(lines))

    def _rows(self, file: IO[bytes]) -> Iterator[DeviceRow]:
        header, lines = csv_rows(decoded(file), DeviceIn)
        reader = Reader(header)
        seen: set[int] = set()  # hashes, not ids: a million of them must stay small
        for number, cells in lines:
            row = [cells] if isinstance(cells, FieldError) else reader.read(cells)
            if isinstance(row, tuple) and (identity := hash(row[0])) in seen:
                row = [FieldError("external_id", "appears on an earlier line")]
            if isinstance(row, list):
                self.counts[REJECTED] += 1
                self._on_rejected(number, row)
            else:
                seen.add(identity)
                yield row


def _store(actor: str, lines: str) -> Counter[tuple[str, str]]:
    """Create or update devices in one transaction; the numbers of devices by connector and result."""
    with unit_of_work(actor) as unit:
        _create_incoming(unit.session)
        connection = unit.session.connection().connection
        with connection.cursor() as cursor, cursor.copy("COPY incoming FROM STDIN") as copy:  # type: ignore[attr-defined]  # psycopg's own
            copy.write(lines)
        stored = unit.session.execute(_STORE)
        tallies = Counter({(row.connector, "created" if row.created else "updated"): row.devices for row in stored})
        record_registered(unit, tallies)
    return tallies


def _create_incoming(session: Session) -> None:
    try:
        session.execute(_INCOMING)
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        raise NoTemporaryTables(
            "The import needs temporary tables. Run ops/postgres/roles.sql as a superuser to grant the permission."
        ) from error
