"""Patterns of LIKE that are made of what people type."""


def literally(words: str) -> str:
    """The words with nothing in them that PostgreSQL takes for a wildcard."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
