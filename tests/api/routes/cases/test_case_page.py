"""What the page of a case shows: one title, one status, each fact once, and in an order that reads well everywhere."""

from uuid import uuid4

import pytest
from sqlalchemy import text, update

from backend.cases.lifecycle.report import finish
from backend.cases.notifications.notify import notify
from backend.cases.operations.failing_steps import WORKFLOW_CODE, FailedAttempt, note_failure
from backend.database.engine import Database
from backend.database.tables import Case, OutboxRow
from backend.kit.case import CaseEnd
from backend.kit.notification import NotificationEvent
from backend.kit.progress import Progress, RowNote
from backend.workflows.order_fulfillment_actions import ORDER_ACTIONS
from tests.support.acting import offer
from tests.support.approvals import a_case
from tests.support.html import Element, page_of
from tests.support.orders import an_order, line
from tests.support.purchases import purchase
from tests.support.web import Visitor

STAMPS = "#status .cs-stamp, #status > div .cs-status"


async def page_for(browser_of: Visitor, who: str, case: Case) -> Element:
    """The page of the case as this person sees it."""
    return page_of(await (await browser_of(who)).get(f"/cases/{case.reference}"))


async def test_the_title_is_the_heading_and_one_status_stands_below_it(database: Database, browser_of: Visitor) -> None:
    case = await a_case(database, purchase(title="Eleven desks"))
    page = await page_for(browser_of, "ann", case)
    assert page.one("h1").text == "Eleven desks"
    assert [each.text for each in page.all(STAMPS)] == ["Queued"]


async def test_each_fact_is_shown_once(database: Database, browser_of: Visitor) -> None:
    requested = page_of((await page_for(browser_of, "ann", await a_case(database))).one("#live-case-request").source)
    labels = [term.text for term in requested.all("dt")]
    assert {"Vendor", "Cost centre", "Needed by"} <= set(labels)
    assert len(labels) == len(set(labels))
    assert requested.text.count("Nordwerk Möbel GmbH") == 1


async def test_what_a_group_says_is_not_repeated(database: Database, browser_of: Visitor) -> None:
    requested = (await page_for(browser_of, "ann", await an_order(database))).one("#live-case-request")
    labels = [term.text for term in requested.all("dt")]
    assert {"Order number", "Customer", "Email", "Address"} <= set(labels)
    assert len(labels) == len(set(labels))
    assert [requested.text.count(value) for value in ("Cem Kaya", "cem.kaya@example.com", "Hafenstraße 3")] == [1] * 3


@pytest.mark.parametrize(
    ("status", "outcome", "stamp"),
    [
        ("completed", "ordered", "Ordered"),
        ("completed", "recalled", "Withdrawn"),
        ("completed", "rejected", "Rejected"),
        ("cancelled", "", "Cancelled"),
        ("failed", "", "Failed"),
        ("terminated", "", "Terminated"),
    ],
)
async def test_a_case_that_is_over_says_when_it_ended_and_its_status_how(
    database: Database, browser_of: Visitor, status: str, outcome: str, stamp: str
) -> None:
    case = await a_case(database)
    async with database.transaction("default") as session:
        case = await session.get_one(Case, case.id)
        await finish(session, case, CaseEnd(outcome=outcome, sentence="It is over.") if outcome else None, status)
    page = await page_for(browser_of, "ann", case)
    assert [each.text for each in page.all(STAMPS)] == [stamp]
    assert page.one("#status .cs-fresh").text.startswith("Ended ")
    assert "Completed" not in page.one("main").text


async def emailed(database: Database, case: Case, many: int) -> None:
    """So many emails to ann about the case."""
    async with database.transaction("default") as session:
        for _ in range(many):
            await notify(session, case, NotificationEvent.COMING, {"ann"}, key=str(uuid4()), note="Soon.")


