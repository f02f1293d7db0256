"""Reports are numbered in the order we receive them, and times that a device's clock got wrong are marked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reports", sa.Column("clamped", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("assignments", sa.Column("clamped", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("assignments", sa.Column("report_id", sa.BigInteger(), nullable=True))
    op.add_column("assignments", sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("installations", sa.Column("report_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_deployments_rolls_back",
        "deployments",
        ["rolls_back"],
        postgresql_where=sa.text("rolls_back IS NOT NULL"),
    )
    op.execute("""
        UPDATE assignments
           SET report_id = reports.id, moved_at = reports.received_at
          FROM reports
         WHERE reports.assignment_id = assignments.id
           AND reports.source = assignments.source AND reports.sequence = assignments.sequence
    """)
    # Times that a device's clock put into our future would hide later reports of other reporters, and silence.
    op.execute("""
        UPDATE assignments SET reported_at = moved_at, clamped = true
         WHERE reported_at > moved_at + interval '5 minutes' OR (reported_at < dispatched_at AND moved_at IS NOT NULL)
    """)
    _order_installations()
    # Unset from now on once a deployment is settled.
    op.execute("""
        UPDATE deployments SET joined_until = NULL
         WHERE state NOT IN ('planning', 'running', 'paused') AND due_at IS NULL
    """)


def _order_installations() -> None:
    """Let each device have the release of its last success that we received, as `installations.store` does."""
    op.execute("""
        UPDATE installations
           SET report_id = latest.report_id, release_id = latest.release_id, deployment_id = latest.deployment_id,
               at = latest.reported_at
          FROM (SELECT DISTINCT ON (assignment.device_id, deployment.application_id)
                       assignment.device_id, deployment.application_id, assignment.deployment_id,
                       assignment.report_id, assignment.reported_at,
                       CASE deployment.kind WHEN 'rollback' THEN assignment.release_id
                                            ELSE deployment.release_id END AS release_id
                  FROM assignments AS assignment JOIN deployments AS deployment
                    ON deployment.id = assignment.deployment_id
                 WHERE assignment.state IN ('succeeded', 'already_compliant') AND assignment.report_id IS NOT NULL
                   AND deployment.state NOT IN ('planning', 'running', 'paused')
                 ORDER BY assignment.device_id, deployment.application_id, assignment.report_id DESC) AS latest
         WHERE installations.device_id = latest.device_id AND installations.application_id = latest.application_id
    """)


def downgrade() -> None:
    op.drop_index("ix_deployments_rolls_back", table_name="deployments")
    op.drop_column("installations", "report_id")
    op.drop_column("assignments", "moved_at")
    op.drop_column("assignments", "report_id")
    op.drop_column("assignments", "clamped")
    op.drop_column("reports", "clamped")
