"""Failures and pauses have codes, cursors are opaque, simulated vendors have names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FAILURES = (
    "transient",
    "permanent",
    "policy_violation",
    "unknown",
    "breaker_open",
    "not_running",
    "no_devices",
    "deployment_ended",
)
PAUSES = ("requested", "gate_failed", "stalled", "command_failed", "unconfirmed")


def upgrade() -> None:
    op.add_column("commands", sa.Column("failure", _words("commandfailure", FAILURES)))
    # What was told apart by its sentence so far.
    op.execute("""
        UPDATE commands
           SET failure = CASE WHEN starts_with(error, 'breaker: ') THEN 'breaker_open'
                              WHEN starts_with(error, 'it was never sent, ') THEN 'not_running'
                              WHEN starts_with(error, 'every device had reported') THEN 'no_devices'
                              WHEN starts_with(error, 'the deployment ended') THEN 'deployment_ended'
                              WHEN state = 'failed' THEN 'permanent'
                              WHEN state = 'unknown' THEN 'unknown'
                              ELSE 'transient' END
         WHERE error IS NOT NULL
    """)
    op.alter_column(
        "commands",
        "cursor",
        type_=sa.Text(),
        existing_type=sa.BigInteger(),
        postgresql_using="CASE cursor WHEN 0 THEN '' ELSE cursor::text END",
    )
    op.add_column("deployments", sa.Column("pause_code", _words("pausecode", PAUSES)))
    op.add_column("deployments", sa.Column("pause_ring", sa.Text()))
    op.execute("""
        UPDATE deployments
           SET pause_code = CASE WHEN split_part(reason, ':', 1) IN ('gate_failed', 'stalled', 'command_failed')
                                  AND reason LIKE '%:%' THEN split_part(reason, ':', 1)
                                 WHEN reason = 'break_glass_unconfirmed' THEN 'unconfirmed'
                                 ELSE 'requested' END,
               pause_ring = CASE WHEN split_part(reason, ':', 1) IN ('gate_failed', 'stalled')
                                  AND reason LIKE '%:%' THEN split_part(reason, ':', 2) END
         WHERE state = 'paused'
    """)
    op.add_column(
        "simulated_publications", sa.Column("connector", sa.Text(), nullable=False, server_default="simulated")
    )
    op.alter_column("simulated_publications", "connector", server_default=None)


def downgrade() -> None:
    op.drop_column("simulated_publications", "connector")
    op.drop_column("deployments", "pause_ring")
    op.drop_column("deployments", "pause_code")
    op.alter_column(
        "commands",
        "cursor",
        type_=sa.BigInteger(),
        existing_type=sa.Text(),
        postgresql_using="CASE cursor WHEN '' THEN 0 ELSE cursor::bigint END",
    )
    op.drop_column("commands", "failure")


def _words(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)
