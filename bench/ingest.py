"""Ingesting results: relative to bare statements, over HTTP with four writers, and with many stored reports.

`python -m bench.ingest --help` lists the sizes of a run; the default takes about two minutes.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine, create_engine, text

from app import clock
from app.db import db
from app.demo.rollout import RISK
from app.deployments import progress, reports
from app.deployments.report_statuses import ReportRow
from app.devices import service as devices
from app.devices.schemas import DeviceIn
from app.events.unit import unit_of_work
from app.factory import create_app
from app.settings import load_settings
from bench.stack import measured_apart, new_token
from ops.local.stack import INFRASTRUCTURE, Ports, Stack

WRITERS = 4
STORY = ("installing", "succeeded")
"""The outcomes that each device reports, one batch after the other."""
WARM_BATCH, WARM_ROUNDS = 200, 6
"""Run before measuring, because the driver and the planner treat a statement differently the first ten times."""
Figure = tuple[str, str, str]

_STAGE = text("""
    CREATE TEMPORARY TABLE staged AS
    SELECT * FROM json_to_recordset(CAST(:rows AS json))
        AS input(assignment_id bigint, external_id text, sequence bigint, outcome text, reason text,
                 occurred_at timestamptz)
""")
_INSERT = text("""
    INSERT INTO reports (source, external_id, sequence, assignment_id, outcome, reason, occurred_at, received_at)
    SELECT 'bare', external_id, sequence, assignment_id, outcome, reason, occurred_at, :now FROM staged
""")
_UPDATE = text("""
    UPDATE assignments
       SET state = outcome, source = 'bare', sequence = staged.sequence, reason = staged.reason,
           reported_at = occurred_at
      FROM staged WHERE assignments.id = staged.assignment_id
""")
_FILL = text("""
    INSERT INTO reports (source, external_id, sequence, assignment_id, outcome, reason, occurred_at, received_at)
    SELECT 'bench', device.external_id, 1000 + :stored + turn, assignment.id, 'succeeded', 'installed', now(), now()
      FROM assignments AS assignment JOIN devices AS device ON device.id = assignment.device_id,
           generate_series(1, CAST(:turns AS integer)) AS turn
     ORDER BY turn, assignment.id LIMIT :rows
""")
_DISPATCH = "UPDATE assignments SET state = 'dispatched', dispatched_at = now() - interval '1 minute'"
_ASSIGNED = """
    SELECT assignment.id, assignment.deployment_id, device.external_id
      FROM assignments AS assignment JOIN devices AS device ON device.id = assignment.device_id ORDER BY assignment.id
"""


@dataclass(frozen=True)
class Size:
    """The size of a run."""

    rounds: int
    batches: tuple[int, ...]
    uploaded: int
    """Results that each HTTP writer sends in one body of lines."""
    arrays: int
    """Results in each JSON array; an array may have at most a megabyte."""
    grown: int
    """Rows in `reports` when the same batches are measured again."""

    @property
    def devices(self) -> int:
        batches = 2 * 2 * self.rounds * sum(self.batches)  # both contenders, before and after the growth
        uploads = WRITERS * (self.uploaded + _arrays(self) * self.arrays) // len(STORY) * (self.rounds + 1)
        return batches + uploads + 2 * WARM_BATCH * WARM_ROUNDS


def _arrays(size: Size) -> int:
    return max(size.uploaded // size.arrays, 1)


def measure() -> list[Figure]:
    """The figures as (what, measured, goal), measured by a separate process on a stack of its own."""
    return measured_apart("bench.ingest")


def main() -> None:
    """Measure on a separate stack without workers, so no jobs interfere."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each batch is repeated")
    parser.add_argument("--batches", type=int, nargs="+", default=[5_000, 10_000], help="results in a batch")
    parser.add_argument("--uploaded", type=int, default=10_000, help="results in each writer's upload")
    parser.add_argument("--arrays", type=int, default=2_000, help="results in each JSON array")
    parser.add_argument("--grown", type=int, default=1_000_000, help="rows in `reports` at the end; 0: not grown")
    parser.add_argument("--json", action="store_true", help="the figures as one line of JSON")
    options = parser.parse_args()
    size = Size(options.rounds, tuple(options.batches), options.uploaded, options.arrays, options.grown)
    root = Path(tempfile.mkdtemp(prefix="eucora-"))
    stack = Stack(root, Ports.free(), (*INFRASTRUCTURE, "api"), owner=os.getpid())
    stack.start()
    try:
        os.environ.update(stack.environment(), EUCORA_LOG_LEVEL="WARNING")
        token = new_token()
        with create_app().app_context():
            figures = _measure(size, stack.ports.api, token)
    finally:
        stack.remove()
    print(json.dumps(figures) if options.json else "\n".join(" | ".join(figure) for figure in figures))


