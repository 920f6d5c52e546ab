"""Whether somebody stands in for others is known with who calls, so that nobody else's lists pay for it."""

from collections.abc import Sequence

from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROLE = "countersign_app"
STANDS_IN = ", EXISTS (SELECT 1 FROM mandates m WHERE m.substitute_id = p.id) AS stands_in"
COLUMNS = "person_id varchar, name varchar, tenant varchar, theme varchar, tenant_name varchar, time_zone varchar"
READ = "a.person_id, a.name, a.tenant, a.theme, a.tenant_name, a.time_zone, a.groups"


def actors(more: str) -> None:
    op.execute(f"""
        CREATE VIEW actors WITH (security_invoker = true) AS
        SELECT p.id AS person_id, p.name, p.tenant_id AS tenant, p.theme, t.name AS tenant_name, t.time_zone,
               ARRAY(SELECT m.group_id FROM memberships m WHERE m.person_id = p.id) AS groups{more}
        FROM people p JOIN tenants t ON t.id = p.tenant_id
        WHERE p.active
    """)
    op.execute(f"GRANT SELECT ON actors TO {ROLE}")


def doors(column: str, read: str) -> None:
    """Whoever shows a secret has no tenant yet: these two look across tenants, and leave the caller's wall as it was."""
    op.execute(f"""
        CREATE FUNCTION bearer_of(digest text)
        RETURNS TABLE ({COLUMNS}, groups varchar[], scope varchar{column})
        LANGUAGE plpgsql SET search_path = public AS $$
        DECLARE wall text := coalesce(current_setting('countersign.tenant', true), '');
        BEGIN
            PERFORM set_config('countersign.tenant', '*', true);
            RETURN QUERY SELECT {READ}, k.scope{read}
                         FROM tokens k JOIN actors a ON a.person_id = k.person_id
                         WHERE k.id = digest AND k.revoked_at IS NULL;
            PERFORM set_config('countersign.tenant', wall, true);
        END $$
    """)
    op.execute(f"""
        CREATE FUNCTION session_of(digest text, idle interval)
        RETURNS TABLE ({COLUMNS}, groups varchar[], csrf varchar, toast jsonb, seen_at timestamptz{column})
        LANGUAGE plpgsql SET search_path = public AS $$
        DECLARE wall text := coalesce(current_setting('countersign.tenant', true), '');
        BEGIN
            PERFORM set_config('countersign.tenant', '*', true);
            RETURN QUERY SELECT {READ}, s.csrf, s.toast, s.seen_at{read}
                         FROM sessions s JOIN actors a ON a.person_id = s.person_id
                         WHERE s.id = digest AND s.expires_at > clock_timestamp()
                           AND s.seen_at > clock_timestamp() - idle;
            PERFORM set_config('countersign.tenant', wall, true);
        END $$
    """)


def clear() -> None:
    op.execute("DROP FUNCTION session_of(text, interval)")
    op.execute("DROP FUNCTION bearer_of(text)")
    op.execute("DROP VIEW actors")


def upgrade() -> None:
    clear()
    actors(STANDS_IN)
    doors(", stands_in boolean", ", a.stands_in")


def downgrade() -> None:
    clear()
    actors("")
    doors("", "")
