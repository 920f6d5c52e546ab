"""What waits stands in a table of its own: small, whatever was asked and answered before, and kept by the database."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROLE = "countersign_app"
WALL = "current_setting('countersign.tenant', true)"
OPEN = sa.text("open")
ORDERS = {"due": ["due_at"], "amount": ["cents"], "age": ["asked_at"], "priority": ["priority", "due_at"]}
FORMER = ("case_id", "step", "asked_at", "claimed_by", "process", "requester", "cents", "priority", "fields")

KEEP = """
CREATE FUNCTION keep_waiting() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM waiting WHERE approval_id = OLD.approval_id AND principal = OLD.principal;
    ELSIF NOT NEW.open THEN
        DELETE FROM waiting WHERE approval_id = NEW.approval_id AND principal = NEW.principal;
    ELSE
        INSERT INTO waiting (tenant_id, principal, approval_id, role, case_id, process, step, requester, cents, priority,
                             fields, asked_at, due_at, claimed_by)
        SELECT a.tenant_id, NEW.principal, a.id, NEW.role, a.case_id, a.process, a.step, a.requester, a.cents,
               a.priority, a.fields, a.asked_at, a.due_at, a.claimed_by
        FROM approvals a WHERE a.id = NEW.approval_id
        ON CONFLICT (approval_id, principal) DO UPDATE SET role = excluded.role;
    END IF;
    RETURN NULL;
END $$
"""
FOLLOW = """
CREATE OR REPLACE FUNCTION follow_approval() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    UPDATE {table} SET cents = NEW.cents, priority = NEW.priority, fields = NEW.fields, due_at = NEW.due_at,
                       claimed_by = NEW.claimed_by
    WHERE approval_id = NEW.id;
    RETURN NULL;
END $$
"""
FILL_CANDIDATE = """
CREATE FUNCTION fill_candidate() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    SELECT a.case_id, a.process, a.step, a.requester, a.cents, a.priority, a.fields, a.asked_at, a.due_at, a.claimed_by
    INTO NEW.case_id, NEW.process, NEW.step, NEW.requester, NEW.cents, NEW.priority, NEW.fields, NEW.asked_at,
         NEW.due_at, NEW.claimed_by
    FROM approvals a WHERE a.id = NEW.approval_id;
    RETURN NEW;
END $$
"""
COLUMNS = "case_id, process, step, requester, cents, priority, fields, asked_at, due_at, claimed_by"


def word(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(), nullable=nullable)


def moment(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.create_table(
        "waiting",
        sa.Column("approval_id", sa.Uuid(), sa.ForeignKey("approvals.id"), primary_key=True),
        sa.Column("principal", sa.String(), primary_key=True),
        sa.Column("tenant_id", sa.String(), sa.ForeignKey("tenants.id"), nullable=False),
        word("role"),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        *(word(name) for name in ("process", "step", "requester")),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        *(moment(name) for name in ("asked_at", "due_at")),
        word("claimed_by", nullable=True),
    )
    op.execute("SELECT set_config('countersign.tenant', '*', true)")
    op.execute(f"""
        INSERT INTO waiting (tenant_id, principal, approval_id, role, {COLUMNS})
        SELECT k.tenant_id, k.principal, k.approval_id, k.role, {", ".join(f"a.{each}" for each in COLUMNS.split(", "))}
        FROM candidates k JOIN approvals a ON a.id = k.approval_id WHERE k.open
    """)
    op.execute("ALTER TABLE waiting ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE waiting FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY one_tenant ON waiting USING (tenant_id = {WALL} OR {WALL} = '*')")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON waiting TO {ROLE}")
    for name, columns in ORDERS.items():
        op.create_index(f"waiting_by_{name}", "waiting", ["tenant_id", "principal", *columns, "approval_id"])
    for name in ("amount", "age", "priority"):
        op.drop_index(f"candidates_by_{name}", "candidates")
    op.execute("DROP TRIGGER fill_candidate ON candidates")
    op.execute("DROP FUNCTION fill_candidate()")
    for column in FORMER:
        op.drop_column("candidates", column)
    op.execute(FOLLOW.format(table="waiting"))
    op.execute(KEEP)
    op.execute("""
        CREATE TRIGGER keep_waiting AFTER INSERT OR DELETE OR UPDATE OF open, role ON candidates
        FOR EACH ROW EXECUTE FUNCTION keep_waiting()
    """)


def downgrade() -> None:
    op.execute("DROP TRIGGER keep_waiting ON candidates")
    op.execute("DROP FUNCTION keep_waiting()")
    op.add_column("candidates", sa.Column("case_id", sa.Uuid(), nullable=True))
    for name in ("step", "process", "requester", "claimed_by"):
        op.add_column("candidates", word(name, nullable=True))
    op.add_column("candidates", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("candidates", sa.Column("cents", sa.BigInteger(), nullable=True))
    op.add_column("candidates", sa.Column("priority", sa.SmallInteger(), nullable=True))
    op.add_column("candidates", sa.Column("fields", postgresql.JSONB(), nullable=True))
    op.execute("SELECT set_config('countersign.tenant', '*', true)")
    op.execute(f"""
        UPDATE candidates k SET {", ".join(f"{each} = a.{each}" for each in COLUMNS.split(", "))}
        FROM approvals a WHERE a.id = k.approval_id
    """)
    op.execute(FOLLOW.format(table="candidates"))
    op.execute(FILL_CANDIDATE)
    op.execute("""
        CREATE TRIGGER fill_candidate BEFORE INSERT ON candidates FOR EACH ROW EXECUTE FUNCTION fill_candidate()
    """)
    for name in ("amount", "age", "priority"):
        mine = ["tenant_id", "principal", *ORDERS[name], "approval_id"]
        op.create_index(f"candidates_by_{name}", "candidates", mine, postgresql_where=OPEN)
    op.drop_table("waiting")
