"""The whole engine: incidents, freezes, risk, sign-off, rollback, analyses, drift."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COUNTERS = "targeted, excluded, eligible, succeeded, failed, silent, pending, dispatched, sending"


def upgrade() -> None:
    op.create_table(
        "freezes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "freeze", "emergency_stop", name="freezekind", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("application", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("windows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lift_requested_by", sa.Text(), nullable=True),
        sa.Column("lift_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freezes")),
    )
    op.create_index(
        "ix_freezes_standing", "freezes", ["kind"], unique=False, postgresql_where=sa.text("lifted_at IS NULL")
    )
    op.create_table(
        "installations",
        sa.Column("device_id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("release_id", sa.BigInteger(), nullable=True),
        sa.Column("deployment_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("device_id", "application_id", name=op.f("pk_installations")),
    )
    op.create_table(
        "approvals",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("deployment_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum("approve", "reject", name="answer", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("invalidated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployments.id"], name=op.f("fk_approvals_deployment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index("ix_approvals_deployment_id", "approvals", ["deployment_id", "id"], unique=False)
    op.create_table(
        "drift_findings",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("device_id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("deployment_id", sa.BigInteger(), nullable=True),
        sa.Column("ring", sa.Text(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "missing",
                "extra",
                "version",
                "scope",
                name="driftkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("expected", sa.Text(), nullable=True),
        sa.Column("found", sa.Text(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "remediating",
                "needs_person",
                "accepted",
                "resolved",
                name="findingstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_drift_findings_application_id")),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployments.id"], name=op.f("fk_drift_findings_deployment_id")),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_drift_findings_device_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drift_findings")),
    )
    op.create_index(
        "ix_drift_findings_next_try_at",
        "drift_findings",
        ["next_try_at"],
        unique=False,
        postgresql_where=sa.text("next_try_at IS NOT NULL"),
    )
    op.create_index(
        "uq_drift_findings_unresolved",
        "drift_findings",
        ["device_id", "application_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'resolved'"),
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("deployment_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "severity",
            sa.Enum("P0", "P1", "P2", "P3", name="severity", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployments.id"], name=op.f("fk_incidents_deployment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_index(
        "ix_incidents_open", "incidents", ["deployment_id"], unique=False, postgresql_where=sa.text("closed_at IS NULL")
    )
    op.create_table(
        "risk_assessments",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("deployment_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("policy_version", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("factors", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("contributions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("devices", sa.BigInteger(), nullable=False),
        sa.Column("blast_class", sa.Text(), nullable=False),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployments.id"], name=op.f("fk_risk_assessments_deployment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_assessments")),
    )
    op.create_index("ix_risk_assessments_deployment_id", "risk_assessments", ["deployment_id", "id"], unique=False)
    op.create_table(
        "break_glass",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("deployment_id", sa.BigInteger(), nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("broken_by", sa.Text(), nullable=False),
        sa.Column("broken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirm_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployments.id"], name=op.f("fk_break_glass_deployment_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_break_glass_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_glass")),
        sa.UniqueConstraint("deployment_id", name=op.f("uq_break_glass_deployment_id")),
    )
    op.create_table(
        "measurements",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("deployment_id", sa.BigInteger(), nullable=False),
        sa.Column("ring_id", sa.BigInteger(), nullable=False),
        sa.Column("analysis", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "phase",
            sa.Enum(
                "success",
                "failure",
                "inconclusive",
                "error",
                name="phase",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("points", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployments.id"], name=op.f("fk_measurements_deployment_id")),
        sa.ForeignKeyConstraint(["ring_id"], ["rings.id"], name=op.f("fk_measurements_ring_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurements")),
    )
    op.create_index("ix_measurements_ring_id", "measurements", ["ring_id", "analysis", "id"], unique=False)
    op.add_column("assignments", sa.Column("site_class", sa.Text(), nullable=True))
    op.add_column("assignments", sa.Column("release_id", sa.BigInteger(), nullable=True))
    op.add_column("assignments", sa.Column("previous_release_id", sa.BigInteger(), nullable=True))
    op.add_column("breakers", sa.Column("probe_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "commands",
        sa.Column(
            "verb",
            sa.Enum("publish", "withdraw", name="verb", native_enum=False, create_constraint=True, length=20),
            nullable=False,
            server_default=sa.text("'publish'"),
        ),
    )
    op.add_column(
        "commands",
        sa.Column(
            "purpose",
            sa.Enum(
                "rollout",
                "validation",
                "remediation",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
            server_default=sa.text("'rollout'"),
        ),
    )
    op.add_column("commands", sa.Column("release_id", sa.BigInteger(), nullable=True))
    op.add_column("commands", sa.Column("device_id", sa.BigInteger(), nullable=True))
    op.add_column("commands", sa.Column("collected_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_commands_ring_id_confirmed_at", "commands", ["ring_id", "confirmed_at"], unique=False)
    op.create_index(
        "ix_commands_unsent",
        "commands",
        ["ring_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'sending', 'retry_wait', 'unknown')"),
    )
    op.create_foreign_key(op.f("fk_commands_release_id"), "commands", "releases", ["release_id"], ["id"])
    op.add_column(
        "deployments",
        sa.Column(
            "kind",
            sa.Enum("rollout", "rollback", name="deploymentkind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
            server_default=sa.text("'rollout'"),
        ),
    )
    op.add_column("deployments", sa.Column("rolls_back", sa.BigInteger(), nullable=True))
    op.add_column("deployments", sa.Column("supersedes", sa.BigInteger(), nullable=True))
    op.add_column(
        "deployments",
        sa.Column(
            "declared_risk", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=sa.text("'{}'")
        ),
    )
    op.add_column(
        "deployments",
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=sa.text("'{}'")),
    )
    op.add_column("deployments", sa.Column("evidence_hash", sa.Text(), nullable=True))
    op.add_column("deployments", sa.Column("joined_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "deployments",
        sa.Column("holds", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=sa.text("'[]'")),
    )
    op.create_foreign_key(op.f("fk_deployments_supersedes"), "deployments", "deployments", ["supersedes"], ["id"])
    op.create_foreign_key(op.f("fk_deployments_rolls_back"), "deployments", "deployments", ["rolls_back"], ["id"])
    op.add_column("devices", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_devices_changed_at", "devices", ["changed_at"], unique=False)
    op.add_column("rings", sa.Column("compliant", sa.BigInteger(), nullable=False, server_default=sa.text("'0'")))
    op.add_column(
        "rings",
        sa.Column(
            "validation",
            sa.Enum(
                "withdrawing",
                "reinstalling",
                "validated",
                "failed",
                name="validationstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
    )
    op.add_column(
        "rings", sa.Column("validation_tries", sa.BigInteger(), nullable=False, server_default=sa.text("'0'"))
    )
    op.add_column(
        "simulated_publications", sa.Column("verb", sa.Text(), nullable=False, server_default=sa.text("'publish'"))
    )
    op.add_column(
        "simulated_publications", sa.Column("application", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
    op.add_column(
        "simulated_publications", sa.Column("version", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
    op.add_column(
        "simulated_publications", sa.Column("platform", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
    op.execute(
        "UPDATE assignments SET site_class = device.site_class FROM devices AS device WHERE device.id = device_id"
    )
    op.alter_column("assignments", "site_class", nullable=False)
    op.drop_index("ix_assignments_command_id", table_name="assignments")
    op.create_index(
        "ix_assignments_command_id",
        "assignments",
        ["command_id"],
        postgresql_where=sa.text("command_id IS NOT NULL"),
    )
    op.execute("UPDATE devices SET changed_at = coalesce(retired_at, registered_at)")
    op.alter_column("devices", "changed_at", nullable=False)
    op.drop_constraint(op.f("ck_rings_not_negative"), "rings")
    op.create_check_constraint(op.f("ck_rings_not_negative"), "rings", f"least({COUNTERS}, compliant) >= 0")


def downgrade() -> None:
    op.drop_index("ix_assignments_command_id", table_name="assignments")
    op.create_index("ix_assignments_command_id", "assignments", ["command_id"])
    op.drop_constraint(op.f("ck_rings_not_negative"), "rings")
    op.create_check_constraint(op.f("ck_rings_not_negative"), "rings", f"least({COUNTERS}) >= 0")
    op.drop_column("simulated_publications", "platform")
    op.drop_column("simulated_publications", "version")
    op.drop_column("simulated_publications", "application")
    op.drop_column("simulated_publications", "verb")
    op.drop_column("rings", "validation_tries")
    op.drop_column("rings", "validation")
    op.drop_column("rings", "compliant")
    op.drop_index("ix_devices_changed_at", table_name="devices")
    op.drop_column("devices", "changed_at")
    op.drop_constraint(op.f("fk_deployments_rolls_back"), "deployments", type_="foreignkey")
    op.drop_constraint(op.f("fk_deployments_supersedes"), "deployments", type_="foreignkey")
    op.drop_column("deployments", "holds")
    op.drop_column("deployments", "joined_until")
    op.drop_column("deployments", "evidence_hash")
    op.drop_column("deployments", "evidence")
    op.drop_column("deployments", "declared_risk")
    op.drop_column("deployments", "supersedes")
    op.drop_column("deployments", "rolls_back")
    op.drop_column("deployments", "kind")
    op.drop_constraint(op.f("fk_commands_release_id"), "commands", type_="foreignkey")
    op.drop_index(
        "ix_commands_unsent",
        table_name="commands",
        postgresql_where=sa.text("state IN ('queued', 'sending', 'retry_wait', 'unknown')"),
    )
    op.drop_index("ix_commands_ring_id_confirmed_at", table_name="commands")
    op.drop_column("commands", "collected_at")
    op.drop_column("commands", "device_id")
    op.drop_column("commands", "release_id")
    op.drop_column("commands", "purpose")
    op.drop_column("commands", "verb")
    op.drop_column("breakers", "probe_until")
    op.drop_column("assignments", "previous_release_id")
    op.drop_column("assignments", "release_id")
    op.drop_column("assignments", "site_class")
    op.drop_index("ix_measurements_ring_id", table_name="measurements")
    op.drop_table("measurements")
    op.drop_table("break_glass")
    op.drop_index("ix_risk_assessments_deployment_id", table_name="risk_assessments")
    op.drop_table("risk_assessments")
    op.drop_index("ix_incidents_open", table_name="incidents", postgresql_where=sa.text("closed_at IS NULL"))
    op.drop_table("incidents")
    op.drop_index(
        "uq_drift_findings_unresolved", table_name="drift_findings", postgresql_where=sa.text("state <> 'resolved'")
    )
    op.drop_index(
        "ix_drift_findings_next_try_at",
        table_name="drift_findings",
        postgresql_where=sa.text("next_try_at IS NOT NULL"),
    )
    op.drop_table("drift_findings")
    op.drop_index("ix_approvals_deployment_id", table_name="approvals")
    op.drop_table("approvals")
    op.drop_table("installations")
    op.drop_index("ix_freezes_standing", table_name="freezes", postgresql_where=sa.text("lifted_at IS NULL"))
    op.drop_table("freezes")
