"""Waiting time without holds, renewed waivers, and a pause for a rehearsal that gave up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_CODES = ("requested", "gate_failed", "stalled", "command_failed", "unconfirmed")


def upgrade() -> None:
    op.add_column("rings", sa.Column("excused_since", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint("uq_waivers_ring_id", "waivers", type_="unique")
    op.create_index("ix_waivers_deployment_id", "waivers", ["deployment_id"])
    _limit_codes((*_CODES, "rehearsal_failed"))


def downgrade() -> None:
    op.execute("UPDATE deployments SET pause_code = 'stalled' WHERE pause_code = 'rehearsal_failed'")
    _limit_codes(_CODES)
    op.drop_index("ix_waivers_deployment_id", "waivers")
    op.execute("""
        DELETE FROM waivers AS older USING waivers AS newer
         WHERE newer.ring_id = older.ring_id AND newer.id > older.id
    """)
    op.create_unique_constraint("uq_waivers_ring_id", "waivers", ["ring_id"])
    op.drop_column("rings", "excused_since")


def _limit_codes(codes: tuple[str, ...]) -> None:
    name = op.f("ck_deployments_pausecode")
    op.drop_constraint(name, "deployments", type_="check")
    listed = ", ".join(f"'{code}'" for code in codes)
    op.create_check_constraint(name, "deployments", f"pause_code IN ({listed})")
