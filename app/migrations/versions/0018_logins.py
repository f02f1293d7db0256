"""People log in: sessions among the tokens, and the account that a subject logs in with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tokens", sa.Column("is_session", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.alter_column("tokens", "is_session", server_default=None)
    op.add_column("subjects", sa.Column("blocked", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.alter_column("subjects", "blocked", server_default=None)
    for column in (
        sa.Column("login_issuer", sa.Text(), nullable=True),
        sa.Column("login_account", sa.Text(), nullable=True),
        sa.Column("login_role", sa.Text(), nullable=True),
        sa.Column("logged_in_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("subjects", column)
    op.create_unique_constraint(
        op.f("uq_subjects_login_issuer_login_account"), "subjects", ["login_issuer", "login_account"]
    )


def downgrade() -> None:
    # The older version would take the secret of a session for a token.
    op.execute("DELETE FROM tokens WHERE is_session")
    op.drop_column("tokens", "is_session")
    op.drop_constraint(op.f("uq_subjects_login_issuer_login_account"), "subjects")
    for column in ("logged_in_at", "login_role", "login_account", "login_issuer", "blocked"):
        op.drop_column("subjects", column)
