"""Text of a page that is not translated: outside the marks of the pseudo-locale."""

import re
from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from backend.i18n.pseudo import CLOSED, OPENED

PSEUDO = {"accept-language": "en-XA"}
READ_ALOUD = ("title", "aria-label", "placeholder", "alt", "aria-description", "aria-roledescription")
NOT_READ = {"script", "style", "template", "code", "pre"}
# The product's own name, what languages call themselves, and what is the same in every language.
ALWAYS = ("Countersign", "English", "Deutsch", "UTC", "EUR")
_MARKED = re.compile(f"{OPENED}[^{OPENED}{CLOSED}]*{CLOSED}")
_WORD = re.compile(r"[^\W\d_]{2,}")


def untranslated(html: str, data: Iterable[str] = ()) -> list[str]:
    """Texts with words outside the marks, but for `data`: people's names, what users typed, references."""
    root = LexborHTMLParser(html).root
    assert root is not None, "there is no HTML"
    known = sorted((*ALWAYS, *data), key=len, reverse=True)
    return [place + text for place, text in _texts(root) if _WORD.search(_without(text, known))]


def _without(text: str, known: Iterable[str]) -> str:
    while (fewer := _MARKED.sub(" ", text)) != text:  # a translated value within a translated sentence
        text = fewer
    for each in known:
        text = text.replace(each, " ")
    return text


def _texts(node: LexborNode) -> Iterator[tuple[str, str]]:
    """Each text with its prefix in a report: empty, or the name of the attribute."""
    for name, value in node.attributes.items() if node.is_element_node else ():
        if value and (name in READ_ALOUD or (name == "value" and _is_button(node))):
            yield f"{name}=", " ".join(value.split())
    if node.tag in NOT_READ or _is_the_same_in_every_language(node):
        return
    pieces: list[str] = []
    for child in node.iter(include_text=True):
        if child.is_text_node:
            pieces.append(child.text_content or "")
        elif child.is_element_node:
            yield from _texts(child)
    yield "", " ".join(" ".join(pieces).split())


def _is_the_same_in_every_language(node: LexborNode) -> bool:
    """Names of code and records, and texts marked as English."""
    marked = node.attributes if node.is_element_node else {}
    return marked.get("translate") == "no" or (node.tag != "html" and marked.get("lang") == "en")


def _is_button(node: LexborNode) -> bool:
    return node.tag == "input" and node.attributes.get("type") in {"submit", "button", "reset"}
