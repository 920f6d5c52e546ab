"""Filters that people keep and share, and jobs that decide many approvals with one answer."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROLE = "countersign_app"
WALL = "current_setting('countersign.tenant', true)"
TABLES = ("saved_filters", "bulk_jobs", "bulk_items")


def words(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def reference(name: str, target: str, kind: type = sa.String) -> sa.Column:
    return sa.Column(name, kind(), sa.ForeignKey(target), nullable=False)


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    default = None if nullable else sa.text("clock_timestamp()")
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=default)


def upgrade() -> None:
    op.create_table(
        "saved_filters",
        sa.Column("id", sa.Uuid(), primary_key=True),
        reference("tenant_id", "tenants.id"),
        reference("person_id", "people.id"),
        sa.Column("group_id", sa.String(), nullable=True),
        *words("name", "query"),
        moment("at"),
    )
    op.create_index("one_filter_a_name", "saved_filters", ["tenant_id", "person_id", "name"], unique=True)
    op.create_table(
        "bulk_jobs",
        sa.Column("id", sa.Uuid(), primary_key=True),
        reference("tenant_id", "tenants.id"),
        reference("person_id", "people.id"),
        sa.Column("choice", sa.String(), nullable=True),
        *words("comment", "back"),
        moment("at"),
        moment("started_at", nullable=True),
    )
    op.create_index("ix_bulk_jobs_person_id", "bulk_jobs", ["person_id"])
    op.create_table(
        "bulk_items",
        sa.Column("job_id", sa.Uuid(), sa.ForeignKey("bulk_jobs.id"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        reference("tenant_id", "tenants.id"),
        reference("approval_id", "approvals.id", sa.Uuid),
        sa.Column("version", sa.Integer(), nullable=False),
        *words("state", "code", "sentence"),
        sa.Column("differences", postgresql.JSONB(), nullable=False),
        moment("at", nullable=True),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index("bulk_waiting", "bulk_items", ["job_id", "position"], postgresql_where=waiting)
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY one_tenant ON {table} USING (tenant_id = {WALL} OR {WALL} = '*')")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
