"""A language for tests: accented, in brackets and longer, so that text which cannot be translated is easy to see."""

import re

OPENED, CLOSED = "⟦", "⟧"
LENGTH = 1.4
_ACCENTED = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "áƀçđéƒǧĥíĵķľɱñóþǫŕšţúṽŵẋýžÁƁÇĐÉƑǦĤÍĴĶĽṀÑÓÞǪŔŠŢÚṼŴẊÝŽ",
)
_PADDING = " ĺóŕéɱ íþšúɱ đóĺóŕ"
# Tags, entities and the placeholders of both formats.
_KEPT = re.compile(r"(<[^<>]*>|&#?\w{1,10};|%\(\w+\)[sd]|%%|\{[^{}]*\})")


def pseudo(message: str) -> str:
    """The message as the pseudo-locale has it; its placeholders and tags stay as they are."""
    parts = _KEPT.split(message)
    text = "".join(part if index % 2 else part.translate(_ACCENTED) for index, part in enumerate(parts))
    missing = max(1, round(len(message) * (LENGTH - 1)))
    padding = (_PADDING * (missing // len(_PADDING) + 1))[:missing]
    return f"{OPENED}{text}{padding}{CLOSED}"
