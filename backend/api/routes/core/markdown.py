"""Markdown as HTML that is safe to show: the only place that makes markup out of what people wrote."""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup

DEEPEST = 6
MARKS = "[]*_~`|!<&"
MOST_MARKS = 5_000  # a tenth of a second
# Of a preview, which is drawn again and again: characters, lines, and marks. All three take 30 ms at most.
PREVIEWED, LINES_PREVIEWED, MARKS_PREVIEWED = 20_000, 500, 500
KEPT = 128  # texts, of 20,000 characters at most
# Pages have their own h1; and the target of a link must not learn on which page it was.
LINK = {"rel": "nofollow noopener noreferrer"}


class _Renderer(RendererHTML):
    """HTML without a way to run anything: what looks like HTML is shown as text."""

    def heading_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """One level deeper than written."""
        tokens[index].tag = _deeper(tokens[index].tag)
        return self.renderToken(tokens, index, options, env)

    def heading_close(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """As it was opened."""
        tokens[index].tag = _deeper(tokens[index].tag)
        return self.renderToken(tokens, index, options, env)

    def th_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """A cell; its alignment would be an inline style, which no page of ours may have."""
        tokens[index].attrs.pop("style", None)
        return self.renderToken(tokens, index, options, env)

    td_open = th_open

    def link_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """A link; the library has refused what is none, such as `javascript:`."""
        for name, value in LINK.items():
            tokens[index].attrSet(name, value)
        return self.renderToken(tokens, index, options, env)


def _deeper(tag: str) -> str:
    return f"h{min(int(tag[1:]) + 1, DEEPEST)}"


@cache
def _parser() -> MarkdownIt:
    # No HTML, and no images: they would tell strangers who reads here.
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer)
    return parser.enable(["table", "strikethrough"]).disable(["image", "html_block", "html_inline"])


def preview(text: str) -> Markup | None:
    """What is being written as it will be shown; None if that would take too long for a preview."""
    lines, marks = max(map(text.count, "\n\r")), _marks_in(text) + text.count("\\")
    if len(text) > PREVIEWED or lines > LINES_PREVIEWED or marks > MARKS_PREVIEWED:
        return None
    return Markup(_parser().render(text))  # noqa: S704 - the renderer escapes all that it did not make


def _marks_in(text: str) -> int:
    return sum(map(text.count, MARKS))


@lru_cache(maxsize=KEPT)
def as_html(text: str) -> Markup:
    """The text as HTML; one that is mostly marks, which only costs time, as it was written."""
    if _marks_in(text) > MOST_MARKS:
        return Markup('<p class="cs-kept">{}</p>').format(text)
    return Markup(_parser().render(text))  # noqa: S704 - the renderer escapes all that it did not make
