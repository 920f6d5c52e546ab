"""Patterns of LIKE that are made of what people type, and comparisons that no installation sees differently."""

from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func


def literally(words: str) -> str:
    """The words with nothing in them that PostgreSQL takes for a wildcard."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def folded(text: Any) -> ColumnElement[str]:
    """A text as it is compared: neither capitals nor its spelling in Unicode count, whatever the database's locale."""
    return func.folded(cast(text, Text))


def holds(column: Any, words: str) -> ColumnElement[bool]:
    """Whether the column contains these words."""
    return holding(folded(column), words)


def holding(column: Any, words: str) -> ColumnElement[bool]:
    """Whether a column of folded text contains these words."""
    found: ColumnElement[bool] = column.like(func.concat("%", folded(literally(words)), "%"))
    return found
