"""Walls between tenants, a role that owns nothing, and an audit trail that can only grow."""

from collections.abc import Sequence

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROLE = "countersign_app"
TENANT = "current_setting('countersign.tenant', true)"
TABLES = (
    "approvals", "audit", "budgets", "candidates", "case_versions", "cases", "comments", "drafts", "effects",
    "files", "groups", "journal", "memberships", "outbox", "people", "sessions", "tokens", "votes",
)  # fmt: skip

# hash = SHA-256 over previous hash, sequence number and body, joined by newlines; one writer a tenant at a time.
CHAIN = """
CREATE FUNCTION chain_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE head record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('countersign.audit'), hashtext(NEW.tenant_id));
    SELECT seq, hash INTO head FROM audit WHERE tenant_id = NEW.tenant_id ORDER BY seq DESC LIMIT 1;
    NEW.seq := coalesce(head.seq, 0) + 1;
    NEW.previous := coalesce(head.hash, '');
    NEW.hash := encode(sha256(convert_to(NEW.previous || E'\\n' || NEW.seq || E'\\n' || NEW.body, 'UTF8')), 'hex');
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute(f"""
        DO $$ BEGIN CREATE ROLE {ROLE} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$
    """)
    op.execute(f"GRANT USAGE ON SCHEMA public TO {ROLE}")
    op.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE}")
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
    op.execute(f"REVOKE UPDATE, DELETE ON audit FROM {ROLE}")
    op.execute(f"REVOKE ALL ON alembic_version FROM {ROLE}")
    op.execute(f"GRANT SELECT ON alembic_version TO {ROLE}")
    for table in TABLES:
        build_wall(table, "tenant_id")
    build_wall("tenants", "id")
    op.execute(CHAIN)
    op.execute("REVOKE ALL ON FUNCTION chain_audit() FROM PUBLIC")
    op.execute("CREATE TRIGGER chain_audit BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION chain_audit()")


def build_wall(table: str, column: str) -> None:
    """Show a transaction only its tenant's rows, even to the owner; without a tenant, none."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY one_tenant ON {table} USING ({column} = {TENANT} OR {TENANT} = '*')")


def downgrade() -> None:
    op.execute("DROP TRIGGER chain_audit ON audit")
    op.execute("DROP FUNCTION chain_audit()")
    for table in (*TABLES, "tenants"):
        op.execute(f"DROP POLICY one_tenant ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {ROLE}")
    op.execute(f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {ROLE}")
    op.execute(f"REVOKE ALL ON SCHEMA public FROM {ROLE}")
