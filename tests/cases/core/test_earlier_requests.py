"""Who decides sees how earlier requests with the same vendor or customer ended."""

from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import update

from backend.cases.approvals.request.open_approval import open_approval
from backend.cases.core.earlier_requests import SHOWN, earlier_requests
from backend.cases.lifecycle.submission import Source, Submission, open_case
from backend.database.engine import Database
from backend.database.tables import Case
from backend.processes import by_key
from tests.support.approvals import a_case, question_of
from tests.support.cast import person
from tests.support.html import page_of
from tests.support.orders import order
from tests.support.purchases import purchase
from tests.support.web import Visitor

PURCHASE = by_key()["purchase_approval"]


async def ended(database: Database, vendor: str, outcome: str = "ordered", requester: str = "ann") -> Case:
    """A purchase from this vendor that is over."""
    case = await a_case(database, purchase("750.00", vendor=vendor, title=f"From {vendor}"), requester)
    over = {"outcome": outcome, "status": "completed", "closed_at": datetime.now(UTC)}
    async with database.transaction("default") as session:
        await session.execute(update(Case).where(Case.id == case.id).values(over))
    return case


async def seen(database: Database, who: str, case: Case) -> list[str]:
    """The references of the earlier requests that this person sees beside this case."""
    actor = await person(database, who)
    async with database.transaction("default") as session:
        found = await earlier_requests(session, actor, PURCHASE, case)
    assert found is not None
    return [each.reference for each in found.cases]


async def test_the_last_ones_that_ended_are_found_newest_first(database: Database) -> None:
    earlier = [
        await ended(database, vendor)
        for vendor in ("Kettler Metallbau", "kettler metallbau ", "Nord", "Kettler Metallbau", "KETTLER METALLBAU")
    ]
    await a_case(database, purchase(vendor="Kettler Metallbau"))
    case = await a_case(database, purchase(vendor="Kettler Metallbau"))
    later = await ended(database, "Kettler Metallbau")
    assert await seen(database, "finn", case) == [earlier[number].reference for number in (4, 3, 0)]
    assert SHOWN == 3
    assert later.reference not in await seen(database, "finn", case)
    assert await seen(database, "finn", earlier[0]) == []


async def test_nobody_sees_more_than_they_may(database: Database) -> None:
    own, other = await ended(database, "Only Some See"), await ended(database, "Only Some See", requester="olga")
    case = await a_case(database, purchase(vendor="Only Some See"))
    assert await seen(database, "finn", case) == [other.reference, own.reference]
    assert await seen(database, "ann", case) == [own.reference]
    assert await seen(database, "eve", case) == []


async def test_the_customer_of_an_order_is_found_by_the_form_and_a_form_without_one_has_none(
    database: Database,
) -> None:
    process, by = by_key()["order_fulfillment"], await person(database, "olga")
    email = "earlier@example.com"
    customer = {"name": "Cem Kaya", "email": email, "address": "Hafenstraße 3, 4020 Linz"}
    cases = []
    for number in range(2):
        form = process.input.model_validate(order(order_id=f"EARLIER-{number}", customer=customer))
        submission = Submission(process, form, source=Source.API, key=str(uuid4()), by=by)
        async with database.transaction("default") as session:
            opened = await open_case(session, submission)
            cases.append(opened.case)
    over = update(Case).where(Case.id == cases[0].id).values(outcome="fulfilled", closed_at=datetime.now(UTC))
    async with database.transaction("default") as session:
        await session.execute(over)
        found = await earlier_requests(session, by, process, cases[1])
        nothing = await earlier_requests(session, by, by_key()["overdue_digest"], cases[1])
    assert found is not None
    assert (found.label, found.partner) == ("Email", email)
    assert [each.reference for each in found.cases] == [cases[0].reference]
    assert nothing is None


async def test_they_are_listed_beside_the_decision(database: Database, browser_of: Visitor) -> None:
    earlier = await ended(database, "Beside It", outcome="rejected")
    case = await a_case(database, purchase(vendor="Beside It"))
    approval = await open_approval(database, question_of(case))
    finn = await browser_of("finn")
    shown = page_of(await finn.get(f"/approvals/{approval.approval_id}")).one("section[aria-labelledby=h-earlier]")
    assert "Vendor: Beside It" in shown.text
    (row,) = shown.all("tbody tr")
    assert row.links == [f"/cases/{earlier.reference}"]
    for said in ("From Beside It", "EUR 750.00", "Rejected", "Today"):
        assert said in row.text
    other = await open_approval(database, question_of(await a_case(database, purchase(vendor="Not Known Yet"))))
    assert not page_of(await finn.get(f"/approvals/{other.approval_id}")).has("#h-earlier")
