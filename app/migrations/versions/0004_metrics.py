"""Followers of the event log, and how long devices take to become compliant."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_cursors",
        sa.Column("follower", sa.Text(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("follower", name=op.f("pk_event_cursors")),
    )
    op.create_table(
        "event_totals",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_event_totals")),
    )
    op.add_column(
        "rings",
        sa.Column(
            "compliance_times", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.alter_column("rings", "compliance_times", server_default=None)


def downgrade() -> None:
    op.drop_column("rings", "compliance_times")
    op.drop_table("event_totals")
    op.drop_table("event_cursors")
