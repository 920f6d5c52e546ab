"""A tenant has a language for emails, and says whether it is the demo; a person, when they last signed in."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("tenants", sa.Column("language", sa.String(12), nullable=False, server_default="en"))
    op.add_column("tenants", sa.Column("demo", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("people", sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE tenants SET demo = true")  # until now, only the demo could make a tenant


def downgrade() -> None:
    op.drop_column("people", "last_sign_in_at")
    op.drop_column("tenants", "demo")
    op.drop_column("tenants", "language")
