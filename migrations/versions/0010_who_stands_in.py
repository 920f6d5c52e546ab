"""Who stands in for whom at this moment, and whether a mandate covers a case: one place for every query."""

from collections.abc import Sequence

from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROLE = "countersign_app"

# One row for each way in which an approval can name the absent person. Nobody stands in for who stands in.
MANDATES = """
CREATE VIEW mandates WITH (security_invoker = true) AS
SELECT s.tenant_id, s.substitute_id, s.person_id, named.principal, s.processes, s.up_to, s.at
FROM substitutions s JOIN people absent ON absent.id = s.person_id AND absent.active
CROSS JOIN LATERAL (
    SELECT 'person:' || s.person_id AS principal
    UNION ALL SELECT 'group:' || m.group_id FROM memberships m WHERE m.person_id = s.person_id
) named
WHERE s.ended_at IS NULL AND s.starts_at <= clock_timestamp() AND s.ends_at > clock_timestamp()
"""

# Where a mandate has a limit, a case without an amount is not covered.
COVERS = """
CREATE FUNCTION covers(processes varchar[], up_to numeric, process varchar, amount numeric) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT (processes = '{}' OR process = ANY(processes)) AND (up_to IS NULL OR coalesce(amount <= up_to, false))
$$
"""


def upgrade() -> None:
    op.execute(MANDATES)
    op.execute(f"GRANT SELECT ON mandates TO {ROLE}")
    op.execute(COVERS)


def downgrade() -> None:
    op.execute("DROP FUNCTION covers(varchar[], numeric, varchar, numeric)")
    op.execute("DROP VIEW mandates")
