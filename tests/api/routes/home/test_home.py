"""Home lists what needs a person's attention, and the counter equals the list."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import delete, update

from backend.api.routes.home.pages import SHOWN
from backend.database.engine import Database
from backend.database.tables import Case, Membership
from backend.kit.action import OfferedAction
from backend.kit.approval import DecisionKind
from backend.kit.progress import Progress, Turn
from tests.support.approvals import answered, asked_about
from tests.support.html import Element, page_of, said_in, source_of
from tests.support.orders import order
from tests.support.purchases import purchase
from tests.support.web import Visitor


@pytest.fixture
async def reference(program_of: Visitor) -> str:
    """An order by ann."""
    headers = {"idempotency-key": str(uuid4())}
    ann = await program_of("ann")
    opened = await ann.post("/api/v1/processes/order_fulfillment/cases", json=order(), headers=headers)
    return str(opened.json()["reference"])


@pytest.fixture
async def root_buys(database: Database) -> AsyncIterator[None]:
    """The administrator may start purchases too."""
    async with database.across_tenants() as session:
        session.add(Membership(tenant_id="default", group_id="employees", person_id="root"))
    yield
    async with database.across_tenants() as session:
        mine = (Membership.person_id == "root", Membership.group_id == "employees")
        await session.execute(delete(Membership).where(*mine))


async def offer(database: Database, reference: str, *, turn: bool) -> None:
    """Write what the workflow reports when items are missing; the case waits for the requester if it is their turn."""
    now = datetime.now(UTC)
    until = now + timedelta(days=3)
    offered = [OfferedAction(key=key, offer=1, until=until) for key in ("send_what_there_is", "cancel_order")]
    whose = Turn(who="Ann Berger", since=now, until=until) if turn else None
    progress = Progress(turn=whose, actions=offered).model_dump(mode="json")
    async with database.across_tenants() as session:
        await session.execute(update(Case).where(Case.reference == reference).values(progress=progress))


async def waiting(client: httpx2.AsyncClient, where: str = "/") -> tuple[Element, str]:
    """The panel “Needs your attention” and its counter."""
    panel = page_of(await client.get(where)).one("section[aria-labelledby=h-wait]")
    return panel, panel.one(".cs-count").text


async def test_a_choice_waits_for_whose_case_stands_still_until_they_choose(
    reference: str, database: Database, browser_of: Visitor
) -> None:
    ann, olga = await browser_of("ann"), await browser_of("olga")
    await offer(database, reference, turn=False)
    assert (await waiting(ann))[1] == "0"
    await offer(database, reference, turn=True)
    listed, count = await waiting(ann)
    assert f"/cases/{reference}" in listed.links
    assert "Ship available items, Cancel order" in listed.text
    assert (count, "One item needs your attention." in said_in(await ann.get("/"))) == ("1", True)
    assert (await waiting(olga))[1] == "0"
    await asked_about(database, requester="mona", who=("person:ann",))
    listed, count = await waiting(ann)
    assert (count, len(listed.all(".cs-main-link"))) == ("2", 2)
    assert "2 items need your attention." in said_in(await ann.get("/"))
    where = f"/cases/{reference}/actions/cancel_order"
    form = page_of(await ann.get(where)).one("main form:has([name=form_token])").fields
    done = await ann.post(where, data=form | {"act": "1"})
    assert done.status_code == 303
    assert (await waiting(ann))[1] == "1"
    assert "One item needs your attention." in said_in(await ann.get("/"))


async def test_what_was_sent_back_waits_for_its_requester_until_it_is_changed(
    database: Database, browser_of: Visitor, program_of: Visitor
) -> None:
    ann, finn = await browser_of("ann"), await browser_of("finn")
    case, asked = await asked_about(database)
    assert (await waiting(ann))[1] == "0"
    await answered(database, asked, "finn", DecisionKind.SEND_BACK, "Which colour?")
    listed, count = await waiting(ann)
    assert (count, f"/cases/{case.reference}" in listed.links) == ("1", True)
    assert "Changes requested: edit and resubmit" in listed.text
    assert "Finn Aalto" in listed.text
    assert str((datetime.now(UTC) + timedelta(days=14)).date()) in listed.source
    page = page_of(await ann.get("/"))
    assert "One item needs your attention." in page.text
    assert "You: edit and resubmit" in page.text
    assert "Edit and resubmit it by" in said_in(await ann.get(f"/cases/{case.reference}"))
    assert (await waiting(finn))[1] == "0"
    program = await program_of("ann")
    changed = await program.patch(
        f"/api/v1/cases/{case.reference}/input", json={"version": 1, "input": purchase(title="Oak desks")}
    )
    assert changed.status_code == 200, changed.text
    assert (await waiting(ann))[1] == "0"
    assert "You: edit" not in source_of(await ann.get("/"))


async def test_what_needs_attention_names_whose_request_it_is(
    reference: str, database: Database, browser_of: Visitor
) -> None:
    async with database.across_tenants() as session:
        await session.execute(update(Case).where(Case.reference == reference).values(attention="The card is refused."))
    for who, name in (("ann", "You"), ("root", "Ann Berger")):
        listed, _ = await waiting(await browser_of(who))
        [row] = [each for each in listed.all("tbody tr") if f"/cases/{reference}" in each.links]
        assert row.one('[data-label="Requested by"]').text == name
        assert "Needs attention: The card is refused." in row.text


async def test_the_menu_marks_the_theme_that_is_set(browser_of: Visitor) -> None:
    edda = await browser_of("edda")
    await edda.post("/theme", data={"theme": "dark", "back": "/"})
    page = page_of(await edda.get("/"))
    assert page.one('[name=theme][aria-pressed="true"]')["value"] == "dark"
    await edda.post("/theme", data={"theme": "auto", "back": "/"})


async def test_whatever_home_counts_it_also_lists(database: Database, browser_of: Visitor) -> None:
    for number in range(SHOWN + 1):
        _, asked = await asked_about(database, purchase(title=f"Desks {number}"))
        await answered(database, asked, "finn", DecisionKind.SEND_BACK)
    ann = await browser_of("ann")
    listed, count = await waiting(ann)
    assert (count, len(listed.all(".cs-main-link"))) == ("6", SHOWN)
    (link,) = [link["href"] for link in listed.all("a") if link.text == "All 6 in my cases"]
    listed, count = await waiting(ann, link.removesuffix("#h-wait"))
    assert (count, len(listed.all(".cs-main-link"))) == ("6", 6)
    assert "in my cases" not in listed.source


async def test_home_counts_all_that_is_overdue_and_finds_what_runs_behind_what_ended(
    database: Database, browser_of: Visitor
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=3)
    for number in range(SHOWN + 1):
        await asked_about(database, purchase(title=f"Desks {number}"), asked_at=long_ago)
    finn = await browser_of("finn")
    assert "6 approvals are overdue" in said_in(await finn.get("/"))
    ended = update(Case).where(Case.title != "Desks 0").values(closed_at=datetime.now(UTC))
    for number in range(20):
        await asked_about(database, purchase(title=f"Chairs {number}"))
    async with database.across_tenants() as session:
        await session.execute(ended)
    page = page_of(await (await browser_of("ann")).get("/"))
    assert "Desks 0" in page.one("section[aria-labelledby=h-run]").text
    assert "No cases in progress" not in page.source


async def test_the_inbox_lists_the_same_tasks_with_the_same_number_as_home(
    database: Database, browser_of: Visitor
) -> None:
    for number in range(SHOWN + 1):
        _, asked = await asked_about(database, purchase(title=f"Desks {number}"))
        await answered(database, asked, "finn", DecisionKind.SEND_BACK)
    await asked_about(database, requester="mona", who=("person:ann",))
    ann = await browser_of("ann")
    home, count = await waiting(ann, "/?tasks=all")
    inbox = page_of(await ann.get("/approvals"))
    tasks = inbox.one("section[aria-labelledby=h-tasks]")
    listed = [link["href"] for link in tasks.all(".cs-main-link")]
    assert (len(listed), tasks.one(".cs-count").text) == (SHOWN + 1, str(SHOWN + 1))
    assert listed == [link["href"] for link in home.all(".cs-main-link") if link["href"].startswith("/cases/")]
    assert count == str(SHOWN + 2)
    assert inbox.one("nav.cs-seg [aria-current=page]").text == f"Mine {count}"
    assert inbox.one("h1").text == f"{count} items need your attention."


@pytest.mark.usefixtures("root_buys")
async def test_what_maintains_the_desk_is_offered_last_and_apart(app: FastAPI, browser_of: Visitor) -> None:
    backwards = dict(reversed(app.state.web.processes.items()))
    app.state.web = replace(app.state.web, processes=backwards)
    root, ann = await browser_of("root"), await browser_of("ann")
    for where, panel in (("/", "section[aria-labelledby=h-start]"), ("/processes", "main > section")):
        offered = page_of(await root.get(where)).all(panel)[0]
        kinds = [each.text if each.tag.startswith("h") else each["href"] for each in offered.all(".cs-tile, h2, h3")]
        start = kinds.index("Maintenance")
        assert kinds[start + 1 :] == [f"/processes/{key}/start" for key in ("overdue_digest", "retention_cleanup")]
        assert "/processes/purchase_approval/start" in kinds[:start]
        assert "Maintenance" not in said_in(await ann.get(where))


async def test_the_sheet_of_more_leaves_out_what_the_bar_of_tabs_has(browser_of: Visitor) -> None:
    page = page_of(await (await browser_of("ann")).get("/"))
    hidden = [link["href"] for link in page.all("#nav a.cs-hide-phone")]
    assert hidden == page.one(".cs-tabbar").links == ["/", "/approvals", "/cases"]
    assert "/processes" in [link["href"] for link in page.all("#nav a:not(.cs-hide-phone)")]


async def test_what_runs_says_when_it_was_opened_and_whom_it_waits_for(database: Database, browser_of: Visitor) -> None:
    case, _ = await asked_about(database, purchase(title="Lamps"), who=("person:finn",))
    opened = datetime.now(UTC) - timedelta(days=40)
    async with database.across_tenants() as session:
        await session.execute(update(Case).where(Case.id == case.id).values(opened_at=opened))
    panel = page_of(await (await browser_of("ann")).get("/")).one("section[aria-labelledby=h-run]")
    assert [head.text for head in panel.all("thead th")] == ["Case", "Progress", "Waiting on", "Opened"]
    row = panel.one("tbody tr")
    assert row.one("a")["href"] == f"/cases/{case.reference}"
    assert row.one("td[data-label='Waiting on']").text == "Finn Aalto"
    assert row.one("td[data-label=Opened] time")["datetime"].startswith(f"{opened:%Y-%m-%dT%H:%M}")
