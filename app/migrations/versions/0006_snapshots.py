"""Snapshots of vendors that only show current states."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "snapshots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshots")),
        sa.UniqueConstraint("connector", "ref", name=op.f("uq_snapshots_connector_ref")),
    )
    op.create_table(
        "snapshot_devices",
        sa.Column("sequence", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.SmallInteger(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("snapshot_id", "sequence", name=op.f("pk_snapshot_devices")),
    )
    op.create_index(
        "uq_snapshot_devices_device",
        "snapshot_devices",
        ["snapshot_id", sa.text("hashtextextended(external_id, 0)")],
        unique=True,
    )


def downgrade() -> None:
    op.drop_table("snapshot_devices")
    op.drop_table("snapshots")
