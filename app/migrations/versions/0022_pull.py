"""Devices that ask for their work: instructions, actions, what the devices said, and what is known of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_STATES = "state IN ('open', 'cancelling', 'uncancellable', 'over')"


def upgrade() -> None:
    op.add_column("commands", sa.Column("called_off_at", _TIME, nullable=True))
    op.create_table(
        "pull_instructions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("files", postgresql.JSONB(), nullable=False),
        sa.Column("published_at", _TIME, nullable=False),
        sa.Column("called_off_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_pull_instructions"),
        sa.UniqueConstraint("key", name="uq_pull_instructions_key"),
    )
    op.create_index("ix_pull_instructions_connector_published_at", "pull_instructions", ["connector", "published_at"])
    op.create_table(
        "pull_actions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instruction_id", sa.BigInteger(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.CheckConstraint(_STATES, name=op.f("ck_pull_actions_actionstate")),
        sa.ForeignKeyConstraint(
            ["instruction_id"], ["pull_instructions.id"], name="fk_pull_actions_instruction_id_pull_instructions"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_pull_actions"),
        sa.UniqueConstraint("instruction_id", "external_id", name="uq_pull_actions_instruction_id_external_id"),
    )
    op.create_index("ix_pull_actions_connector_external_id_id", "pull_actions", ["connector", "external_id", "id"])
    op.create_index(
        "ix_pull_actions_due",
        "pull_actions",
        ["connector", "external_id", "id"],
        postgresql_where=sa.text("state <> 'over'"),
    )
    op.create_table(
        "pull_feedback",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("instruction_id", sa.BigInteger(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["instruction_id"], ["pull_instructions.id"], name="fk_pull_feedback_instruction_id_pull_instructions"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_pull_feedback"),
    )
    op.create_index("ix_pull_feedback_instruction_id_id", "pull_feedback", ["instruction_id", "id"])
    op.create_table(
        "pull_devices",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("first_seen_at", _TIME, nullable=False),
        sa.Column("seen_at", _TIME, nullable=False),
        sa.Column("attributes", postgresql.JSONB(), nullable=True),
        sa.Column("attributes_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_pull_devices"),
        sa.UniqueConstraint("connector", "external_id", name="uq_pull_devices_connector_external_id"),
    )
    op.create_table(
        "pull_installed",
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connector", "external_id", "application", name="pk_pull_installed"),
    )
    op.create_index(
        "ix_pull_installed_connector_application_platform",
        "pull_installed",
        ["connector", "application", "platform", "external_id"],
    )


def downgrade() -> None:
    for table in ("pull_installed", "pull_devices", "pull_feedback", "pull_actions", "pull_instructions"):
        op.drop_table(table)
    op.drop_column("commands", "called_off_at")
