"""How far a deployment is, as stored: what `drive` waits for is asked every second, and the API works out far more."""

from __future__ import annotations

from tests.support.database import rows

STATE = "SELECT state FROM deployments WHERE id = :id"
FIRST_RING = "SELECT state FROM rings WHERE deployment_id = :id ORDER BY position LIMIT 1"


def state_at(path: str) -> str:
    """The state of the deployment with this path, such as `/deployments/1`."""
    return _one(STATE, path)


def first_ring_at(path: str) -> str:
    """The state of the first ring of the deployment with this path; a deployment that is not planned has none."""
    return _one(FIRST_RING, path)


def is_over_at(path: str) -> bool:
    """Whether the deployment with this path has ended."""
    return bool(_one("SELECT (finished_at IS NOT NULL)::text AS state FROM deployments WHERE id = :id", path) == "true")


def _one(statement: str, path: str) -> str:
    found = rows(statement, id=int(path.rpartition("/")[2]))
    return str(found[0].state) if found else ""
