"""Markdown is rendered as formatted text and cannot run anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.api.routes.core.markdown import MARKS, MOST_MARKS, as_html
from tests.support.html import Element, page_of

TAGS = {
    "p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "strong", "em", "s", "code", "pre", "blockquote", "a", "hr",
    "br", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {"href", "title", "rel", "start", "class"}


def shown(text: str) -> Element:
    """The rendered HTML."""
    return page_of(str(as_html(text)))


def tags(page: Element) -> set[str]:
    """The element names in the rendered HTML."""
    return {element.tag for element in page.all("*")} - {"head", "body"}


def assert_harmless(text: str) -> None:
    found = shown(text)
    assert tags(found) <= TAGS, text
    assert {name for element in (found, *found.all("*")) for name in element.attributes} <= ATTRIBUTES, text
    for address in found.links:
        scheme = address.strip().lower().partition(":")[0] if ":" in address.partition("/")[0] else ""
        assert scheme not in {"javascript", "vbscript", "data", "file"}, address


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "a <b onclick='alert(1)'>b</b>",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](java\nscript:alert(1))",
    "[click](&#106;avascript:alert(1))",
    "[click](javascript&colon;alert(1))",
    "[click](\x01javascript:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "[click](vbscript:msgbox)",
    "[click](http://a.example \"x' onmouseover='alert(1)\")",
    "[a]: javascript:alert(1)\n\n[a]",
    "<javascript:alert(1)>",
    "![pixel](https://tracker.example/pixel.gif)",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2Zy8+)",
    "```<script>\nalert(1)\n```",
    '```html"onmouseover="alert(1)\n</code></pre><script>alert(1)</script>\n```',
    "`</code><script>alert(1)</script>`",
    "| a |\n|:-:|\n| <script>alert(1)</script> |",
    "<!-- --><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "</div></article><iframe src=//evil.example>",
    "# <style>*{display:none}</style>",
    "{{ 7 * 7 }} {% raw %}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    '[x](https://a.example/?q="><script>alert(1)</script>)',
    '<a href="javascript:alert(1)">x</a>',
    "*" * 5_000,
    "[" * 5_000,
    "> " * 2_000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_harmless(text: str) -> None:
    assert_harmless(text)


@given(st.text(alphabet="<>&\"'`[](){}!*_#|~:/\\ \nabjavscriptonlood=\x00\u202e", max_size=200))
def test_whatever_somebody_writes_is_harmless(text: str) -> None:
    assert_harmless(text)


def test_marks_mean_something() -> None:
    found = shown("# Saturday\n\nWe **began** at *five*.\n\n1. one\n2. two\n\n> quoted\n\n[more](https://a.example/b)")
    for css, words in {
        "h2": "Saturday",
        "strong": "began",
        "em": "five",
        "ol > li:first-child": "one",
        "ol > li:last-child": "two",
        "blockquote": "quoted",
        'a[href="https://a.example/b"][rel="nofollow noopener noreferrer"]': "more",
    }.items():
        assert found.one(css).text == words


def test_headings_begin_below_the_title_of_the_page() -> None:
    assert tags(shown("# a\n\n## b\n\n###### c")) == {"h2", "h3", "h6"}


@pytest.mark.parametrize("mark", MARKS)
def test_a_text_that_is_nothing_but_marks_is_shown_as_it_is_and_not_parsed(mark: str) -> None:
    text = mark * (MOST_MARKS + 1)
    assert shown(text).one("p.cs-kept").text == text
    assert not shown(mark * 3).has(".cs-kept")
