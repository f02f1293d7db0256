"""Weakening is a decision of two: proposed changes of ring plans, the floor of approvals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ring_plan_proposals",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("based_on", sa.BigInteger(), nullable=False),
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'confirmed', 'rejected', 'replaced')", name=op.f("ck_ring_plan_proposals_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ring_plan_proposals")),
    )
    op.create_index(
        "uq_ring_plan_proposals_pending",
        "ring_plan_proposals",
        ["name"],
        unique=True,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "approval_floors",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_floors")),
    )


def downgrade() -> None:
    op.drop_table("approval_floors")
    op.drop_index("uq_ring_plan_proposals_pending", table_name="ring_plan_proposals")
    op.drop_table("ring_plan_proposals")
