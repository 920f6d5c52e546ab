"""Everyone who can see the case can see what each version of its form changed."""

from typing import Any
from uuid import uuid4

import httpx2

from backend.cases.approvals.request.open_approval import OpenedApproval, open_approval
from backend.cases.core.versions import write_version
from backend.cases.lifecycle.submission import Source, Submission, open_case
from backend.database.engine import Database
from backend.database.tables import Case
from backend.kit.approval import DecisionKind
from backend.processes import by_key
from tests.cases.core.test_compared import a_file
from tests.support.approvals import answered, asked_about, question_of
from tests.support.articles import article
from tests.support.cast import person
from tests.support.html import page_of, said_in
from tests.support.purchases import purchase
from tests.support.web import Visitor


async def sent_again(ann: httpx2.AsyncClient, reference: str) -> None:
    changed = purchase("80.00") | {"vendor": "Halden Regalbau"}
    answer = await ann.patch(f"/api/v1/cases/{reference}/input", json={"version": 1, "input": changed})
    assert answer.status_code == 200, answer.text


async def test_the_versions_of_a_case_tell_what_changed_and_by_whom(
    database: Database, program_of: Visitor, browser_of: Visitor
) -> None:
    case, asked = await asked_about(database, purchase("120.00"))
    await answered(database, asked, "finn", DecisionKind.SEND_BACK)
    await sent_again(await program_of("ann"), case.reference)
    ann = await browser_of("ann")
    assert "Compare 2 versions" in said_in(await ann.get(f"/cases/{case.reference}"))
    page = await ann.get(f"/cases/{case.reference}/versions")
    assert page.status_code == 200
    for words in ("Halden Regalbau", "120.00", "80.00", "Ann Berger", "First submission"):
        assert words in said_in(page), words
    assert (await (await browser_of("eve")).get(f"/cases/{case.reference}/versions")).status_code == 404


async def changed(
    database: Database, key: str, before: dict[str, Any], after: dict[str, Any]
) -> tuple[Case, OpenedApproval]:
    """A case of this process by ann in its second version, and the approval of that."""
    process, ann = by_key()[key], await person(database, "ann")
    first, second = [process.input.model_validate(form) for form in (before, after)]
    async with database.transaction(ann.tenant) as session:
        sent = Submission(process, first, source=Source.API, key=str(uuid4()), by=ann)
        case = await session.get_one(Case, (await open_case(session, sent)).case.id)
        await write_version(session, case, process, second, ann)
    return case, await open_approval(database, question_of(case))


async def shown(client: httpx2.AsyncClient, where: str) -> dict[str, tuple[str, str]]:
    """What the page says changed: by field, the old and the new value."""
    table = page_of(await client.get(where)).one("table.cs-diff")
    rows = [row for row in table.all("tbody tr") if row.has("del.cs-was")]
    return {row.one("th").text: (row.one("del").text, row.one("ins").text) for row in rows}


async def test_files_and_the_total_are_compared_in_words_on_both_pages(database: Database, browser_of: Visitor) -> None:
    owner = await person(database, "ann")
    offer, plan = [await a_file(database, name, owner) for name in ("Offer.pdf", "Plan.pdf")]
    line = {"description": "Desk", "quantity": 3, "unit_price": "120.00"}
    before = purchase(items=[line], attachments=[offer])
    after = purchase(items=[line | {"quantity": 10}], attachments=[offer, plan])
    case, asked = await changed(database, "purchase_approval", before, after)
    for name, where in {"ann": f"/cases/{case.reference}/versions", "finn": f"/approvals/{asked.approval_id}"}.items():
        found = await shown(await browser_of(name), where)
        assert found["Attachments"] == ("Offer.pdf", "Offer.pdf, Plan.pdf"), where
        assert found["Total"] == ("EUR 360.00", "EUR 1,200.00"), where


async def test_moments_are_those_of_the_readers_clock_on_both_pages(database: Database, browser_of: Visitor) -> None:
    before, after = [article(publish_at=f"2099-01-{day}T07:00:00Z") for day in (15, 16)]
    case, asked = await changed(database, "article_publication", before, after)
    for name, where in {"ann": f"/cases/{case.reference}/versions", "finn": f"/approvals/{asked.approval_id}"}.items():
        found = await shown(await browser_of(name), where)
        assert found["Publish at"] == ("Thu 15 Jan 2099 08:00", "Fri 16 Jan 2099 08:00"), where
