"""The counters of rings beside counts of their assignments."""

from __future__ import annotations

from app.deployments.queries import recount
from app.deployments.rules.states import COUNTS_IN, Group
from tests.support.database import rows


def counted_in(group: Group, alias: str = "assignments") -> str:
    """SQL: how many assignments are in a state that counts in that group."""
    states = ", ".join(f"'{state}'" for state, its in COUNTS_IN.items() if its is group)
    return f"count(*) FILTER (WHERE {alias}.state IN ({states}))"


COUNTED = ", ".join(f"{counted_in(group)} AS {group.value}" for group in Group)
"""SQL: every group's count, under its name."""


def assert_counters() -> None:
    """Each ring's counters equal a count of its assignments and the program's own recount, and they add up."""
    nobody = dict.fromkeys((group.value for group in Group), 0)
    counted = {row.ring_id: row for row in rows(f"SELECT ring_id, {COUNTED} FROM assignments GROUP BY ring_id")}
    for deployment in rows("SELECT id FROM deployments"):
        recounted = recount(deployment.id)
        for ring in rows("SELECT * FROM rings WHERE deployment_id = :id", id=deployment.id):
            kept = {name: getattr(ring, name) for name in nobody}
            assert kept == {name: getattr(counted.get(ring.id), name, 0) for name in nobody}
            assert kept == recounted.get(ring.key, nobody)
            assert ring.eligible == kept["succeeded"] + kept["failed"] + kept["silent"] + kept["pending"]
            assert ring.targeted == ring.eligible + ring.excluded
