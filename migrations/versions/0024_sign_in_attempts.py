"""Web processes count failed attempts to sign in together, by hashes, and hear of sessions that ended elsewhere."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NOW = sa.text("clock_timestamp()")
ENDED = """
CREATE FUNCTION tell_session_ended() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    PERFORM pg_notify('countersign_session_ended', OLD.id);
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "sign_in_attempts",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
    )
    op.create_index("ix_sign_in_attempts_last_at", "sign_in_attempts", ["last_at"])
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_attempts TO countersign_app")
    op.execute(ENDED)
    op.execute("""
        CREATE TRIGGER tell_session_ended AFTER DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION tell_session_ended()
    """)


def downgrade() -> None:
    op.execute("DROP TRIGGER tell_session_ended ON sessions")
    op.execute("DROP FUNCTION tell_session_ended()")
    op.drop_table("sign_in_attempts")
