"""The orders of one customer are found by an index, however many cases there are."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    email = sa.Computed("lower(input #>> '{customer,email}')", persisted=True)
    op.add_column("cases", sa.Column("customer_email", sa.String(), email, nullable=True))
    op.create_index(
        "cases_of_customer",
        "cases",
        ["tenant_id", "process", "customer_email", sa.text("opened_at DESC")],
        postgresql_where=sa.text("customer_email IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("cases_of_customer", "cases")
    op.drop_column("cases", "customer_email")
