"""No page says anything that cannot be translated. The list grows with the pages that are."""

import pytest

from tests.support.untranslated import PSEUDO, untranslated
from tests.support.web import Visitor

PAGES = ["/login", "/login?next=/cases"]
"""For whoever is signed out."""


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_for_everybody_can_be_translated(browser_of: Visitor, path: str) -> None:
    nobody = await browser_of("")
    answer = await nobody.get(path, headers=PSEUDO)
    assert answer.headers["content-language"] == "en-XA"
    assert untranslated(answer.text) == []


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>⟦Śáṽé⟧ 3</p>", []),
        ("<p>Save</p>", ["Save"]),
        ("<p>⟦Ǫƒ Ann⟧: Ann Berger</p>", []),
        ("<p>⟦ö ⟦ä⟧⟧ of</p>", ["⟦ö ⟦ä⟧⟧ of"]),
        ('<a title="Go">⟦ģ⟧</a>', ["title=Go"]),
        ('<input placeholder="Reference"><input type="submit" value="Send"><input type="hidden" value="kept">', None),
        ("<script>let a</script><style>b {}</style>", []),
    ],
)
def test_text_outside_the_marks_is_found(html: str, found: list[str] | None) -> None:
    expected = ["placeholder=Reference", "value=Send"] if found is None else found
    assert untranslated(html, data=["Ann Berger"]) == expected
