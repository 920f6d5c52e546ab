"""Search that knows all capitals and spellings, on every installation; the email of a customer likewise."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# The builtin collation of PostgreSQL folds the same everywhere; what the cluster was created with does not count.
FOLDED = """
    CREATE FUNCTION folded(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN casefold(normalize(words) COLLATE "pg_unicode_fast") COLLATE "default"
"""
# Short texts at every depth of a form; ids of files are no words.
SHORT = """'strict $.** ? (@.type() == "string" && @ like_regex "^.{0,200}$" flag "s"
            && !(@ like_regex "^[0-9a-f]{8}-[0-9a-f]{4}-"))'"""
# Without the brackets, the quotation marks and the commas of JSON.
LISTED = f"btrim(jsonb_path_query_array(input, {SHORT})::text, '[]\"')"
WORDS = f"""replace(replace({LISTED}, '", "', ' '), '\\"', '"')"""
SEARCH = f"reference || ' ' || title || ' ' || coalesce(amount::text, '') || ' ' || left({WORDS}, 4000)"
EMAIL = "input #>> '{customer,email}'"


def upgrade() -> None:
    op.execute(FOLDED)
    op.execute("DROP INDEX cases_of_customer")
    op.execute(
        f"ALTER TABLE cases ADD COLUMN search text NOT NULL GENERATED ALWAYS AS (folded({SEARCH})) STORED,"
        f" ALTER COLUMN customer_email SET EXPRESSION AS (folded({EMAIL}))"
    )
    customers()


def downgrade() -> None:
    op.execute("DROP INDEX cases_of_customer")
    op.execute(f"ALTER TABLE cases DROP COLUMN search, ALTER COLUMN customer_email SET EXPRESSION AS (lower({EMAIL}))")
    op.execute("DROP FUNCTION folded(text)")
    customers()


def customers() -> None:
    op.create_index(
        "cases_of_customer",
        "cases",
        ["tenant_id", "process", "customer_email", sa.text("opened_at DESC")],
        postgresql_where=sa.text("customer_email IS NOT NULL"),
    )
