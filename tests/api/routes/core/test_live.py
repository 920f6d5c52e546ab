"""An open page gets all its regions as they are now, from one address, and nothing while they are the same."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import httpx2
import pytest
from sqlalchemy import update

from backend.cases.core.comments import comment
from backend.cases.core.journal import JournalLine, add_to_journal
from backend.cases.operations.failing_steps import FailedAttempt, note_failure
from backend.database.engine import Database
from backend.database.tables import Case, Delivery
from backend.kit.approval import ALL, DecisionKind
from backend.processes import by_key
from tests.support.approvals import answered, asked_about
from tests.support.cast import person
from tests.support.html import Element, page_of, said_in
from tests.support.purchases import purchase
from tests.support.web import Visitor

LIVE = {"countersign-live": "1"}
Change = Callable[[Database, Case], Awaitable[None]]


async def polled(client: httpx2.AsyncClient, page: Element, tag: str = "") -> httpx2.Response:
    """What the open page gets from the address that it polls."""
    return await client.get(page.one("#poll")["data-url"], headers={**LIVE, "if-none-match": tag})


async def unchanged(client: httpx2.AsyncClient, page: Element, tag: str) -> str:
    """The tag of what the page shows now, which a further poll finds unchanged.

    Without Temporal, a case says how old its status is, and so it changes with the minute: not twice in a row.
    """
    for _ in range(2):
        again = await polled(client, page, tag)
        if again.status_code == HTTPStatus.NOT_MODIFIED:
            return tag
        tag = again.headers["etag"]
    raise AssertionError("Each poll finds something else.")


async def test_the_page_of_a_case_follows_every_row_behind_it(database: Database, browser_of: Visitor) -> None:
    case, approval = await asked_about(database, purchase("20000"), needed=ALL)
    ann, finn = await browser_of("ann"), await browser_of("finn")
    page = page_of(await ann.get(f"/cases/{case.reference}"))
    first = await polled(ann, page)
    tag = await unchanged(ann, page, first.headers["etag"])
    assert "Finn Aalto and Fay Nowak have to approve" in said_in(first) or "Fay Nowak and Finn Aalto" in said_in(first)
    asked = await finn.post(f"/approvals/{approval.approval_id}/ask", data={"words": "Is the frame included?"})
    assert asked.status_code == 303
    question = await polled(ann, page, tag)
    assert question.headers["etag"] != tag
    assert page_of(question).one("#questions form textarea")["name"] == "answer"
    await answered(database, approval, "finn", DecisionKind.APPROVE)
    voted = await polled(ann, page, question.headers["etag"])
    assert "Fay Nowak has to approve" in page_of(voted).one("#says").text
    assert "Waiting for Fay Nowak, 1 of 2 approved." in said_in(voted)
    await answered(database, approval, "fay", DecisionKind.SEND_BACK, "Fewer, please.")
    back = page_of(await polled(ann, page, voted.headers["etag"]))
    assert "Fay Nowak requested changes to it." in back.one("#says").text
    assert f"/cases/{case.reference}/amend" in back.links
    assert "Fewer, please." in back.text


async def a_comment(database: Database, case: Case) -> None:
    await comment(database, by_key(), case.reference, "Is the frame included?", by=await person(database, "finn"))


async def a_line_of_its_activity(database: Database, case: Case) -> None:
    async with database.transaction(case.tenant_id) as session:
        line = JournalLine(key="k", kind="note", sentence="A second quote came in.")
        await add_to_journal(session, case, line)


async def an_email_that_failed(database: Database, case: Case) -> None:
    async with database.transaction(case.tenant_id) as session:
        mine = (Delivery.case_id == case.id, Delivery.person_id == "finn")
        await session.execute(update(Delivery).where(*mine).values(state="failed"))


async def attention(database: Database, case: Case) -> None:
    async with database.transaction(case.tenant_id) as session:
        words = "The supplier closed its account."
        await session.execute(update(Case).where(Case.id == case.id).values(attention=words))


async def a_failing_step(database: Database, case: Case) -> None:
    failed = FailedAttempt(case.workflow_id, "1", "issue_purchase_order", 4, "It is away.", None)
    await note_failure(database, failed)


@pytest.mark.parametrize(
    ("change", "region", "words"),
    [
        (a_comment, "case-comments", "Is the frame included?"),
        (a_comment, "case-comment-count", "1"),
        (a_line_of_its_activity, "case-side", "A second quote came in."),
        (an_email_that_failed, "case-side", "Failed Finn Aalto"),
        (attention, "case", "Needs attention The supplier closed its account."),
        (a_failing_step, "case", "Issue purchase order: failing since"),
    ],
)
async def test_each_region_of_the_page_of_a_case_follows(
    database: Database, browser_of: Visitor, change: Change, region: str, words: str
) -> None:
    case, _ = await asked_about(database)
    ann = await browser_of("ann")
    page = page_of(await ann.get(f"/cases/{case.reference}"))
    first = await polled(ann, page)
    assert words not in page_of(first).one(f"#live-{region}").text
    tag = await unchanged(ann, page, first.headers["etag"])
    await change(database, case)
    then = await polled(ann, page, tag)
    assert then.status_code == 200
    assert words in page_of(then).one(f"#live-{region}").text


@pytest.mark.parametrize(
    "path", ["/", "/approvals", "/approvals?list=unclaimed", "/notifications", "/people/me/substitutes"]
)
async def test_every_page_polls_and_is_told_once(database: Database, browser_of: Visitor, path: str) -> None:
    finn = await browser_of("finn")
    page = page_of(await finn.get(path))
    first = await polled(finn, page)
    tag = first.headers["etag"]
    assert (await polled(finn, page, tag)).status_code == 304
    await asked_about(database)
    then = await polled(finn, page, tag)
    assert then.status_code == 200
    before, after = page_of(first), page_of(then)
    assert before.one("#live-bell").text == "Notifications, none unread"
    assert after.one("#live-bell").text == "1 One unread notification"
    assert after.one("#live-count-approvals").text == "1 waiting for you"
    assert {each["id"] for each in after.all("[data-live]")} <= {each["id"] for each in page.all("[data-live]")}


async def test_the_page_of_an_approval_follows_and_its_form_keeps_the_version_it_was_opened_with(
    database: Database, browser_of: Visitor
) -> None:
    _, approval = await asked_about(database, purchase("20000"), needed=ALL)
    finn = await browser_of("finn")
    page = page_of(await finn.get(f"/approvals/{approval.approval_id}"))
    assert page.one("form[data-version]")["data-version"] == "1"
    tag = (await polled(finn, page)).headers["etag"]
    await answered(database, approval, "fay", DecisionKind.APPROVE)
    voted = page_of(await polled(finn, page, tag))
    assert "Waiting for Finn Aalto, 1 of 2 approved." in voted.text
    assert voted.has("#live-verdict form")
    await answered(database, approval, "finn", DecisionKind.APPROVE)
    closed = page_of(await polled(finn, page, tag))
    assert not closed.has("#live-verdict form")
    assert "Finn Aalto approved this" in closed.text


async def test_an_ended_session_leaves_the_open_page_alone(database: Database, browser_of: Visitor) -> None:
    await asked_about(database)
    nobody = await browser_of("")
    answer = await nobody.get("/approvals", headers=LIVE)
    assert (answer.status_code, answer.headers.get("location")) == (401, None)
