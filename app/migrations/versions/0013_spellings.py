"""Names and business units in the spelling that requests have from now on."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Until now, names could end with a blank, and business units could contain any character.
_BLANKS = r"[\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]"


def _spelled(value: str) -> str:
    return f"btrim(normalize(regexp_replace({value}, '{_BLANKS}', ' ', 'g'), NFC))"


def upgrade() -> None:
    for table, column in (("devices", "business_unit"), ("freezes", "application"), ("drift_findings", "found")):
        op.execute(f"UPDATE {table} SET {column} = {_spelled(column)} WHERE {column} <> {_spelled(column)}")
    # Of two names that differ in their blanks only, both stay as they are: each has deployments of its own.
    op.execute("""
        UPDATE applications AS application SET name = btrim(name)
         WHERE name <> btrim(name)
           AND NOT EXISTS (SELECT 1 FROM applications AS other
                            WHERE btrim(other.name) = btrim(application.name) AND other.id <> application.id)
    """)
    op.execute("""
        UPDATE releases AS release SET version = btrim(version)
         WHERE version <> btrim(version)
           AND NOT EXISTS (SELECT 1 FROM releases AS other
                            WHERE btrim(other.version) = btrim(release.version) AND other.id <> release.id
                              AND other.application_id = release.application_id
                              AND other.platform = release.platform)
    """)
    op.execute(f"""
        UPDATE deployments AS deployment SET scope = jsonb_set(scope, '{{business_units}}', spelled.units)
          FROM (SELECT id, jsonb_agg({_spelled("unit")} ORDER BY place) AS units
                  FROM deployments,
                       jsonb_array_elements_text(scope->'business_units') WITH ORDINALITY AS given(unit, place)
                 GROUP BY id) AS spelled
         WHERE spelled.id = deployment.id AND spelled.units <> scope->'business_units'
    """)


def downgrade() -> None:
    """Nothing: every value was valid before."""
