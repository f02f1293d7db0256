"""Whether a device failed after it had succeeded, and how often its outcome changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Until now an outcome was final, so the constants are right for every row, and none is rewritten.
    op.add_column("assignments", sa.Column("broke", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("assignments", sa.Column("corrections", sa.BigInteger(), server_default=sa.text("0"), nullable=False))


def downgrade() -> None:
    op.drop_column("assignments", "corrections")
    op.drop_column("assignments", "broke")