Assigned = tuple[int, int, str]


def _measure(size: Size, port: int, token: str) -> list[Figure]:
    fresh = iter(_fleet(size.devices, port, token))
    _grow(10_000)
    Pair.measured(fresh, WARM_BATCH, WARM_ROUNDS)
    first = [Pair.measured(fresh, batch, size.rounds) for batch in size.batches]
    figures = [pair.figure for pair in first]
    figures.append(_over_http("NDJSON uploads", "application/x-ndjson", fresh, size, port, token))
    figures.append(_over_http(f"JSON arrays of {size.arrays:,}", "application/json", fresh, size, port, token))
    if size.grown:
        _grow(size.grown)
        for before in first:
            after = Pair.measured(fresh, before.batch, size.rounds)
            change = min(after.service) / min(before.service)  # other load on the machine only adds time
            what = f"cost of a result, batches of {before.batch:,}: {size.grown:,} stored reports relative to 10,000"
            figures += [(what, f"{change:.2f} ×", "flat"), after.figure]
    return figures


def _fleet(count: int, port: int, token: str) -> list[Assigned]:
    """Register devices, plan one deployment of all of them, and mark them as dispatched."""
    for start in range(0, count, 5_000):
        numbers = range(start, min(start + 5_000, count))
        devices.register(
            "bench",
            [DeviceIn(external_id=f"bench-{n:07d}", platform="windows", connector="simulated") for n in numbers],
        )
    release = {"application": "bench", "version": "1", "platform": "windows", "artifact_hash": "sha256:" + "a" * 64}
    deployment = {**release, "plan": "demo", "scope": {"everyone": True}, "risk": RISK}
    answer = _post(port, token, "deployments", "application/json", json.dumps(deployment).encode())
    progress.plan(json.loads(answer)["id"])
    with db.engine.begin() as connection:
        connection.execute(text(_DISPATCH))
        assigned = [(row.id, row.deployment_id, row.external_id) for row in connection.execute(text(_ASSIGNED))]
    random.Random(1).shuffle(assigned)
    return assigned


