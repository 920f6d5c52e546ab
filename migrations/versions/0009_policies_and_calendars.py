"""What a policy needs kept: what was sent when, why nobody can decide, own answers with their fields; and calendars."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROLE = "countersign_app"
WALL = "current_setting('countersign.tenant', true)"
TABLES = ("working_hours", "holidays")


def upgrade() -> None:
    for name in ("reminders_sent", "escalations_done"):
        op.add_column("approvals", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.execute("""
        UPDATE approvals SET reminders_sent = (reminded_at IS NOT NULL)::int,
                             escalations_done = (escalated_at IS NOT NULL)::int
    """)
    op.add_column("approvals", sa.Column("impossible", sa.String(), nullable=False, server_default=""))
    op.add_column("votes", sa.Column("option", sa.String(), nullable=False, server_default=""))
    op.add_column("votes", sa.Column("extra", postgresql.JSONB(), nullable=True))
    tenant = sa.ForeignKey("tenants.id")
    op.create_table(
        "working_hours",
        sa.Column("tenant_id", sa.String(), tenant, primary_key=True),
        sa.Column("weekday", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("opens", sa.Time(), primary_key=True),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="a_day_of_the_week"),
        sa.CheckConstraint("closes > opens", name="closes_after_it_opens"),
    )
    op.create_table(
        "holidays",
        sa.Column("tenant_id", sa.String(), sa.ForeignKey("tenants.id"), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY one_tenant ON {table} USING (tenant_id = {WALL} OR {WALL} = '*')")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}")


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_column("votes", "extra")
    op.drop_column("votes", "option")
    for name in ("impossible", "escalations_done", "reminders_sent"):
        op.drop_column("approvals", name)
