"""What changed in a long text: paragraph by paragraph, and within a paragraph word by word."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

LONG = 80
MOST_WORDS = 1_000
AROUND = 90
SAME, GONE, NEW = "same", "gone", "new"
_WORDS = re.compile(r"\s+|[^\s]+")

Part = tuple[str, str]


def is_long(*texts: str) -> bool:
    """Whether side by side would be hard to read."""
    return any(len(text) > LONG or "\n" in text for text in texts)


def text_parts(before: str, after: str) -> list[Part]:
    """The text in parts: what stayed, shortened to what surrounds a change; what is gone; what is new."""
    found: list[Part] = []
    for kind, old, new in _changes(before.splitlines(keepends=True), after.splitlines(keepends=True)):
        if kind == SAME:
            found.append((SAME, "".join(old)))
        else:
            found += _words("".join(old), "".join(new))
    return _shortened(_joined(found))


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield SAME if tag == "equal" else NEW, old[a:b], new[c:d]


def _words(old: str, new: str) -> list[Part]:
    words, others = _WORDS.findall(old), _WORDS.findall(new)
    if max(len(words), len(others)) > MOST_WORDS:  # comparing takes the square of this
        return [(GONE, old), (NEW, new)]
    found: list[Part] = []
    for kind, gone, come in _changes(words, others):
        found += [(SAME, "".join(gone))] if kind == SAME else [(GONE, "".join(gone)), (NEW, "".join(come))]
    return found


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Neighbours of one kind as one part; a space between two changes belongs to them."""
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
    """What stands before the next change, and behind the former one."""
    if first and len(text) > AROUND:
        return f"… {text[-AROUND:]}"
    if last and len(text) > AROUND:
        return f"{text[:AROUND]} …"
    if len(text) > 2 * AROUND:
        return f"{text[:AROUND]} … {text[-AROUND:]}"
    return text
