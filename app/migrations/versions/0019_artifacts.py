"""Artifacts by their SHA-256, and the hashes that evidence names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "artifacts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("stored_by", sa.Text(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_artifacts"),
        sa.UniqueConstraint("sha256", name="uq_artifacts_sha256"),
    )
    op.create_index("ix_releases_artifact_hash", "releases", ["artifact_hash"])
    op.create_table(
        "evidence_documents",
        sa.Column("deployment_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("was_sealed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployments.id"], name="fk_evidence_documents_deployment_id_deployments"
        ),
        sa.PrimaryKeyConstraint("deployment_id", "part", "sha256", name="pk_evidence_documents"),
    )
    op.create_index("ix_evidence_documents_sha256", "evidence_documents", ["sha256"])
    op.execute("""
        INSERT INTO evidence_documents (deployment_id, part, sha256, was_sealed)
        SELECT deployment.id, named.key, lower(substr(named.value, 8)), deployment.evidence_hash IS NOT NULL
          FROM deployments AS deployment CROSS JOIN LATERAL jsonb_each_text(deployment.evidence) AS named
         WHERE named.value ~* '^sha256:[0-9a-f]{64}$'
    """)


def downgrade() -> None:
    op.drop_table("evidence_documents")
    op.drop_index("ix_releases_artifact_hash", table_name="releases")
    op.drop_table("artifacts")
