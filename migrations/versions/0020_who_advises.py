"""What waits for advice alone is found by an index: a list of many decisions is asked whether there is any."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COLUMNS = ["tenant_id", "principal"]


def upgrade() -> None:
    op.create_index("waiting_for_advice", "waiting", COLUMNS, postgresql_where=sa.text("role = 'advise'"))


def downgrade() -> None:
    op.drop_index("waiting_for_advice", "waiting")
