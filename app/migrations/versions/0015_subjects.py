"""Subjects with roles; tokens with expiry, scopes and the rest of their life."""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ROLES = ("admin", "operator", "approver", "reporter", "viewer")
NAMES = (
    ("deployments", "requested_by"),
    ("approvals", "subject"),
    ("break_glass", "broken_by"),
    ("break_glass", "confirmed_by"),
    ("waivers", "granted_by"),
    ("freezes", "created_by"),
    ("freezes", "lift_requested_by"),
    ("freezes", "lifted_by"),
)
"""Where rules of two people compare names, or people read them. The event log keeps what it has."""


def upgrade() -> None:
    kinds = sa.Enum("person", "service", name="subjectkind", native_enum=False, length=20, create_constraint=True)
    op.create_table(
        "subjects",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", kinds, nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subjects")),
        sa.UniqueConstraint("key", name=op.f("uq_subjects_key")),
    )
    for column in (
        sa.Column("prefix", sa.Text(), nullable=True),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=True),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("scopes", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("created_by", sa.Text(), server_default="", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=True),
    ):
        op.add_column("tokens", column)
    for column_name in ("description", "scopes", "created_by"):
        op.alter_column("tokens", column_name, server_default=None)
    _make_subjects()
    op.alter_column("tokens", "subject_id", nullable=False)
    op.create_foreign_key(op.f("fk_tokens_subject_id"), "tokens", "subjects", ["subject_id"], ["id"])
    op.create_unique_constraint(op.f("uq_tokens_previous_hash"), "tokens", ["previous_hash"])
    op.create_index(op.f("ix_tokens_subject_id"), "tokens", ["subject_id"])
    op.drop_index(op.f("ix_tokens_subject"), table_name="tokens")
    op.drop_column("tokens", "subject")


def _make_subjects() -> None:
    """One subject for all tokens whose names differ only in case, named as the first of them."""
    connection = op.get_bind()
    found: dict[str, dict[str, object]] = {}
    for id, subject, role, created_at, revoked_at in connection.execute(
        sa.text("SELECT id, subject, role, created_at, revoked_at FROM tokens ORDER BY id")
    ).all():
        entry = found.setdefault(_key(subject), {"name": subject, "at": created_at, "roles": set(), "tokens": []})
        entry["tokens"].append(id)  # type: ignore[attr-defined]  # a list
        if revoked_at is None:
            entry["roles"].add(role)  # type: ignore[attr-defined]  # a set
    for key, entry in found.items():
        roles = [role for role in ROLES if role in entry["roles"]]  # type: ignore[operator]  # a set
        subject_id = connection.execute(
            sa.text(
                "INSERT INTO subjects (key, name, kind, roles, created_at)"
                " VALUES (:key, :name, :kind, :roles, :at) RETURNING id"
            ),
            {
                "key": key,
                "name": entry["name"],
                "kind": "service" if roles == ["reporter"] else "person",
                "roles": roles,
                "at": entry["at"],
            },
        ).scalar_one()
        connection.execute(
            sa.text("UPDATE tokens SET subject_id = :subject WHERE id = ANY(:ids)"),
            {"subject": subject_id, "ids": entry["tokens"]},
        )
    for table, column in NAMES:
        given = connection.execute(sa.text(f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL"))
        for name in given.scalars().all():
            known = found.get(_key(name))
            if known is not None and known["name"] != name:
                connection.execute(
                    sa.text(f"UPDATE {table} SET {column} = :to WHERE {column} = :name"),
                    {"to": known["name"], "name": name},
                )


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).strip(" ").casefold())


def downgrade() -> None:
    op.add_column("tokens", sa.Column("subject", sa.Text(), nullable=True))
    op.execute("UPDATE tokens SET subject = subjects.name FROM subjects WHERE subjects.id = tokens.subject_id")
    # The older version knows neither expiry nor limits: such a token would last, and may everything.
    op.execute("""
        UPDATE tokens SET revoked_at = now()
         WHERE revoked_at IS NULL AND (expires_at <= now() OR scopes <> '{}')
    """)
    op.alter_column("tokens", "subject", nullable=False)
    op.create_index(op.f("ix_tokens_subject"), "tokens", ["subject"])
    for column in (
        "revoke_reason",
        "revoked_by",
        "last_used_at",
        "rotated_at",
        "expires_at",
        "created_by",
        "scopes",
        "description",
        "subject_id",
        "previous_until",
        "previous_hash",
        "prefix",
    ):
        op.drop_column("tokens", column)
    op.drop_table("subjects")
