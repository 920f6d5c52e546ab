"""What waits says whether anybody acted on it: only then a walk through the inbox asks who."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ACTED_ON = """
    (EXISTS (SELECT 1 FROM votes v WHERE v.approval_id = a.id)
     OR EXISTS (SELECT 1 FROM candidates g WHERE g.approval_id = a.id AND g.role = 'gone')
     OR EXISTS (SELECT 1 FROM case_versions e WHERE e.case_id = a.case_id AND e.edited_by <> a.requester))
"""
KEEP = """
CREATE OR REPLACE FUNCTION keep_waiting() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM waiting WHERE approval_id = OLD.approval_id AND principal = OLD.principal;
    ELSIF NOT NEW.open THEN
        DELETE FROM waiting WHERE approval_id = NEW.approval_id AND principal = NEW.principal;
    ELSE
        INSERT INTO waiting (tenant_id, principal, approval_id, role, case_id, process, step, requester, cents, priority,
                             fields, asked_at, due_at, claimed_by{column})
        SELECT a.tenant_id, NEW.principal, a.id, NEW.role, a.case_id, a.process, a.step, a.requester, a.cents,
               a.priority, a.fields, a.asked_at, a.due_at, a.claimed_by{value}
        FROM approvals a WHERE a.id = NEW.approval_id
        ON CONFLICT (approval_id, principal) DO UPDATE SET role = excluded.role;
    END IF;
    RETURN NULL;
END $$
"""
NOTE_ACT = """
CREATE FUNCTION note_act() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    UPDATE waiting SET acted_on = true WHERE approval_id = NEW.approval_id AND NOT acted_on;
    RETURN NULL;
END $$
"""
NOTE_EDIT = """
CREATE FUNCTION note_edit() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    UPDATE waiting SET acted_on = true
    WHERE approval_id IN (SELECT id FROM approvals WHERE case_id = NEW.case_id AND requester <> NEW.edited_by)
      AND NOT acted_on;
    RETURN NULL;
END $$
"""
TRIGGERS = """
CREATE TRIGGER note_answer AFTER INSERT ON votes FOR EACH ROW EXECUTE FUNCTION note_act();
CREATE TRIGGER note_gone AFTER INSERT OR UPDATE OF role ON candidates FOR EACH ROW WHEN (NEW.role = 'gone')
    EXECUTE FUNCTION note_act();
CREATE TRIGGER note_edit AFTER INSERT ON case_versions FOR EACH ROW WHEN (NEW.version > 1)
    EXECUTE FUNCTION note_edit()
"""


def upgrade() -> None:
    op.add_column("waiting", sa.Column("acted_on", sa.Boolean(), nullable=False, server_default="false"))
    op.execute("SELECT set_config('countersign.tenant', '*', true)")
    op.execute(f"UPDATE waiting k SET acted_on = true FROM approvals a WHERE a.id = k.approval_id AND {ACTED_ON}")
    op.execute(KEEP.format(column=", acted_on", value=f", {ACTED_ON.strip()}"))
    for statement in (NOTE_ACT, NOTE_EDIT, *TRIGGERS.split(";")):
        op.execute(statement)


def downgrade() -> None:
    for trigger, table in (("note_edit", "case_versions"), ("note_gone", "candidates"), ("note_answer", "votes")):
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
    for function in ("note_edit()", "note_act()"):
        op.execute(f"DROP FUNCTION {function}")
    op.execute(KEEP.format(column="", value=""))
    op.drop_column("waiting", "acted_on")
