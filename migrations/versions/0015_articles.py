"""What the house has published."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROLE = "countersign_app"
WALL = "current_setting('countersign.tenant', true)"


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.String(), sa.ForeignKey("tenants.id"), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("tags", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("author", sa.String(), sa.ForeignKey("people.id"), nullable=False),
        sa.Column(
            "published_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("retracted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retraction", sa.String(), nullable=False),
        sa.UniqueConstraint("tenant_id", "slug", name="one_article_a_slug"),
        sa.UniqueConstraint("tenant_id", "reference", name="one_article_a_case"),
    )
    op.create_index("articles_newest", "articles", ["tenant_id", sa.text("published_at DESC"), sa.text("id DESC")])
    op.execute("ALTER TABLE articles ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE articles FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY one_tenant ON articles USING (tenant_id = {WALL} OR {WALL} = '*')")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON articles TO {ROLE}")


def downgrade() -> None:
    op.drop_table("articles")
