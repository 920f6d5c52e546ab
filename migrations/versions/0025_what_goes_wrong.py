"""What goes wrong is seen: living processes, failing steps, fair turns in the outbox, emails handed over twice."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROLE = "countersign_app"
WALL = "current_setting('countersign.tenant', true)"
NOW = sa.text("clock_timestamp()")


def moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=None if nullable else NOW)


def upgrade() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("queues", postgresql.JSONB(), nullable=False),
        moment("started_at"),
        moment("seen_at"),
    )
    op.create_table(
        "failing_steps",
        sa.Column("workflow_id", sa.String(), primary_key=True),
        sa.Column("activity_id", sa.String(), primary_key=True),
        sa.Column("tenant_id", sa.String(), sa.ForeignKey("tenants.id"), nullable=False),
        sa.Column("case_id", sa.Uuid(), sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("attention", sa.String(), nullable=False),
        moment("since"),
        moment("failed_at"),
        moment("next_at", nullable=True),
    )
    op.create_index("ix_failing_steps_case_id", "failing_steps", ["case_id"])
    op.execute("ALTER TABLE failing_steps ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE failing_steps FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY one_tenant ON failing_steps USING (tenant_id = {WALL} OR {WALL} = '*')")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON heartbeats, failing_steps TO {ROLE}")
    op.add_column("outbox", sa.Column("flow", sa.String(), nullable=False, server_default=""))
    op.add_column("outbox", moment("turn_at"))
    waiting = sa.text("state = 'waiting'")
    op.create_index("outbox_order", "outbox", ["turn_at"], postgresql_where=waiting)
    op.create_index("outbox_flows", "outbox", ["tenant_id", "flow", "turn_at"], postgresql_where=waiting)
    op.create_index("outbox_sent", "outbox", ["sent_at"], postgresql_where=sa.text("state = 'sent'"))
    op.create_index(
        "cases_needing_attention",
        "cases",
        ["tenant_id", "opened_at"],
        postgresql_where=sa.text("attention IS NOT NULL AND closed_at IS NULL"),
    )
    op.add_column("deliveries", sa.Column("unconfirmed", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("deliveries", "unconfirmed")
    op.drop_index("cases_needing_attention", "cases")
    for index in ("outbox_order", "outbox_flows", "outbox_sent"):
        op.drop_index(index, "outbox")
    op.drop_column("outbox", "turn_at")
    op.drop_column("outbox", "flow")
    op.drop_table("failing_steps")
    op.drop_table("heartbeats")
