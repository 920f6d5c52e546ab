"""No page shows text that cannot be translated: every page of everyone in the demo, read in the pseudo-locale."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest
from pydantic import BaseModel
from sqlalchemy import select

from backend.database.engine import Database
from backend.database.tables import Budget, Group, Person, StockItem, Tenant
from backend.kit.approval import DecisionKind
from backend.kit.forms import FieldShape, describe
from backend.processes import PROCESSES
from tests.support.approvals import answered, asked_about
from tests.support.html import page_of
from tests.support.links import link_for
from tests.support.purchases import purchase
from tests.support.untranslated import PSEUDO, untranslated
from tests.support.web import Visitor

SIGNED_OUT = ["/login", "/login?next=/cases"]
EVERYONE = [
    "/",
    "/api/docs",
    "/approvals",
    "/approvals/filters",
    "/approvals?list=done",
    "/articles",
    "/cases",
    "/cases?status=completed",
    "/no-such-page",
    "/notifications",
    "/notifications/preferences",
    "/notifications/status",
    "/people/me/substitutes",
    "/processes",
    "/processes?q=nothing",
    "/styleguide",
]
MISSING = ("/no-such-page", "/people/nobody")
MORE_OF = {
    "ann": [],
    "mona": [],
    "finn": ["/approvals/policy/explain", "/approvals/policy/explain?process=purchase_approval"],
    "fay": [],
    "olga": [],
    "edda": [],
    "hugo": [],
    "eve": [],
    "zoe": ["/people", "/executions"],
    "root": [
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
"""The pages that only some people of the demo have."""
MAY_START = {
    "ann": ["purchase_approval", "order_fulfillment", "article_publication"],
    "finn": ["credit_check"],
    "hugo": ["employee_onboarding"],
    "root": ["retention_cleanup", "overdue_digest"],
}
# The pages of one approval, by the person who has them.
APPROVAL_PAGES = {
    "ann": [""],
    "finn": ["", "/ask", "/delegate", "/reassign", "/add-approver", "/correct", "/advise", "/undo"],
    "root": ["", "/override", "/reassign"],
}
CASE_PAGES = {
    "ann": ["", "/status", "/versions", "/recall"],
    "finn": ["", "/status"],
    "root": ["", "/status", "/recall"],
}


async def untranslated_on(client: httpx2.AsyncClient, paths: list[str], data: list[str]) -> dict[str, list[str]]:
    """The pages with texts that cannot be translated, and these texts."""
    found = {}
    for path in paths:
        answer = await client.get(path, headers=PSEUDO)
        assert answer.status_code == (404 if path in MISSING else 200), path
        assert answer.headers["content-language"] == "en-XA"
        found[path] = untranslated(answer.text, data)
    return {path: texts for path, texts in found.items() if texts}


@pytest.fixture
async def data(database: Database) -> list[str]:
    """What pages show of records and examples: names, addresses, groups, tenants, what people typed."""
    async with database.across_tenants() as session:
        people = [text for row in await session.execute(select(Person.name, Person.email, Person.id)) for text in row]
        names = [
            name
            for column in (Group.name, Tenant.name, Budget.name, StockItem.name, StockItem.sku)
            for name in await session.scalars(select(column))
        ]
    typed = [value for value in purchase().values() if isinstance(value, str)]
    examples = [field.example for process in PROCESSES for field in examples_in(process.input) if field.example]
    typed += [purchase()["items"][0]["description"], "because", "Buy it?", "unknown"]
    return [*people, *names, *typed, *examples, "CET", "CEST", "PDF", "JSON", "PUR", "USD", "CHF", "GBP"]


def examples_in(model: type[BaseModel]) -> Iterator[FieldShape]:
    """The fields of a form at every depth."""
    for field in describe(model).fields:
        yield field
        if field.model:
            yield from examples_in(field.model)


@dataclass
class Records:
    """What the pages show: a case that waits, one that was sent back, and an approval that was decided."""

    reference: str
    approval: str
    sent_back: str
    decided: str


@pytest.fixture
async def records(database: Database) -> Records:
    """A case in each state, and an approval for each approver of the demo."""
    for approver in ("mona", "olga", "edda", "hugo"):
        await asked_about(database, who=(f"person:{approver}",))
    case, approval = await asked_about(database)
    back, asked = await asked_about(database)
    await answered(database, asked, "finn", DecisionKind.SEND_BACK)
    _, decided = await asked_about(database)
    await answered(database, decided, "fay", DecisionKind.REJECT)
    return Records(case.reference, str(approval.approval_id), back.reference, str(decided.approval_id))


async def test_pages_before_signing_in_can_be_translated(browser_of: Visitor) -> None:
    assert await untranslated_on(await browser_of(""), SIGNED_OUT, []) == {}


@pytest.mark.usefixtures("records")
@pytest.mark.parametrize("name", MORE_OF)
async def test_the_pages_of_a_person_can_be_translated(browser_of: Visitor, data: list[str], name: str) -> None:
    paths = EVERYONE + MORE_OF[name]
    assert await untranslated_on(await browser_of(name), paths, data) == {}


@pytest.mark.parametrize("name", CASE_PAGES)
async def test_the_pages_of_a_case_can_be_translated(
    browser_of: Visitor, records: Records, data: list[str], name: str
) -> None:
    paths = [f"/cases/{each}{page}" for each in (records.reference, records.sent_back) for page in CASE_PAGES[name]]
    assert await untranslated_on(await browser_of(name), paths, data) == {}


@pytest.mark.parametrize("name", APPROVAL_PAGES)
async def test_the_pages_of_an_approval_can_be_translated(
    browser_of: Visitor, records: Records, data: list[str], name: str
) -> None:
    paths = [f"/approvals/{records.approval}{page}" for page in APPROVAL_PAGES[name]]
    paths.append(f"/approvals/{records.decided}")
    assert await untranslated_on(await browser_of(name), paths, data) == {}


@pytest.mark.parametrize("name", MAY_START)
async def test_a_start_form_can_be_translated_empty_and_with_errors(
    browser_of: Visitor, data: list[str], name: str
) -> None:
    person = await browser_of(name)
    for key in MAY_START[name]:
        path = f"/processes/{key}/start"
        empty = await person.get(path, headers=PSEUDO)
        assert (empty.status_code, untranslated(empty.text, data)) == (200, []), path
        token = page_of(empty).one("main form [name=form_token]").held or ""
        wrong = await person.post(path, data={"form_token": token, "send": "1", "unknown": "x"}, headers=PSEUDO)
        assert (wrong.status_code, untranslated(wrong.text, data)) == (422, []), path


async def test_a_refused_decision_can_be_translated(browser_of: Visitor, records: Records, data: list[str]) -> None:
    finn, path = await browser_of("finn"), f"/approvals/{records.approval}/decision"
    without_reason = {"decision": "reject", "version": "1", "comment": ""}
    refused = await finn.post(path, data=without_reason, headers=PSEUDO)
    assert (refused.status_code, untranslated(refused.text, data)) == (422, [])


async def test_the_page_of_a_personal_link_can_be_translated(
    browser_of: Visitor, database: Database, data: list[str]
) -> None:
    _, _, link = await link_for(database)
    assert await untranslated_on(await browser_of(""), [link], data) == {}


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
