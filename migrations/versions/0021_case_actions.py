"""Case actions have a table of their own: which action was taken no longer ends with the outbox's retention."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROLE = "countersign_app"
WALL = "current_setting('countersign.tenant', true)"
BACKFILL = """
INSERT INTO case_actions (tenant_id, case_id, offer, key, action, input, version, person_id, at)
SELECT tenant_id, case_id, (payload ->> 'offer')::int, payload ->> 'key', payload ->> 'action', payload -> 'input',
       (payload ->> 'version')::int, payload ->> 'by', (payload ->> 'at')::timestamptz
FROM outbox WHERE kind = 'act' ORDER BY id
ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.create_table(
        "case_actions",
        sa.Column("tenant_id", sa.String(), sa.ForeignKey("tenants.id"), nullable=False),
        sa.Column("case_id", sa.Uuid(), sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("offer", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("input", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(), sa.ForeignKey("people.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.UniqueConstraint("case_id", "key", name="one_case_action_a_key"),
    )
    op.execute("ALTER TABLE case_actions ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE case_actions FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY one_tenant ON case_actions USING (tenant_id = {WALL} OR {WALL} = '*')")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON case_actions TO {ROLE}")
    op.execute("SELECT set_config('countersign.tenant', '*', true)")
    op.execute(BACKFILL)


def downgrade() -> None:
    op.drop_table("case_actions")
