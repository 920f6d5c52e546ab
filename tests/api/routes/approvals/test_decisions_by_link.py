"""Decisions by the personal link of an email: only a POST decides, as the recipient, and once."""

import json

from sqlalchemy import select, text, update

from backend.database.engine import Database
from backend.database.tables import Approval, AuditRow, Case, Person, RecordedDecision
from backend.kit.decision import DecisionKind, DecisionOption
from tests.support.approvals import answered
from tests.support.html import page_of, said_in
from tests.support.links import link_for, press, verdict
from tests.support.purchases import purchase
from tests.support.web import Visitor


async def test_the_post_decides_as_its_person_and_the_link_shows_the_outcome_ever_after(
    database: Database, browser_of: Visitor
) -> None:
    case, approval, link = await link_for(database)
    guest = await browser_of("")
    page = await guest.get(link)
    assert "Approve EUR 480.00" in said_in(page)
    assert (page.headers["referrer-policy"], page.headers["x-robots-tag"]) == ("same-origin", "noindex")
    answer = await press(guest, link)
    assert (answer.status_code, answer.headers["location"]) == (303, link)
    assert await verdict(database, approval) == ("approved", [("finn", "link")])
    for _ in range(2):
        after = page_of(await guest.get(link))
        assert "Finn Aalto approved this" in after.text
        assert not after.has("form")
    async with database.across_tenants() as session:
        bodies = [json.loads(row.body) for row in await session.scalars(select(AuditRow))]
    (decided,) = [body for body in bodies if body["action"] == "approval.decide"]
    assert (decided["actor"], decided["channel"], decided["subject"]) == ("finn", "link", case.reference)


async def test_the_same_press_again_changes_nothing_and_another_answer_is_refused(
    database: Database, browser_of: Visitor
) -> None:
    _, approval, link = await link_for(database)
    guest = await browser_of("")
    assert [(await press(guest, link)).status_code for _ in range(3)] == [303, 303, 303]
    other = await press(guest, link, "reject", comment="no")
    assert other.status_code == 409
    assert "Already decided" in said_in(other)
    assert await verdict(database, approval) == ("approved", [("finn", "link")])


async def test_a_link_that_was_used_cannot_answer_again_even_if_the_answer_was_taken_back(
    database: Database, browser_of: Visitor
) -> None:
    _, approval, link = await link_for(database)
    guest = await browser_of("")
    await press(guest, link)
    async with database.across_tenants() as session:
        await session.execute(text("DELETE FROM votes"))
        await session.execute(update(Approval).values(state="open", decided_at=None, decided_by=None))
        await session.execute(text("UPDATE candidates SET open = true"))
    answer = await press(guest, link)
    assert answer.status_code == 409
    assert "has already been used" in said_in(answer)
    assert (await verdict(database, approval))[0] == "open"
    assert "has already been used" in said_in(await guest.get(link))


async def test_a_no_needs_its_reason_and_does_not_spend_the_link_without(
    database: Database, browser_of: Visitor
) -> None:
    _, approval, link = await link_for(database)
    guest = await browser_of("")
    refused = await press(guest, link, "reject:reject", comment=" ")
    assert (refused.status_code, "Enter a reason" in said_in(refused)) == (422, True)
    assert await verdict(database, approval) == ("open", [])
    assert (await press(guest, link, "send_back:send_back", comment="Which model?")).status_code == 303
    assert (await verdict(database, approval))[0] == "sent_back"


async def test_a_yes_by_link_takes_the_fields_that_its_step_asks_for(
    database: Database, browser_of: Visitor, limited: None
) -> None:
    _, approval, link = await link_for(database)
    guest = await browser_of("")
    shown = page_of(await guest.get(link))
    assert shown.has("[name=up_to]")
    assert "Sign in to see it" not in shown.source
    for up_to in ("", "nothing", "0"):
        answer = await press(guest, link, up_to=up_to, note="For <now>")
        assert answer.status_code == 422
        wrong = page_of(answer)
        assert "Fix the fields below to approve." in wrong.text
        assert wrong.one("#f-up_to-error").text
        assert not wrong.one("#reason").carries("aria-invalid")
        assert wrong.one("[name=note]").held == "For <now>"
    assert await verdict(database, approval) == ("open", [])
    assert (await press(guest, link, up_to="500", note="For now")).status_code == 303
    assert await verdict(database, approval) == ("approved", [("finn", "link")])
    async with database.across_tenants() as session:
        assert (await session.scalars(select(RecordedDecision.extra))).one() == {"up_to": 500, "note": "For now"}
    assert "Up to: 500." in said_in(await guest.get(link))


async def test_a_no_by_link_needs_none_of_those_fields(database: Database, browser_of: Visitor, limited: None) -> None:
    _, approval, link = await link_for(database)
    guest = await browser_of("")
    silent = page_of(await press(guest, link, "reject", up_to=""))
    assert "Enter a reason" in silent.text
    assert silent.one("#reason").carries("aria-invalid")
    assert "f-up_to-error" not in silent.source
    assert (await press(guest, link, "reject", comment="Too dear.")).status_code == 303
    assert (await verdict(database, approval))[0] == "rejected"


async def test_a_yes_by_link_that_needs_a_reason_has_room_for_it(database: Database, browser_of: Visitor) -> None:
    trial = DecisionOption(
        key="trial", counts_as=DecisionKind.APPROVE, label="Release on trial", done="released", comment=True
    )
    link = (await link_for(database, options=(trial,)))[2]
    guest = await browser_of("")
    assert page_of(await guest.get(link)).one('form:has([value="approve:trial"])').has("[name=comment]")
    silent = await press(guest, link, "approve:trial")
    assert (silent.status_code, "Enter a reason" in said_in(silent)) == (422, True)
    assert (await press(guest, link, "approve:trial", comment="Until March.")).status_code == 303
    assert "You released today" in said_in(await guest.get(link))


async def test_a_version_that_was_not_on_the_screen_is_refused_with_the_difference(
    database: Database, browser_of: Visitor
) -> None:
    case, approval, link = await link_for(database)
    guest = await browser_of("")
    async with database.across_tenants() as session:
        changed = purchase("990.00")
        await session.execute(update(Case).where(Case.id == case.id).values(version=2, input=changed))
    answer = await press(guest, link)
    assert answer.status_code == 409
    assert link in page_of(answer).links
    assert await verdict(database, approval) == ("open", [])


async def test_four_eyes_and_lost_rights_hold_for_links_too(database: Database, browser_of: Visitor) -> None:
    _, approval, link = await link_for(database)
    guest = await browser_of("")
    async with database.across_tenants() as session:
        await session.execute(text("UPDATE case_versions SET edited_by = 'finn'"))
    assert "somebody else has to decide" in said_in(await guest.get(link))
    assert (await press(guest, link)).status_code == 403
    async with database.across_tenants() as session:
        await session.execute(update(Person).where(Person.id == "finn").values(active=False))
    assert ((await guest.get(link)).status_code, (await press(guest, link)).status_code) == (404, 404)
    assert await verdict(database, approval) == ("open", [])


async def test_a_stale_link_shows_who_decided(database: Database, browser_of: Visitor) -> None:
    _, approval, link = await link_for(database)
    await answered(database, approval, "fay", DecisionKind.REJECT, "too dear")
    page = await (await browser_of("")).get(link)
    assert page.status_code == 200
    assert "Fay Nowak rejected this" in said_in(page)
    assert not page_of(page).has("form")
