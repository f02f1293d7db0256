"""Devices left behind by a rollback are counted, accepted and followed up; people order remediation of drift."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Rollbacks that have ended already are counted once: by the first row of `late_installs` that names them.
    op.create_table(
        "left_behind_counts",
        sa.Column("rollback_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("devices", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("rollback_id", name=op.f("pk_left_behind_counts")),
    )
    op.create_table(
        "left_behind_acceptances",
        sa.Column("assignment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("accepted_by", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_left_behind_acceptances")),
    )
    op.create_table(
        "late_installs",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("rollback_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_installs")),
    )
    op.execute("""
        INSERT INTO late_installs (rollback_id, since)
        SELECT max(id), now() FROM deployments
         WHERE kind = 'rollback' AND state NOT IN ('planning', 'running', 'paused') AND due_at IS NULL
         GROUP BY rolls_back ORDER BY 1
    """)
    _allow_purposes("rollout", "validation", "remediation", "follow_up")
    op.add_column("drift_findings", sa.Column("ordered_by", sa.Text(), nullable=True))
    op.add_column("drift_findings", sa.Column("orders", sa.BigInteger(), nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    op.drop_column("drift_findings", "orders")
    op.drop_column("drift_findings", "ordered_by")
    op.execute("DELETE FROM commands WHERE purpose = 'follow_up'")
    _allow_purposes("rollout", "validation", "remediation")
    op.drop_table("late_installs")
    op.drop_table("left_behind_acceptances")
    op.drop_table("left_behind_counts")


def _allow_purposes(*purposes: str) -> None:
    name = op.f("ck_commands_purpose")
    op.drop_constraint(name, "commands", type_="check")
    listed = ", ".join(f"'{purpose}'" for purpose in purposes)
    op.create_check_constraint(name, "commands", f"purpose IN ({listed})")
