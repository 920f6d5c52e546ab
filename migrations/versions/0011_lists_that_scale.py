"""What lists of approvals filter and sort by stands in the rows that they walk, kept by the database itself."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OPEN = sa.text("open")

# The short fields of a form, by name: long text, rows and files are not for lists.
FIELDS = """
CREATE FUNCTION fields_of(form jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(form)
    WHERE jsonb_typeof(value) IN ('string', 'number', 'boolean') AND length(value::text) <= 140
$$
"""
# Row-level security only lets an index compare what cannot leak: whole cents can, numeric cannot.
FILL_APPROVAL = """
CREATE FUNCTION fill_approval() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    SELECT c.process, c.opened_by, coalesce((c.amount * 100)::bigint, -1), c.priority, fields_of(c.input)
    INTO NEW.process, NEW.requester, NEW.cents, NEW.priority, NEW.fields FROM cases c WHERE c.id = NEW.case_id;
    RETURN NEW;
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
FOLLOW_CASE = """
CREATE FUNCTION follow_case() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    UPDATE approvals SET cents = coalesce((NEW.amount * 100)::bigint, -1), priority = NEW.priority,
                         fields = fields_of(NEW.input)
    WHERE case_id = NEW.id AND state = 'open';
    RETURN NULL;
END $$
"""
FOLLOW_APPROVAL = """
CREATE FUNCTION follow_approval() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    UPDATE candidates SET cents = NEW.cents, priority = NEW.priority, fields = NEW.fields, due_at = NEW.due_at,
                          claimed_by = NEW.claimed_by
    WHERE approval_id = NEW.id;
    RETURN NULL;
END $$
"""
TRIGGERS = """
CREATE TRIGGER fill_approval BEFORE INSERT ON approvals FOR EACH ROW EXECUTE FUNCTION fill_approval();
CREATE TRIGGER fill_candidate BEFORE INSERT ON candidates FOR EACH ROW EXECUTE FUNCTION fill_candidate();
CREATE TRIGGER follow_case AFTER UPDATE OF amount, priority, input ON cases FOR EACH ROW
    WHEN ((OLD.amount, OLD.priority, OLD.input) IS DISTINCT FROM (NEW.amount, NEW.priority, NEW.input))
    EXECUTE FUNCTION follow_case();
CREATE TRIGGER follow_approval AFTER UPDATE OF cents, priority, fields, due_at, claimed_by ON approvals FOR EACH ROW
    WHEN ((OLD.cents, OLD.priority, OLD.fields, OLD.due_at, OLD.claimed_by)
          IS DISTINCT FROM (NEW.cents, NEW.priority, NEW.fields, NEW.due_at, NEW.claimed_by))
    EXECUTE FUNCTION follow_approval()
"""
FILL_WHAT_STANDS = """
UPDATE approvals a SET process = c.process, requester = c.opened_by, cents = coalesce((c.amount * 100)::bigint, -1),
                       fields = fields_of(c.input)
FROM cases c WHERE c.id = a.case_id;
UPDATE candidates k SET case_id = a.case_id, process = a.process, step = a.step, requester = a.requester,
                        cents = a.cents, fields = a.fields, asked_at = a.asked_at, claimed_by = a.claimed_by
FROM approvals a WHERE a.id = k.approval_id
"""
ACROSS = "SELECT set_config('countersign.tenant', '*', true)"


def upgrade() -> None:
    priority = ("priority", sa.SmallInteger())
    op.add_column("cases", sa.Column(*priority, nullable=False, server_default="2"))
    for table in ("approvals", "candidates"):
        op.add_column(table, sa.Column("process", sa.String(), nullable=True))
        op.add_column(table, sa.Column("requester", sa.String(), nullable=True))
        op.add_column(table, sa.Column("cents", sa.BigInteger(), nullable=True))
        op.add_column(table, sa.Column(*priority, nullable=True))
        op.add_column(table, sa.Column("fields", postgresql.JSONB(), nullable=True))
    op.add_column("candidates", sa.Column("case_id", sa.Uuid(), nullable=True))
    op.add_column("candidates", sa.Column("step", sa.String(), nullable=True))
    op.add_column("candidates", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("candidates", sa.Column("claimed_by", sa.String(), nullable=True))
    for statement in (FIELDS, ACROSS, *FILL_WHAT_STANDS.split(";")):
        op.execute(statement)
    for table in ("approvals", "candidates"):
        op.execute(f"UPDATE {table} SET priority = 2")
    for statement in (FILL_APPROVAL, FILL_CANDIDATE, FOLLOW_CASE, FOLLOW_APPROVAL, *TRIGGERS.split(";")):
        op.execute(statement)
    for name, columns in (
        ("amount", ["cents"]), ("age", ["asked_at"]), ("priority", ["priority", "due_at"]),
    ):  # fmt: skip
        mine = ["tenant_id", "principal", *columns, "approval_id"]
        op.create_index(f"candidates_by_{name}", "candidates", mine, postgresql_where=OPEN)
        op.create_index(f"approvals_by_{name}", "approvals", ["tenant_id", "state", *columns, "id"])
    op.create_index("votes_of_person", "votes", ["tenant_id", "person_id", "at", "approval_id"])


def downgrade() -> None:
    op.drop_index("votes_of_person", "votes")
    for name in ("amount", "age", "priority"):
        op.drop_index(f"candidates_by_{name}", "candidates")
        op.drop_index(f"approvals_by_{name}", "approvals")
    for trigger, table in (
        ("fill_approval", "approvals"), ("fill_candidate", "candidates"), ("follow_case", "cases"),
        ("follow_approval", "approvals"),
    ):  # fmt: skip
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
        op.execute(f"DROP FUNCTION {trigger}()")
    op.execute("DROP FUNCTION fields_of(jsonb)")
    for column in ("claimed_by", "asked_at", "step", "case_id"):
        op.drop_column("candidates", column)
    for table in ("candidates", "approvals"):
        for column in ("fields", "priority", "cents", "requester", "process"):
            op.drop_column(table, column)
    op.drop_column("cases", "priority")
