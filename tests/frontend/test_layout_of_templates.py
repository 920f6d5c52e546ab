"""Templates are readable: no line is too long to diff, and each names its context."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import nodes

from backend.api.routes.core.rendering import ROOT, make_templates

TEMPLATES = ROOT / "templates"
LONGEST = 140
#: What the renderer hands to every template.
GIVEN = {"active", "actor", "asset", "csrf_token", "language", "nav", "path", "processes", "toast", "url_for"}
GIVEN |= {"poll", "poll_url", "region", "undo"}
COMMENT = re.compile(r"\{#-(.*?)-#\}", re.DOTALL)
ALL = sorted(TEMPLATES.rglob("*.html"))
DRAWN = [file for file in ALL if file.parent.name not in {"components", "emails", "forms", "layouts", "styleguide"}]


def name_of(file: Path) -> str:
    return file.relative_to(TEMPLATES).as_posix()


def names_in(file: Path) -> Iterator[nodes.Name]:
    """All names in a template, read or set."""
    yield from make_templates().parse(file.read_text()).find_all(nodes.Name)


def own_names(file: Path) -> set[str]:
    """The names that a template sets or imports itself, including loops and macro parameters."""
    tree = make_templates().parse(file.read_text())
    own = {name.name for name in tree.find_all(nodes.Name) if name.ctx in {"store", "param"}}
    own |= {macro.name for macro in tree.find_all(nodes.Macro)}
    imports = (name for each in tree.find_all(nodes.FromImport) for name in each.names)
    return own | {name if isinstance(name, str) else name[1] for name in imports}


@pytest.mark.parametrize("file", ALL, ids=name_of)
def test_no_line_is_longer_than_can_be_compared(file: Path) -> None:
    assert not [number for number, line in enumerate(file.read_text().splitlines(), 1) if len(line) > LONGEST]


@pytest.mark.parametrize("file", DRAWN, ids=name_of)
def test_a_template_begins_with_its_context(file: Path) -> None:
    comment = COMMENT.match(file.read_text())
    assert comment
    said = comment[1].partition("Context:")[2]
    read = {name.name for name in names_in(file) if name.ctx == "load"}
    needed = read - own_names(file) - GIVEN - {"caller", "loop", "self", *make_templates().globals}
    assert not {name for name in needed if not re.search(rf"\b{name}:", said)}


CARDS = re.compile(r"<table[^>]*\bcs-cards\b.*?</table>", re.DOTALL)
CELL = re.compile(r"<td([^>]*(?:\{\{.*?\}\}[^>]*)*)>(.*?)</td>", re.DOTALL)
#: What says by itself what it is: titles, boxes to tick, and words for a state.
SELF_EVIDENT = re.compile(
    r"cs-hide-phone|cs-w\b|cs-pick|cs-ref|colspan|_status\(|_state\(|_result\(|cs-status|cs-strong|cs-approve"
)


@pytest.mark.parametrize("file", ALL, ids=name_of)
def test_a_cell_of_a_row_that_becomes_a_card_says_what_it_is(file: Path) -> None:
    """On a phone the head of the table is gone: “none” or a date alone means nothing."""
    bodies = [table.partition("<tbody>")[2].partition("<tfoot")[0] for table in CARDS.findall(file.read_text())]
    cells = [cell for body in bodies for cell in CELL.findall(body)]
    told = re.compile(f"data-label|{SELF_EVIDENT.pattern}")
    assert not [text for attributes, text in cells if not told.search(attributes + text)]
