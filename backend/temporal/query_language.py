"""Temporal's query language, as far as needed to be sure that an operator's query stays one condition."""

import re

from backend.kit.i18n import N_
from backend.temporal.executions import BadQuery

# Spaces, quoted texts, quoted names, words and numbers, comparisons, commas, parentheses; and no comments.
_TOKEN = re.compile(r"""\s+|'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`[^`]*`|[\w.]+|[=!<>]+|-(?!-)|[(),]""", re.DOTALL)


def one_condition(query: str) -> str:
    """The query in parentheses, to combine with other conditions. BadQuery if it would break out of them."""
    depth = place = 0
    while place < len(query):
        token = _TOKEN.match(query, place)
        if token is None:
            raise BadQuery(N_("The query is not valid at: {text}").format(text=query[place : place + 40]))
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if depth < 0:
            break
        place = token.end()
    if depth:
        raise BadQuery(N_("The query is not valid: the parentheses do not match."))
    return f"({query})"