async def test_the_latest_emails_are_shown_and_the_others_unfold(database: Database, browser_of: Visitor) -> None:
    case = await a_case(database)
    await emailed(database, case, 3)
    page = await page_for(browser_of, "ann", case)
    assert len(page.all(".cs-mails > li")) == 3
    assert not page.has("section[aria-labelledby=h-mails] details")
    await emailed(database, case, 2)
    async with database.transaction("default") as session:
        await notify(session, case, NotificationEvent.ATTENTION, {"ann"}, key=str(uuid4()), note="Now.")
    page = await page_for(browser_of, "ann", case)
    panel = page.one("section[aria-labelledby=h-mails]")
    latest, more = panel.one("header ~ .cs-mails"), panel.one("details")
    assert [len(latest.all("li")), len(more.all("li"))] == [3, 3]
    assert more.one("summary").text == "Show all 6 emails"
    assert not more.carries("open")
    assert "Needs attention" in latest.all("li")[0].text


async def test_a_case_that_waits_to_start_says_how_many_are_ahead(database: Database, browser_of: Visitor) -> None:
    first = [await a_case(database) for _ in range(12)]
    page = await page_for(browser_of, "ann", first[-1])
    assert "Waiting to start: 11 requests are ahead of this one." in page.text
    assert "Nothing has started in the last minute." in page.text
    assert "ahead of this one" not in (await page_for(browser_of, "ann", first[0])).text
    async with database.across_tenants() as session:
        sent = update(OutboxRow).where(OutboxRow.case_id == first[0].id)
        await session.execute(sent.values(state="sent", sent_at=text("clock_timestamp()")))
    page = await page_for(browser_of, "ann", first[-1])
    assert "Waiting to start: 10 requests are ahead of this one." in page.text
    assert "It starts in about 10 min." in page.text


async def test_a_program_that_fails_is_said_with_its_reason(database: Database, browser_of: Visitor) -> None:
    case = await a_case(database)
    failed = FailedAttempt(case.workflow_id, WORKFLOW_CODE, "", 3, "KeyError: no such level", None)
    await note_failure(database, failed)
    page = await page_for(browser_of, "ann", case)
    [said] = [each.text for each in page.all(".cs-note-bad")]
    assert "because of an error in its program." in said
    assert "KeyError: no such level" in said
    assert "3 attempts failed." in said
    assert "It continues by itself once the program is corrected." in said


async def test_the_lines_that_are_missing_are_marked_in_words(database: Database, browser_of: Visitor) -> None:
    case = await an_order(database, line(), line("SHELF-07", 5, "100.00"))
    page = await page_for(browser_of, "ann", case)
    assert not page.has("#live-case-request tbody .cs-status")
    progress = Progress(row_notes=[RowNote(field="items", row=1, text="2 of 5 are missing")])
    async with database.across_tenants() as session:
        changed = update(Case).where(Case.id == case.id)
        await session.execute(changed.values(progress=progress.model_dump(mode="json")))
    page = await page_for(browser_of, "ann", case)
    lamp, shelf = page.all("#live-case-request tbody tr")
    assert not lamp.has(".cs-status")
    assert shelf.one("td:first-child .cs-status").text == "2 of 5 are missing"
    assert shelf.has("td:first-child .cs-status svg")


async def test_one_button_cancels_an_order_with_missing_items(database: Database, browser_of: Visitor) -> None:
    def cancelling(page: Element) -> list[str]:
        return [button["href"] for button in page.all("main a.btn") if button.text == "Cancel order"]

    case = await an_order(database)
    where = f"/cases/{case.reference}"
    assert cancelling(await page_for(browser_of, "ann", case)) == [f"{where}/recall"]
    await offer(database, case.reference, ORDER_ACTIONS)
    assert cancelling(await page_for(browser_of, "ann", case)) == [f"{where}/actions/cancel_order"]
    assert cancelling(await page_for(browser_of, "root", case)) == [f"{where}/recall"]
    await offer(database, case.reference, ORDER_ACTIONS[:1])
    assert cancelling(await page_for(browser_of, "ann", case)) == [f"{where}/recall"]


async def test_the_activity_is_read_after_the_request_and_before_files_and_comments(
    database: Database, browser_of: Visitor
) -> None:
    page = await page_for(browser_of, "ann", await a_case(database))
    headings = [heading.text for heading in page.all("main h2")]
    assert headings == ["Progress", "Request", "Activity", "Files", "Comments"]
