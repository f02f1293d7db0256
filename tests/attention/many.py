"""Two thousand deployments, made from one by SQL."""

from __future__ import annotations

from sqlalchemy import text

from app.db import db

_COPIES = (
    """INSERT INTO applications (name) SELECT 'app-' || n FROM generate_series(1, :count) AS n""",
    """INSERT INTO releases (application_id, version, platform, artifact_hash)
       SELECT id, '2.0', 'windows', 'sha256:' || repeat('b', 64) FROM applications WHERE name LIKE 'app-%'""",
    """INSERT INTO deployments ({columns}, application_id, release_id, state, finished_at)
       SELECT {model_columns}, release.application_id, release.id,
              CASE WHEN release.id % 2 = 0 THEN model.state ELSE 'completed' END,
              CASE WHEN release.id % 2 = 0 THEN NULL ELSE now() END
         FROM releases AS release CROSS JOIN deployments AS model
        WHERE release.version = '2.0' AND model.id = :model""",
    """INSERT INTO rings (deployment_id, {ring_columns})
       SELECT copy.id, {model_ring_columns} FROM deployments AS copy CROSS JOIN rings AS model
        WHERE model.deployment_id = :model AND copy.id > :model""",
    """INSERT INTO risk_assessments (deployment_id, {risk_columns})
       SELECT copy.id, {model_risk_columns} FROM deployments AS copy CROSS JOIN risk_assessments AS model
        WHERE model.deployment_id = :model AND copy.id > :model""",
    "ANALYZE",
)
_OWN = {
    "deployments": {"id", "application_id", "release_id", "state", "finished_at"},
    "rings": {"id", "deployment_id"},
    "risk_assessments": {"id", "deployment_id"},
}


def copy(model: int, count: int = 2_000) -> None:
    """Copy the deployment, each copy of an application of its own; every second one has ended."""
    names = {
        table: [column.name for column in db.metadata.tables[table].columns if column.name not in own]
        for table, own in _OWN.items()
    }
    lists = {"columns": "deployments", "ring_columns": "rings", "risk_columns": "risk_assessments"}
    columns = {key: ", ".join(names[table]) for key, table in lists.items()}
    columns |= {f"model_{key}": ", ".join(f"model.{name}" for name in names[table]) for key, table in lists.items()}
    with db.engine.begin() as connection:
        for statement in _COPIES:
            connection.execute(text(statement.format(**columns)), {"count": count, "model": model})
