"""Drafts are saved while somebody types, are sent once, and lead to what they became."""

import re

import httpx2
from sqlalchemy import select

from backend.database.engine import Database
from backend.database.tables import Draft
from tests.api.routes.core.forms.test_forms import PDF, START, filled, hidden, my_cases
from tests.support.html import page_of, said_in, source_of
from tests.support.web import Visitor

SAVE = "/processes/purchase_approval/draft"
PROGRAM = ("tool.exe", b"MZ a program", "application/pdf")
SCRIPT = ("page.pdf", b"<script>", "application/pdf")


async def drafts(database: Database) -> list[Draft]:
    async with database.across_tenants() as session:
        return list(await session.scalars(select(Draft)))


async def empty_form(client: httpx2.AsyncClient) -> dict[str, str]:
    """The form as it is before anybody typed."""
    return page_of(await client.get(START)).one("main form:has([name=form_token])").fields


async def test_what_is_typed_is_saved_without_a_button_and_found_again(browser_of: Visitor, database: Database) -> None:
    ann = await browser_of("ann")
    form = await empty_form(ann) | {"title": "Lamps", "attachments_upload": "[object File]"}
    saved = await ann.post(SAVE, data=form)
    assert saved.status_code == 200
    assert re.search(r"Draft saved \d\d:\d\d", said_in(saved))
    await ann.post(SAVE, data=form | {"title": "Lamps for the hall"})
    (draft,) = await drafts(database)
    assert draft.title == "Lamps for the hall"
    assert "attachments_upload" not in dict(draft.fields)
    address = page_of(saved).one("#saved")["data-address"]
    again = await ann.get(address)
    assert page_of(again).one("[name=title]").held == "Lamps for the hall"
    assert hidden(again, "draft") == str(draft.id)
    assert "Lamps for the hall" in said_in(await ann.get("/"))
    assert await my_cases(ann) == []


async def test_nothing_typed_makes_no_draft(browser_of: Visitor, database: Database) -> None:
    ann = await browser_of("ann")
    answer = await ann.post(SAVE, data=await empty_form(ann))
    assert answer.status_code == 200
    assert "Draft saved" not in said_in(answer)
    assert await drafts(database) == []


async def test_somebody_elses_draft_is_not_written(browser_of: Visitor, database: Database) -> None:
    ann, mona = await browser_of("ann"), await browser_of("mona")
    form = await empty_form(ann) | {"title": "Mine"}
    await ann.post(SAVE, data=form)
    answer = await mona.post(SAVE, data=await empty_form(mona) | {"title": "Theirs", "draft": form["draft"]})
    assert answer.status_code == 404
    assert [draft.title for draft in await drafts(database)] == ["Mine"]


async def test_the_way_back_from_a_sent_draft_leads_to_its_case(browser_of: Visitor, database: Database) -> None:
    ann = await browser_of("ann")
    form = await filled(ann, title="Lamps for the hall")
    address = page_of(await ann.post(SAVE, data=form)).one("#saved")["data-address"]
    sent = await ann.post(START, data=form)
    reference = (await my_cases(ann))[0]
    assert sent.headers["location"] == f"/cases/{reference}"
    back = await ann.get(address)
    assert f"Already sent as {reference}" in said_in(back)
    assert f"/cases/{reference}" in page_of(back).one("main").links
    assert not page_of(back).has("[name=title]")
    late = await ann.post(SAVE, data=form | {"title": "Typed on"})
    assert f"Already sent as {reference}" in said_in(late)
    assert await drafts(database) == []


async def test_an_empty_form_names_what_was_sent_from_it_a_moment_ago(browser_of: Visitor) -> None:
    ann, finn = await browser_of("ann"), await browser_of("finn")
    assert "Already sent" not in said_in(await ann.get(START))
    await ann.post(START, data=await filled(ann, title="Lamps"))
    (reference,) = await my_cases(ann)
    assert f"Already sent as {reference}: Lamps" in said_in(await ann.get(START))
    assert "Already sent" not in said_in(await finn.get(START))
    assert "Already sent" not in said_in(await ann.get("/processes/order_fulfillment/start"))


