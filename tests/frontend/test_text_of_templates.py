"""The text of templates can be translated and is escaped: messages are literals, and nothing is marked safe."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import nodes

from backend.api.routes.core.rendering import ROOT, make_templates

TEMPLATES = sorted(file for file in (ROOT / "templates").rglob("*") if file.suffix in {".html", ".txt"})
# How many of the first arguments are messages, after those before them that are not.
MESSAGES = {"_": (0, 1), "gettext": (0, 1), "ngettext": (0, 2), "pgettext": (0, 2)}
DECLARED_SAFE = {"safe"}


def faults_in(source: str) -> Iterator[str]:
    """Messages that cannot be extracted, and texts marked safe without being escaped."""
    tree = make_templates().parse(source)
    for call in tree.find_all(nodes.Call):
        name = call.node.name if isinstance(call.node, nodes.Name) else ""
        first, behind = MESSAGES.get(name, (0, 0))
        messages = call.args[first:behind]
        if len(messages) < behind - first or not all(map(is_literal, messages)):
            yield f"line {call.lineno}: {name} of something else than a literal message"
    for filtered in tree.find_all(nodes.Filter):
        if filtered.name in DECLARED_SAFE:
            yield f"line {filtered.lineno}: declared safe"


def is_literal(node: nodes.Node) -> bool:
    """Whether this is a string literal; Jinja itself marks `trans` output as safe."""
    if isinstance(node, nodes.MarkSafeIfAutoescape | nodes.MarkSafe):
        return is_literal(node.expr)
    return isinstance(node, nodes.Const) and isinstance(node.value, str)


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.relative_to(ROOT / "templates").as_posix())
def test_messages_are_literal_and_nothing_is_declared_safe(file: Path) -> None:
    assert list(faults_in(file.read_text())) == []


@pytest.mark.parametrize(
    "source",
    [
        "{{ _(title) }}",
        '{{ _("Case " ~ title) }}',
        '{{ _("Case %s" % title) }}',
        '{{ ngettext("One case", word, count=2) }}',
        "{{ pgettext(where, 'Open') }}",
        "{{ _() }}",
        "{{ title | safe }}",
        '{{ _("Case %(title)s", title=title) | safe }}',
    ],
)
def test_what_cannot_be_extracted_or_escapes_nothing_is_found(source: str) -> None:
    assert len(list(faults_in(source))) == 1


@pytest.mark.parametrize(
    "source",
    [
        '{{ _("Case %(title)s", title=title) }}',
        '{{ ngettext("One case", "%(count)s cases", count=count) }}',
        "{% trans title=title %}Case {{ title }}{% endtrans %}",
        "{% trans count=n %}One case{% pluralize %}{{ count }} cases{% endtrans %}",
        "{{ url_for(name) }}{{ part.name(value) }}",
    ],
)
def test_literal_messages_are_in_order(source: str) -> None:
    assert list(faults_in(source)) == []
