"""Who calls, in one round trip; and an audit trail that is chained at commit, so that nobody waits for anybody."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROLE = "countersign_app"

ACTORS = """
CREATE VIEW actors WITH (security_invoker = true) AS
SELECT p.id AS person_id, p.name, p.tenant_id AS tenant, p.theme, t.name AS tenant_name, t.time_zone,
       ARRAY(SELECT m.group_id FROM memberships m WHERE m.person_id = p.id) AS groups
FROM people p JOIN tenants t ON t.id = p.tenant_id
WHERE p.active
"""

# Whoever shows a secret has no tenant yet: these two look across tenants, and leave the caller's wall as it was.
BEARER_OF = """
CREATE FUNCTION bearer_of(digest text)
RETURNS TABLE (person_id varchar, name varchar, tenant varchar, theme varchar, tenant_name varchar, time_zone varchar,
               groups varchar[], scope varchar)
LANGUAGE plpgsql SET search_path = public AS $$
DECLARE wall text := coalesce(current_setting('countersign.tenant', true), '');
BEGIN
    PERFORM set_config('countersign.tenant', '*', true);
    RETURN QUERY SELECT a.person_id, a.name, a.tenant, a.theme, a.tenant_name, a.time_zone, a.groups, k.scope
                 FROM tokens k JOIN actors a ON a.person_id = k.person_id
                 WHERE k.id = digest AND k.revoked_at IS NULL;
    PERFORM set_config('countersign.tenant', wall, true);
END $$
"""
SESSION_OF = """
CREATE FUNCTION session_of(digest text, idle interval)
RETURNS TABLE (person_id varchar, name varchar, tenant varchar, theme varchar, tenant_name varchar, time_zone varchar,
               groups varchar[], csrf varchar, toast jsonb, seen_at timestamptz)
LANGUAGE plpgsql SET search_path = public AS $$
DECLARE wall text := coalesce(current_setting('countersign.tenant', true), '');
BEGIN
    PERFORM set_config('countersign.tenant', '*', true);
    RETURN QUERY SELECT a.person_id, a.name, a.tenant, a.theme, a.tenant_name, a.time_zone, a.groups,
                        s.csrf, s.toast, s.seen_at
                 FROM sessions s JOIN actors a ON a.person_id = s.person_id
                 WHERE s.id = digest AND s.expires_at > clock_timestamp() AND s.seen_at > clock_timestamp() - idle;
    PERFORM set_config('countersign.tenant', wall, true);
END $$
"""

# The lock of a tenant's chain is taken while the transaction commits, not while its program thinks.
CHAIN = """
CREATE FUNCTION chain_fact() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO audit (tenant_id, body) VALUES (NEW.tenant_id, NEW.body);
    DELETE FROM facts WHERE id = NEW.id;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute(ACTORS)
    op.execute(f"GRANT SELECT ON actors TO {ROLE}")
    op.execute(BEARER_OF)
    op.execute(SESSION_OF)
    op.execute("""
        CREATE TABLE facts (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            tenant_id varchar NOT NULL REFERENCES tenants (id),
            body varchar NOT NULL
        )
    """)
    op.execute("ALTER TABLE facts ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE facts FORCE ROW LEVEL SECURITY")
    wall = "current_setting('countersign.tenant', true)"
    op.execute(f"CREATE POLICY one_tenant ON facts USING (tenant_id = {wall} OR {wall} = '*')")
    op.execute(CHAIN)
    op.execute("REVOKE ALL ON FUNCTION chain_fact() FROM PUBLIC")
    op.execute("""
        CREATE CONSTRAINT TRIGGER chain_fact AFTER INSERT ON facts DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION chain_fact()
    """)
    op.execute(f"GRANT INSERT ON facts TO {ROLE}")
    op.execute(f"REVOKE INSERT ON audit FROM {ROLE}")
    op.create_index(
        "cases_open_of_person", "cases", ["tenant_id", "opened_by"], postgresql_where=sa.text("closed_at IS NULL")
    )


def downgrade() -> None:
    op.drop_index("cases_open_of_person", "cases")
    op.execute(f"GRANT INSERT ON audit TO {ROLE}")
    op.execute("DROP TABLE facts")
    op.execute("DROP FUNCTION chain_fact()")
    op.execute("DROP FUNCTION session_of(text, interval)")
    op.execute("DROP FUNCTION bearer_of(text)")
    op.execute("DROP VIEW actors")