async def test_a_draft_that_was_saved_while_it_was_sent_is_not_listed(browser_of: Visitor, database: Database) -> None:
    ann = await browser_of("ann")
    forms = [await filled(ann, title=f"Number {number}") for number in range(2)]
    for form in forms:
        await ann.post(SAVE, data=form)
    late, other = await drafts(database)
    await ann.post(START, data=next(form for form in forms if form["title"] == late.title))
    async with database.across_tenants() as session:
        session.add(Draft.model_validate(late.model_dump()))
    assert len(await drafts(database)) == 2
    assert late.title not in page_of(await ann.get("/")).one("[aria-labelledby=h-drafts]").text
    assert other.title in page_of(await ann.get("/")).one("[aria-labelledby=h-drafts]").text


async def test_what_is_changed_and_sent_again_is_kept_and_becomes_a_second_request(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    form = await filled(ann, title="Sent first")
    await ann.post(START, data=form)
    (first,) = await my_cases(ann)
    again = await ann.post(START, data=form | {"title": "Changed afterwards"})
    assert again.status_code == 409
    assert f"This form was already sent as {first}" in said_in(again)
    assert await my_cases(ann) == [first]
    second = page_of(again).one("main form:has([name=form_token])").fields
    assert second["title"] == "Changed afterwards"
    del second["attachments_upload"]  # no file was chosen
    assert (await ann.post(START, data=second | {"send": "1"})).status_code == 303
    assert len(await my_cases(ann)) == 2


async def test_refused_files_are_named_when_a_draft_is_kept(browser_of: Visitor, database: Database) -> None:
    ann = await browser_of("ann")
    form = await filled(ann, title="With three files")
    del form["send"]
    files = [("attachments_upload", each) for each in (PROGRAM, PDF, SCRIPT)]
    kept = await ann.post(START, data=form | {"keep": "1"}, files=files)
    assert kept.status_code == 422
    problems = page_of(kept).one("#problems").text
    assert "tool.exe is not" in problems
    assert "page.pdf is not" in problems
    assert "Draft saved" in said_in(kept)
    (draft,) = await drafts(database)
    assert (draft.title, dict(draft.fields)["attachments"]) == ("With three files", hidden(kept, "attachments"))
    for button in ("refresh", "add"):
        other = await ann.post(START, data=form | {button: "items"}, files=files[:1])
        assert (other.status_code, "tool.exe is not" in said_in(other)) == (422, True)


async def test_the_focus_goes_on_where_the_button_leads(browser_of: Visitor) -> None:
    ann = await browser_of("ann")
    form = await filled(ann)
    del form["send"]

    async def focused(**controls: str) -> list[str]:
        page = page_of(await ann.post(START, data=form | controls))
        return [each["id"] for each in page.all("main [autofocus]")]

    assert await focused(add="items") == ["f-items-1-description"]
    form |= {"items.1.description": "Lamp", "items.2.description": "Mat"}
    assert await focused(add="items") == ["f-items-3-description"]
    assert await focused(remove="items.0") == ["f-items-0-description"]
    assert await focused(remove="items.2") == ["f-items-1-description"]
    assert await focused(remove="items.x") == []
    assert await focused(send="1", title="") == ["problems"]
    assert await focused(refresh="1") == []


async def test_totals_follow_what_is_typed(browser_of: Visitor) -> None:
    ann, olga = await browser_of("ann"), await browser_of("olga")
    typed = await filled(ann, **{"items.0.quantity": "3", "items.0.unit_price": "400", "items.1.description": "Lamp"})
    live = page_of(await ann.post("/processes/purchase_approval/explain", data=typed))
    assert live.one("#t-items-0").text == "1,200.00"
    assert live.one("#t-items-1").text == "—"
    assert live.one("#f-items-total").text == "EUR 1,200.00"
    assert live.one("#f-items-without").text == "without line 2"
    assert "finance" in live.one("#who").text.lower()
    lines = {"currency": "EUR", "items.0.sku": "DESK-160", "items.0.quantity": "2", "items.0.unit_price": "10.50"}
    order = page_of(await olga.post("/processes/order_fulfillment/explain", data=lines))
    assert order.one("#f-items-total").text == "EUR 21.00"
    page = await olga.get("/processes/order_fulfillment/start")
    assert page_of(page).one("#who")["hx-post"] == "/processes/order_fulfillment/explain"
    assert page_of(page).one('[id="f-items-total"]').text == "—"
    assert "Show approvers" not in source_of(page)
