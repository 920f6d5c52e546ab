"""Credit ratings of customers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROLE = "countersign_app"
WALL = "current_setting('countersign.tenant', true)"


def upgrade() -> None:
    op.create_table(
        "credit_ratings",
        sa.Column("tenant_id", sa.String(), sa.ForeignKey("tenants.id"), primary_key=True),
        sa.Column("customer", sa.String(), primary_key=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("credit", sa.Numeric(18, 2), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
    )
    op.execute("ALTER TABLE credit_ratings ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE credit_ratings FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY one_tenant ON credit_ratings USING (tenant_id = {WALL} OR {WALL} = '*')")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON credit_ratings TO {ROLE}")


def downgrade() -> None:
    op.drop_table("credit_ratings")
