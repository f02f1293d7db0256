"""The devices of a deployment that failed or stayed silent, among a million that did not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_assignments_unsuccessful",
        "assignments",
        ["deployment_id", "id"],
        postgresql_where=sa.text("state IN ('failed', 'unreachable', 'expired')"),
    )


def downgrade() -> None:
    op.drop_index("ix_assignments_unsuccessful", table_name="assignments")
