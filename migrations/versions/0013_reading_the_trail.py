"""The audit trail is found by who, what, on what and when; a tenant may let people answer by a link in a mail."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEYS = {"actor": "actor", "action": "action", "subject": "subject", "time": "at"}


def upgrade() -> None:
    for name, key in KEYS.items():
        op.execute(f"CREATE INDEX audit_by_{name} ON audit (tenant_id, ((body::jsonb) ->> '{key}'), seq DESC)")
    op.add_column("tenants", sa.Column("decision_links", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("tenants", "decision_links")
    for name in KEYS:
        op.execute(f"DROP INDEX audit_by_{name}")
