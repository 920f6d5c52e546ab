"""A person may choose the language of pages and emails; without a choice the browser's counts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROLE = "countersign_app"
COLUMNS = "person_id varchar, name varchar, tenant varchar, theme varchar, tenant_name varchar, time_zone varchar"
READ = "a.person_id, a.name, a.tenant, a.theme, a.tenant_name, a.time_zone, a.groups"


def actors(more: str) -> None:
    op.execute(f"""
        CREATE VIEW actors WITH (security_invoker = true) AS
        SELECT p.id AS person_id, p.name, p.tenant_id AS tenant, p.theme, t.name AS tenant_name, t.time_zone,
               ARRAY(SELECT m.group_id FROM memberships m WHERE m.person_id = p.id) AS groups,
               EXISTS (SELECT 1 FROM mandates m WHERE m.substitute_id = p.id) AS stands_in{more}
        FROM people p JOIN tenants t ON t.id = p.tenant_id
        WHERE p.active
    """)
    op.execute(f"GRANT SELECT ON actors TO {ROLE}")


def look_ups(column: str, read: str) -> None:
    """The two functions that find a caller across tenants and leave the session's tenant as it was."""
    op.execute(f"""
        CREATE FUNCTION bearer_of(digest text)
        RETURNS TABLE ({COLUMNS}, groups varchar[], scope varchar, stands_in boolean{column})
        LANGUAGE plpgsql SET search_path = public AS $$
        DECLARE wall text := coalesce(current_setting('countersign.tenant', true), '');
        BEGIN
            PERFORM set_config('countersign.tenant', '*', true);
            RETURN QUERY SELECT {READ}, k.scope, a.stands_in{read}
                         FROM tokens k JOIN actors a ON a.person_id = k.person_id
                         WHERE k.id = digest AND k.revoked_at IS NULL;
            PERFORM set_config('countersign.tenant', wall, true);
        END $$
    """)
    op.execute(f"""
        CREATE FUNCTION session_of(digest text, idle interval)
        RETURNS TABLE ({COLUMNS}, groups varchar[], csrf varchar, toast jsonb, seen_at timestamptz,
                       stands_in boolean{column})
        LANGUAGE plpgsql SET search_path = public AS $$
        DECLARE wall text := coalesce(current_setting('countersign.tenant', true), '');
        BEGIN
            PERFORM set_config('countersign.tenant', '*', true);
            RETURN QUERY SELECT {READ}, s.csrf, s.toast, s.seen_at, a.stands_in{read}
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
    op.add_column("people", sa.Column("language", sa.String(length=12), nullable=True))
    clear()
    actors(", p.language")
    look_ups(", language varchar", ", a.language")


def downgrade() -> None:
    clear()
    actors("")
    look_ups("", "")
    op.drop_column("people", "language")
