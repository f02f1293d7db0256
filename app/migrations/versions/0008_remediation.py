"""Remediation has commands for many devices, and a finding says why it needs a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

REASONS = ("kind", "ring", "not_completed", "too_many", "tries")


def upgrade() -> None:
    words = sa.Enum(*REASONS, name="findingreason", native_enum=False, create_constraint=True, length=20)
    op.add_column("drift_findings", sa.Column("reason", words))
    op.add_column("drift_findings", sa.Column("command_id", sa.BigInteger()))
    op.create_foreign_key(op.f("fk_drift_findings_command_id"), "drift_findings", "commands", ["command_id"], ["id"])
    op.create_index(
        "ix_drift_findings_command_id",
        "drift_findings",
        ["command_id"],
        postgresql_where=sa.text("command_id IS NOT NULL"),
    )
    op.execute("""
        UPDATE drift_findings
           SET reason = CASE WHEN kind NOT IN ('missing', 'version') THEN 'kind'
                             WHEN tries >= 3 THEN 'tries'
                             ELSE 'ring' END
         WHERE state = 'needs_person'
    """)
    # Commands for single devices that no vendor has are withdrawn. The next comparison decides about their findings,
    # now within the limit of how many devices are remediated at once.
    op.execute("""
        WITH stopped AS (
            UPDATE commands
               SET state = 'failed', failure = 'no_devices', due_at = NULL,
                   error = 'not sent: commands for single devices were replaced by commands for many'
             WHERE purpose = 'remediation' AND state IN ('queued', 'retry_wait')
            RETURNING ring_id, deployment_id, device_id, size
        ), counted AS (
            UPDATE rings SET sending = sending - devices.count
              FROM (SELECT ring_id, sum(size) AS count FROM stopped GROUP BY ring_id) AS devices
             WHERE rings.id = devices.ring_id
        )
        UPDATE drift_findings AS finding
           SET state = 'open', tries = greatest(finding.tries - 1, 0)
          FROM stopped
         WHERE finding.state = 'remediating' AND finding.deployment_id = stopped.deployment_id
           AND finding.device_id = stopped.device_id
    """)
    op.execute("UPDATE drift_findings SET next_try_at = NULL WHERE state = 'open'")
    # The vendor may have those: they are looked up and confirmed.
    op.execute("""
        UPDATE drift_findings AS finding SET command_id = command.id
          FROM commands AS command
         WHERE command.purpose = 'remediation' AND command.state IN ('sending', 'unknown')
           AND finding.state = 'remediating' AND finding.deployment_id = command.deployment_id
           AND finding.device_id = command.device_id
    """)
    op.execute("UPDATE commands SET due_at = NULL WHERE purpose = 'remediation' AND state = 'confirmed'")


def downgrade() -> None:
    op.execute("UPDATE drift_findings SET next_try_at = now() WHERE state = 'open'")
    op.drop_index("ix_drift_findings_command_id", table_name="drift_findings")
    op.drop_constraint(op.f("fk_drift_findings_command_id"), "drift_findings", type_="foreignkey")
    op.drop_column("drift_findings", "command_id")
    op.drop_column("drift_findings", "reason")
