"""What people do with an approval: questions, advice, substitutes, corrections, overrides and undoing."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROLE = "countersign_app"
WALL = "current_setting('countersign.tenant', true)"
TABLES = ("questions", "delegations", "substitutions")
NOW = sa.text("clock_timestamp()")


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=None if nullable else NOW)


def reference(name: str, target: str, kind: type = sa.String, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, kind(), sa.ForeignKey(target), nullable=nullable)


def upgrade() -> None:
    op.add_column("approvals", moment("undo_until", nullable=True))
    op.add_column("approvals", sa.Column("overridden", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column("cases", sa.Column("overridden", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column("candidates", sa.Column("role", sa.String(), nullable=False, server_default="decide"))
    op.add_column("case_versions", reference("corrected_in", "approvals.id", sa.Uuid, nullable=True))
    op.add_column("votes", sa.Column("kind", sa.String(), nullable=False, server_default="own"))
    op.add_column("votes", sa.Column("policy", sa.String(), nullable=False, server_default=""))
    op.add_column("votes", sa.Column("corrected_from", sa.Integer(), nullable=True))
    op.add_column("votes", sa.Column("event", sa.BigInteger(), nullable=True))
    seat = [sa.text("approval_id"), sa.text("coalesce(acting_for, person_id)")]
    op.create_index("one_vote_a_seat", "votes", seat, unique=True)
    questions()
    delegations()
    substitutions()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY one_tenant ON {table} USING (tenant_id = {WALL} OR {WALL} = '*')")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}")


def questions() -> None:
    op.create_table(
        "questions",
        sa.Column("id", sa.Uuid(), primary_key=True),
        reference("tenant_id", "tenants.id"),
        reference("case_id", "cases.id", sa.Uuid),
        reference("approval_id", "approvals.id", sa.Uuid),
        reference("asked_by", "people.id"),
        sa.Column("text", sa.String(), nullable=False),
        moment("asked_at"),
        reference("answered_by", "people.id", nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        moment("answered_at", nullable=True),
    )
    op.create_index("ix_questions_case_id", "questions", ["case_id"])
    op.create_index("ix_questions_approval_id", "questions", ["approval_id"])


def delegations() -> None:
    op.create_table(
        "delegations",
        sa.Column("id", sa.Uuid(), primary_key=True),
        reference("tenant_id", "tenants.id"),
        reference("approval_id", "approvals.id", sa.Uuid),
        reference("from_person", "people.id"),
        reference("to_person", "people.id"),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("note", "state", "advice", "words")),
        moment("at"),
        moment("answered_at", nullable=True),
    )
    op.create_index("ix_delegations_approval_id", "delegations", ["approval_id"])
    op.create_index("ix_delegations_to_person", "delegations", ["to_person"])
    op.create_index(
        "one_open_delegation",
        "delegations",
        ["approval_id", "from_person"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )


def substitutions() -> None:
    op.create_table(
        "substitutions",
        sa.Column("id", sa.Uuid(), primary_key=True),
        reference("tenant_id", "tenants.id"),
        reference("person_id", "people.id"),
        reference("substitute_id", "people.id"),
        moment("starts_at", nullable=True),
        moment("ends_at", nullable=True),
        sa.Column("processes", postgresql.ARRAY(sa.String()), nullable=False, server_default="{}"),
        sa.Column("up_to", sa.Numeric(18, 2), nullable=True),
        moment("ended_at", nullable=True),
        moment("at"),
    )
    op.create_index("ix_substitutions_person_id", "substitutions", ["person_id"])
    op.create_index("substitutions_running", "substitutions", ["tenant_id", "substitute_id", "ends_at"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("one_vote_a_seat", "votes")
    for column in ("event", "corrected_from", "policy", "kind"):
        op.drop_column("votes", column)
    op.drop_column("case_versions", "corrected_in")
    op.drop_column("candidates", "role")
    op.drop_column("cases", "overridden")
    op.drop_column("approvals", "overridden")
    op.drop_column("approvals", "undo_until")
