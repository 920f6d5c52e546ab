"""What waits from one requester is found by an index, for a filter that many put on a long list."""

from collections.abc import Sequence

from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COLUMNS = ["tenant_id", "principal", "requester", "due_at", "approval_id"]


def upgrade() -> None:
    op.create_index("waiting_by_requester", "waiting", COLUMNS)


def downgrade() -> None:
    op.drop_index("waiting_by_requester", "waiting")
