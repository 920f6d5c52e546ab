"""What changed in a long text: paragraph by paragraph, and within a paragraph word by word."""

import re
from collections.abc import Sequence

from backend.cases.core.edit_script import Budget, edit_script

LONG = 80
MOST_COMPARISONS = 20_000  # a few milliseconds
AROUND = 90
SAME, GONE, NEW = "same", "gone", "new"
_WORDS = re.compile(r"\s+|[^\s]+")

Part = tuple[str, str]


def is_long(*texts: str) -> bool:
    """Whether side by side would be hard to read."""
    return any(len(text) > LONG or "\n" in text for text in texts)


def text_parts(before: str, after: str, budget: Budget | None = None) -> list[Part]:
    """The text in parts: what stayed, shortened to what surrounds a change; what is gone; what is new.

    Where the budget ends, whole paragraphs are gone and new.
    """
    budget = budget or Budget(MOST_COMPARISONS)
    found: list[Part] = []
    for change in edit_script(before.splitlines(keepends=True), after.splitlines(keepends=True), budget):
        if change.same:
            found.append((SAME, "".join(change.old)))
        else:
            found += _words("".join(change.old), "".join(change.new), budget)
    return _shortened(_joined(found))


def _words(old: str, new: str, budget: Budget) -> list[Part]:
    if budget.left < 0:
        return [(GONE, old), (NEW, new)]
    found: list[Part] = []
    for change in edit_script(_WORDS.findall(old), _WORDS.findall(new), budget):
        if change.same:
            found.append((SAME, "".join(change.old)))
        else:
            found += [(GONE, "".join(change.old)), (NEW, "".join(change.new))]
    return found


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Neighbours of one kind as one part; so that a change is marked once."""
    found: list[Part] = []
    for kind, text in parts:
        if text and found and found[-1][0] == kind:
            found[-1] = (kind, found[-1][1] + text)
        elif text:
            found.append((kind, text))
    return found


def _shortened(parts: Sequence[Part]) -> list[Part]:
    last = len(parts) - 1
    return [
        (kind, _middle_left_out(text, first=place == 0, last=place == last) if kind == SAME else text)
        for place, (kind, text) in enumerate(parts)
    ]


def _middle_left_out(text: str, *, first: bool, last: bool) -> str:
    """The unchanged text before the next change, and after the previous one."""
    if first and len(text) > AROUND:
        return f"… {text[-AROUND:]}"
    if last and len(text) > AROUND:
        return f"{text[:AROUND]} …"
    if len(text) > 2 * AROUND:
        return f"{text[:AROUND]} … {text[-AROUND:]}"
    return text
