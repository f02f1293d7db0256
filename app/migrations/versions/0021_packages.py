"""Packages of releases for connectors, and the weak hashes of artifacts that devices ask for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("artifacts", sa.Column("sha1", sa.Text(), nullable=True))
    op.add_column("artifacts", sa.Column("md5", sa.Text(), nullable=True))
    op.create_table(
        "packages",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name="fk_packages_application_id_applications"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_packages"),
        sa.UniqueConstraint(
            "application_id",
            "version",
            "connector",
            "platform",
            "number",
            name="uq_packages_application_id_version_connector_platform_number",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "package_artifacts",
        sa.Column("package_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["package_id"], ["packages.id"], name="fk_package_artifacts_package_id_packages"),
        sa.PrimaryKeyConstraint("package_id", "place", name="pk_package_artifacts"),
    )
    op.create_index("ix_package_artifacts_sha256", "package_artifacts", ["sha256"])
    op.create_table(
        "deployment_packages",
        sa.Column("deployment_id", sa.BigInteger(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("package_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployments.id"], name="fk_deployment_packages_deployment_id_deployments"
        ),
        sa.ForeignKeyConstraint(["package_id"], ["packages.id"], name="fk_deployment_packages_package_id_packages"),
        sa.PrimaryKeyConstraint("deployment_id", "connector", name="pk_deployment_packages"),
    )


def downgrade() -> None:
    op.drop_table("deployment_packages")
    op.drop_table("package_artifacts")
    op.drop_table("packages")
    op.drop_column("artifacts", "md5")
    op.drop_column("artifacts", "sha1")
