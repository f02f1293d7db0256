"""When a breaker opened, by which a clock that was set back since is recognized."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Breakers that are open now keep their retry_at; they only learn when they open the next time.
    op.add_column("breakers", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("breakers", "opened_at")
