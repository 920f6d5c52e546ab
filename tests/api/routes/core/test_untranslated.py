"""No page says anything that cannot be translated. The list grows with the pages that are."""

import pytest
from sqlalchemy import select

from backend.database.engine import Database
from backend.database.tables import Group, Person, Tenant
from tests.support.approvals import asked_about
from tests.support.html import page_of
from tests.support.untranslated import PSEUDO, untranslated
from tests.support.web import Visitor

PAGES = ["/login", "/login?next=/cases"]
"""For people who are signed out."""

EVERYONE = ["/people/me/substitutes", "/api/docs", "/styleguide", "/no-such-page"]
PAGES_OF = {
    "ann": EVERYONE,
    "root": [
        *EVERYONE,
        "/audit",
        "/audit?action=case.open",
        "/audit?actor=nobody",
        "/audit/proof",
        "/calendar",
        "/deliveries",
        "/deliveries?state=failed",
        "/executions",
        "/health",
        "/people",
        "/people/mona",
        "/people/nobody",
    ],
}
"""For people of the demo."""


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_for_everybody_can_be_translated(browser_of: Visitor, path: str) -> None:
    nobody = await browser_of("")
    answer = await nobody.get(path, headers=PSEUDO)
    assert answer.headers["content-language"] == "en-XA"
    assert untranslated(answer.text) == []


@pytest.fixture
async def data(database: Database) -> list[str]:
    """What the pages show of records: names, addresses, groups, tenants."""
    async with database.across_tenants() as session:
        people = [text for row in await session.execute(select(Person.name, Person.email, Person.id)) for text in row]
        groups, tenants = await session.scalars(select(Group.name)), await session.scalars(select(Tenant.name))
        return [*people, *groups, *tenants, "CET", "CEST", "PDF", "JSON"]


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, paths in PAGES_OF.items() for path in paths])
async def test_a_page_of_a_person_can_be_translated(
    browser_of: Visitor, database: Database, data: list[str], name: str, path: str
) -> None:
    await asked_about(database)
    person = await browser_of(name)
    answer = await person.get(path, headers=PSEUDO)
    assert answer.headers["content-language"] == "en-XA"
    assert untranslated(answer.text, data) == []


async def test_an_email_and_its_audit_trail_can_be_translated(
    browser_of: Visitor, database: Database, data: list[str]
) -> None:
    case, _ = await asked_about(database)
    root = await browser_of("root")
    (email,) = [link for link in page_of(await root.get("/deliveries")).links if link.startswith("/deliveries/")][:1]
    for path in (email, f"/audit?subject={case.reference}"):
        assert untranslated((await root.get(path, headers=PSEUDO)).text, [*data, case.reference, case.title]) == []


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>⟦Śáṽé⟧ 3</p>", []),
        ("<p>Save</p>", ["Save"]),
        ("<p>⟦Ǫƒ Ann⟧: Ann Berger</p>", []),
        ("<p>⟦ö ⟦ä⟧⟧ of</p>", ["⟦ö ⟦ä⟧⟧ of"]),
        ('<a title="Go">⟦ģ⟧</a>', ["title=Go"]),
        ('<input placeholder="Reference"><input type="submit" value="Send"><input type="hidden" value="kept">', None),
        ('<code>run</code><b translate="no">act</b><p lang="en">It <i>acts</i></p>', []),
        ("<script>let a</script><style>b {}</style>", []),
    ],
)
def test_text_outside_the_marks_is_found(html: str, found: list[str] | None) -> None:
    expected = ["placeholder=Reference", "value=Send"] if found is None else found
    assert untranslated(html, data=["Ann Berger"]) == expected
