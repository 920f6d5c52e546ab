"""The stock: what we sell, and what of it is put aside."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROLE = "countersign_app"
TENANT = "current_setting('countersign.tenant', true)"


def upgrade() -> None:
    op.create_table(
        "stock",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("sku", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("reserved >= 0 AND reserved <= quantity", name="no_more_than_there_is"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        sa.PrimaryKeyConstraint("tenant_id", "sku"),
    )
    op.execute("ALTER TABLE stock ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE stock FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY one_tenant ON stock USING (tenant_id = {TENANT} OR {TENANT} = '*')")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON stock TO {ROLE}")


def downgrade() -> None:
    op.drop_table("stock")
