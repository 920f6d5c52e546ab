"""Who works on an approval: claimed by whom and since when."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("approvals", sa.Column("claimed_by", sa.String(), sa.ForeignKey("people.id"), nullable=True))
    op.add_column("approvals", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("approvals", "claimed_at")
    op.drop_column("approvals", "claimed_by")
