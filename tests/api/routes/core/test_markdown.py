"""Markdown that people write is shown as text with marks, and can do nothing else."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.api.routes.core.markdown import as_html

TAGS = {
    "p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "strong", "em", "s", "code", "pre", "blockquote", "a", "hr",
    "br", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {"href", "title", "rel", "start", "class"}


class Seen(HTMLParser):
    """What a browser would make of it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")


def seen(text: str) -> Seen:
    found = Seen()
    found.feed(str(as_html(text)))
    found.close()
    return found


def assert_harmless(text: str) -> None:
    found = seen(text)
    assert found.tags <= TAGS, text
    assert set(found.attributes) <= ATTRIBUTES, text
    for address in found.attributes.get("href", []):
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
    html = as_html("# Saturday\n\nWe **began** at *five*.\n\n1. one\n2. two\n\n> quoted\n\n[more](https://a.example/b)")
    for expected in ("<h2>Saturday</h2>", "<strong>began</strong>", "<em>five</em>", "<ol>", "<blockquote>"):
        assert expected in html
    assert '<a href="https://a.example/b" rel="nofollow noopener noreferrer">more</a>' in html


def test_headings_begin_below_the_title_of_the_page() -> None:
    assert seen("# a\n\n## b\n\n###### c").tags == {"h2", "h3", "h6"}
