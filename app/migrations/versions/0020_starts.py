"""The earliest start of a deployment; the failures of a device; the events of freezes among all others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deployments", sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("deployments", sa.Column("time_zone", sa.Text(), nullable=True))
    op.create_index(
        "ix_assignments_failing",
        "assignments",
        ["device_id"],
        postgresql_where=sa.text("state IN ('failed', 'unreachable', 'expired')"),
    )
    op.create_index(
        "ix_events_freezes",
        "events",
        ["id"],
        postgresql_where=sa.text(
            "type IN ('emergency_stop.declared', 'emergency_stop.lift_requested', 'emergency_stop.lifted',"
            " 'freeze.declared', 'freeze.lift_requested', 'freeze.lifted')"
        ),
    )


def downgrade() -> None:
    op.drop_index("ix_events_freezes", table_name="events")
    op.drop_index("ix_assignments_failing", table_name="assignments")
    op.drop_column("deployments", "time_zone")
    op.drop_column("deployments", "starts_at")
