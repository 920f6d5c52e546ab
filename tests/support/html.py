"""Parsed HTML: the visible text of a page, the values of its forms, and the targets of its links."""

from collections.abc import Iterator
from functools import cached_property
from html import unescape

import httpx2
from selectolax.lexbor import LexborHTMLParser, LexborNode

NEVER_SEEN = {"head", "noscript", "script", "style", "template"}
# Every other element begins a new line, so its words never run into those of its neighbours.
WITHIN_A_LINE = {
    "a", "abbr", "b", "bdi", "cite", "code", "data", "del", "em", "i", "ins", "kbd", "mark", "q", "s", "samp", "small",
    "span", "strong", "sub", "sup", "time", "u", "var", "wbr",
}  # fmt: skip


class Element:
    """An element with its content."""

    def __init__(self, node: LexborNode) -> None:
        self._node = node

    @cached_property
    def text(self) -> str:
        """The visible text on one line, without attributes, comments or hidden elements."""
        return " ".join("".join(_seen(self._node)).split())

    @cached_property
    def source(self) -> str:
        """The HTML with attributes and comments, to assert that something is absent."""
        return unescape(self._node.html or "")

    def all(self, css: str) -> list["Element"]:
        """The descendants that match a selector, in order."""
        found = self._node.css(css)  # it finds the element itself too
        return [Element(node) for node in found if node.mem_id != self._node.mem_id]

    def one(self, css: str) -> "Element":
        """The only descendant that matches a selector; AssertionError if there are none or several."""
        found = self.all(css)
        assert len(found) == 1, f"{len(found)} of {css} in: {self._node.html}"
        return found[0]

    def has(self, css: str) -> bool:
        """Whether a descendant matches a selector."""
        return bool(self.all(css))

    @property
    def tag(self) -> str:
        """The name of the element."""
        return self._node.tag or ""

    @property
    def attributes(self) -> set[str]:
        """The names of the attributes."""
        return set(self._node.attributes)

    def carries(self, attribute: str) -> bool:
        """Whether the attribute is present, with any value."""
        return attribute in self._node.attributes

    def __getitem__(self, attribute: str) -> str:
        return self._node.attributes[attribute] or ""

    @property
    def links(self) -> list[str]:
        """The targets of the links, in order."""
        return [link["href"] for link in self.all("a[href]")]

    @property
    def fields(self) -> dict[str, str]:
        """The values of the fields by name, as a browser sends them without a button; the first of equal names."""
        found: dict[str, str] = {}
        for field in self.all("input[name], select[name], textarea[name]"):
            if (value := field.held) is not None:
                found.setdefault(field["name"], value)
        return found

    @property
    def held(self) -> str | None:
        """The value of this field; None if it is not sent."""
        kind = self._node.attributes.get("type")
        unchecked = kind in {"checkbox", "radio"} and not self.carries("checked")
        if unchecked or kind == "submit" or self.carries("disabled"):
            return None
        if self._node.tag == "textarea":
            return self._node.text()
        if self._node.tag == "select":
            options = self.all("option[selected]") or self.all("option")
            return options[0].held if options else None
        if self._node.tag == "option" and not self.carries("value"):
            return self.text
        return self["value"] if self.carries("value") else ""


def page_of(source: httpx2.Response | str) -> Element:
    """The page or fragment of a response."""
    root = LexborHTMLParser(source if isinstance(source, str) else source.text).root
    assert root is not None, "there is no HTML"
    return Element(root)


def said_in(source: httpx2.Response | str) -> str:
    """The visible text of a response."""
    return page_of(source).text


def source_of(page: httpx2.Response) -> str:
    """The source of a page, to assert that something is absent. AssertionError for an error page."""
    assert page.status_code == 200, page.text
    return page_of(page).source


def _seen(node: LexborNode) -> Iterator[str]:
    if node.is_text_node:
        yield node.text_content or ""
    if not node.is_element_node or node.tag in NEVER_SEEN or "hidden" in node.attributes:
        return
    edge = "" if node.tag in WITHIN_A_LINE else "\n"
    yield edge
    for child in node.iter(include_text=True):
        yield from _seen(child)
    yield edge
