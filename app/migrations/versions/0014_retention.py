"""Retention: archives of events, deletes that the append-only tables allow, and no reserved space for assignments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# A delete needs two things: the setting, so that none happens by mistake, and rows that are archived (events) or belong
# to a deployment that has ended and is settled (reports). The second is checked whoever asks.
DELETES = """
    CREATE FUNCTION refuse_unarchived() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('eucora.retention', true) IS DISTINCT FROM 'on' OR EXISTS (
            SELECT FROM gone WHERE id > coalesce((SELECT max(last_id) FROM event_archives), 0)
        ) THEN
            RAISE EXCEPTION 'the table events is append-only: DELETE is refused';
        END IF;
        RETURN NULL;
    END $$;
    CREATE FUNCTION refuse_unsettled() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('eucora.retention', true) IS DISTINCT FROM 'on' OR EXISTS (
            SELECT FROM gone
              JOIN assignments ON assignments.id = gone.assignment_id
              JOIN deployments ON deployments.id = assignments.deployment_id
             WHERE deployments.state IN ('planning', 'running', 'paused')
                OR deployments.due_at IS NOT NULL OR deployments.joined_until IS NOT NULL
        ) THEN
            RAISE EXCEPTION 'the table reports is append-only: DELETE is refused';
        END IF;
        RETURN NULL;
    END $$;
    DROP TRIGGER events_append_only ON events;
    DROP TRIGGER reports_append_only ON reports;
    CREATE TRIGGER events_append_only BEFORE UPDATE OR TRUNCATE ON events
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER reports_append_only BEFORE UPDATE OR TRUNCATE ON reports
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER events_deleted AFTER DELETE ON events REFERENCING OLD TABLE AS gone
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_unarchived();
    CREATE TRIGGER reports_deleted AFTER DELETE ON reports REFERENCING OLD TABLE AS gone
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_unsettled();
    CREATE TRIGGER event_archives_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_archives
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
NO_DELETES = """
    DROP TRIGGER events_deleted ON events;
    DROP TRIGGER reports_deleted ON reports;
    DROP TRIGGER events_append_only ON events;
    DROP TRIGGER reports_append_only ON reports;
    DROP FUNCTION refuse_unarchived();
    DROP FUNCTION refuse_unsettled();
    CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER reports_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reports
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    op.create_table(
        "event_archives",
        sa.Column("last_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("last_hash", sa.LargeBinary(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("last_id", name=op.f("pk_event_archives")),
    )
    op.execute(DELETES)
    op.add_column("event_totals", sa.Column("archived", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_index(
        "ix_drift_findings_resolved_at",
        "drift_findings",
        ["resolved_at"],
        postgresql_where=sa.text("state = 'resolved'"),
    )
    # Every move changes `state`, which the conditions of partial indexes name: PostgreSQL never updates such a row in
    # place, so the space bought nothing. Pages fill up as they are written; nothing is rewritten.
    op.execute("ALTER TABLE assignments RESET (fillfactor)")


def downgrade() -> None:
    op.execute("ALTER TABLE assignments SET (fillfactor = 70)")
    op.drop_index("ix_drift_findings_resolved_at", table_name="drift_findings")
    op.drop_column("event_totals", "archived")
    op.execute(NO_DELETES)
    op.drop_table("event_archives")
