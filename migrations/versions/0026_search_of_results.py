"""Search finds a case by its result too, such as the number of a purchase order."""

from collections.abc import Sequence

from alembic import op

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Short texts of a document, without the brackets, the quotation marks and the commas of JSON.
SHORT = '@.type() == "string" && @ like_regex "^.{0,200}$" flag "s"'
WORDS = (
    """replace(replace(btrim(jsonb_path_query_array({document}, '{path}')::text, '[]"'), '", "', ' '), '\\"', '"')"""
)
# Ids of files are no words.
ENTERED = WORDS.format(
    document="input", path=f'strict $.** ? ({SHORT} && !(@ like_regex "^[0-9a-f]{{8}}-[0-9a-f]{{4}}-"))'
)
RESULT = WORDS.format(document="result", path=f"lax $.facts.* ? ({SHORT})")
BEFORE = f"reference || ' ' || title || ' ' || coalesce(amount::text, '') || ' ' || left({ENTERED}, 4000)"
SEARCH = f"{BEFORE} || ' ' || coalesce(left({RESULT}, 1000), '')"


def upgrade() -> None:
    op.execute(f"ALTER TABLE cases ALTER COLUMN search SET EXPRESSION AS (folded({SEARCH}))")


def downgrade() -> None:
    op.execute(f"ALTER TABLE cases ALTER COLUMN search SET EXPRESSION AS (folded({BEFORE}))")
