"""Text that people type, normalized: NFC, trimmed, blank if invisible, and one line where one is meant."""

import re
import unicodedata

# Letters and marks that are drawn as nothing: fillers of Hangul, the blank of Braille, joiners, variation selectors.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_WITHOUT_INK = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
# What may be cut off at the ends: never the parts of an emoji, which are also formats.
_AT_THE_ENDS = "".join(_UNSEEN) + "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"
_BREAKS = re.compile("[ \t]*(?:\r\n|[\n\r\v\f\x85\u2028\u2029])\\s*")


def is_blank(text: str) -> bool:
    """Whether it shows nothing: spaces, invisible characters, or no characters at all."""
    shown = _SELECTORS.sub("", text)
    return all(unicodedata.category(each) in _WITHOUT_INK or each in _UNSEEN for each in shown)


def paragraphs(text: str) -> str:
    r"""A text of several lines as it is kept: NFC, line ends as `\n`, trimmed; empty if it shows nothing."""
    kept = one_spelling(text.replace("\r\n", "\n").replace("\r", "\n"))
    return "" if is_blank(kept) else _trimmed(kept)


def single_line(text: str) -> str:
    """A text of one line as it is kept: as `paragraphs`, with spaces for line breaks."""
    return paragraphs(_BREAKS.sub(" ", text))


def one_spelling(text: str) -> str:
    """The text in NFC: what a Mac writes in two characters and Windows in one is the same."""
    return unicodedata.normalize("NFC", text)


def login_name(text: str) -> str:
    """A username as it is stored and looked up: case is ignored."""
    return one_spelling(single_line(text).lower())


def folded(text: str) -> str:
    """A text for comparison: case and Unicode form are ignored."""
    return one_spelling(one_spelling(text).casefold())


def customer_key(name: str) -> str:
    """One key for "Nordwerk  Möbel GmbH" and "nordwerk möbel gmbh"."""
    return " ".join(name.casefold().split())


def _trimmed(text: str) -> str:
    """Without spaces and invisible characters at both ends."""
    before = None
    while before != text:
        before, text = text, text.strip().strip(_AT_THE_ENDS)
    return text