def _grow(rows: int) -> None:
    """Fill `reports` up to a number of rows."""
    with db.engine.begin() as connection:
        stored = connection.execute(text("SELECT count(*) FROM reports")).scalar_one()
        assigned = connection.execute(text("SELECT count(*) FROM assignments")).scalar_one()
        if stored < rows:
            connection.execute(_FILL, {"rows": rows - stored, "stored": stored, "turns": rows // assigned + 1})


@cache
def _owner() -> Engine:
    """The role that owns the tables, because the program's own role may not create temporary ones."""
    return create_engine(load_settings().owner_database_url)


def _tidy() -> None:
    """Do what autovacuum would do, before a measurement instead of during it."""
    with _owner().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE devices, assignments, reports"))


@dataclass(frozen=True)
class Pair:
    """Seconds that the service and the bare statements took for the same batches, in turns."""

    batch: int
    service: list[float]
    bare: list[float]

    @classmethod
    def measured(cls, fresh: Iterator[Assigned], batch: int, rounds: int) -> Pair:
        pair = cls(batch, [], [])
        _tidy()
        for turn in range(rounds):
            ours, theirs = list(islice(fresh, batch)), list(islice(fresh, batch))
            for sequence, outcome in enumerate(STORY, start=1):
                results = _rows(ours, sequence, outcome)
                if turn % 2:
                    pair.service.append(_through_service(results))
                pair.bare.append(_bare(theirs, _rows(theirs, sequence, outcome)))
                if not turn % 2:
                    pair.service.append(_through_service(results))
        return pair

    @property
    def figure(self) -> Figure:
        share = statistics.median(bare / ours for ours, bare in zip(self.service, self.bare, strict=True))
        rate, bare = (self.batch / statistics.median(seconds) for seconds in (self.service, self.bare))
        what = f"results through the service, batches of {self.batch:,}, relative to a bare INSERT and UPDATE"
        return what, f"{share:.0%} ({rate:,.0f}/s of {bare:,.0f}/s)", "≥ 50 %"


def _rows(assigned: Sequence[Assigned], sequence: int, outcome: str) -> list[ReportRow]:
    at = clock.now()
    return [ReportRow(external_id, sequence, outcome, "", at, deployment) for _, deployment, external_id in assigned]


def _through_service(rows: Sequence[ReportRow]) -> float:
    started = time.perf_counter()
    with unit_of_work("bench") as unit:
        reports.ingest(unit, "bench", rows)
    return time.perf_counter() - started


def _bare(assigned: Sequence[Assigned], rows: Sequence[ReportRow]) -> float:
    """Store the same rows by two statements and a commit; rows and ids of assignments are staged before."""
    staged = [
        {**vars(row), "assignment_id": number, "occurred_at": row.occurred_at.isoformat()}
        for row, (number, _, _) in zip(rows, assigned, strict=True)
    ]
    with _owner().connect() as connection:
        connection.execute(_STAGE, {"rows": json.dumps(staged)})
        connection.execute(text("ANALYZE staged"))
        connection.commit()
        started = time.perf_counter()
        connection.execute(_INSERT, {"now": clock.now()})
        connection.execute(_UPDATE)
        connection.commit()
        seconds = time.perf_counter() - started
        connection.execute(text("DROP TABLE staged"))
        connection.commit()
    return seconds


def _over_http(name: str, kind: str, fresh: Iterator[Assigned], size: Size, port: int, token: str) -> Figure:
    """Four writers at once, each with all results of its own devices. The first round warms the workers up."""
    rates = []
    for _ in range(size.rounds + 1):
        bodies = [list(_bodies(kind, fresh, size)) for _ in range(WRITERS)]
        with ThreadPoolExecutor(WRITERS) as pool:
            started = time.perf_counter()
            list(pool.map(lambda them: [_post(port, token, "reports", kind, body) for body in them], bodies))
            seconds = time.perf_counter() - started
        results = sum(body.count(b'"outcome"') for them in bodies for body in them)
        rates.append(results / seconds)
    return f"results over HTTP, {name}, {WRITERS} writers", f"{statistics.median(rates[1:]):,.0f}/s", "≥ 10,000/s"


def _bodies(kind: str, fresh: Iterator[Assigned], size: Size) -> Iterator[bytes]:
    bodies, count = (1, size.uploaded) if kind.endswith("ndjson") else (_arrays(size), size.arrays)
    for _ in range(bodies):
        devices_of_body = list(islice(fresh, count // len(STORY)))
        items = [
            {"deployment_id": deployment, "external_id": external_id, "sequence": sequence, "outcome": outcome}
            for sequence, outcome in enumerate(STORY, start=1)
            for _, deployment, external_id in devices_of_body
        ]
        lines = [json.dumps(item) for item in items]
        yield ("\n".join(lines) if kind.endswith("ndjson") else f"[{','.join(lines)}]").encode()


def _post(port: int, token: str, path: str, kind: str, body: bytes) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
    connection.request("POST", f"/api/v1/{path}", body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status not in (200, 201) or b'"rejected"' in content:
        raise RuntimeError(f"POST /{path}: {answer.status} {content[:300]!r}")
    return content


if __name__ == "__main__":
    main()
